"""What happened at the demo company in the last weeks: who did what, on which day, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from rouage.accounts.actors import actor_of
from rouage.accounts.models import Member, Organisation
from rouage.automations import commands as automations
from rouage.automations.commands import Asked
from rouage.automations.models import Automation, Run
from rouage.engine.demo.people import CLIENTS
from rouage.journal.actors import Actor
from rouage.records import commands
from rouage.records.commands import LineIn
from rouage.records.models import Client, Pipeline, Stage

FIRST_DAY = -46


class Scene(NamedTuple):
    day: int  # counted from today
    at: time
    play: Callable[[datetime], None]


@dataclass(kw_only=True)
class Story:
    """The company's records by a short name, while the story is told."""

    organisation: Organisation
    members: Mapping[str, Member]
    today: date
    records: dict[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return actor_of(self.members["camille"])

    def moment(self, day: int, at: time) -> datetime:
        return datetime.combine(self.today + timedelta(days=day), at, ZoneInfo(self.organisation.zone))

    def client(self, key: str) -> Client:
        found: Client = self.records[key]
        return found

    def settle_clients(self, now: datetime) -> None:
        for company in CLIENTS:
            self.records[company.key] = commands.create_client(
                self.actor, self.organisation, company.values, contacts=company.contacts, now=now
            )

    def quote(self, key: str, client: str, subject: str, price: int, valid: int = 30) -> Callable[[datetime], None]:
        def play(now: datetime) -> None:
            values = {
                "client_id": self.client(client).pk,
                "subject": subject,
                "validity_date": now.date() + timedelta(days=valid),
                "owner_id": self.members["camille"].pk,
            }
            lines = (
                LineIn(description=subject, quantity=1, unit="forfait", unit_price=Decimal(price)),
                LineIn(description="Installation et réglages", quantity=2, unit="h", unit_price=Decimal(65)),
            )
            made = commands.create_quote(self.actor, self.organisation, values, lines, now=now)
            self.records[key] = made
            commands.change_status(self.actor, made, "sent", now=now)

        return play

    def invoice(self, key: str, client: str, subject: str, price: int, due: int = 20) -> Callable[[datetime], None]:
        def play(now: datetime) -> None:
            values = {
                "client_id": self.client(client).pk,
                "subject": subject,
                "due_date": now.date() + timedelta(days=due),
                "owner_id": self.members["camille"].pk,
            }
            lines = (LineIn(description=subject, quantity=1, unit="forfait", unit_price=Decimal(price)),)
            made = commands.create_invoice(self.actor, self.organisation, values, lines, now=now)
            self.records[key] = made
            commands.change_status(self.actor, made, "sent", now=now)

        return play

    def status(self, key: str, status: str) -> Callable[[datetime], None]:
        return lambda now: commands.change_status(self.actor, self.records[key], status, now=now)

    def pay(self, key: str, share: str = "1") -> Callable[[datetime], None]:
        def play(now: datetime) -> None:
            invoice = self.records[key]
            amount = (invoice.total_gross * Decimal(share)).quantize(Decimal("0.01"))
            commands.record_payment(self.actor, invoice, amount=amount, paid_on=now.date(), now=now)

        return play

    def event(self, key: str, client: str, name: str, starts: int, location: str) -> Callable[[datetime], None]:
        def play(now: datetime) -> None:
            start = self.moment(starts, time(18))
            values = {
                "client_id": self.client(client).pk,
                "name": name,
                "start_at": start,
                "end_at": start + timedelta(hours=6),
                "location": location,
                "lead_id": self.members["yanis"].pk,
                "owner_id": self.members["camille"].pk,
                "brief": "Plan de feu, 24 projecteurs, un poursuiteur.",
            }
            self.records[key] = commands.create_event(self.actor, self.organisation, values, now=now)

        return play

    def intervention(self, key: str, client: str, title: str, starts: int) -> Callable[[datetime], None]:
        def play(now: datetime) -> None:
            values = {
                "client_id": self.client(client).pk,
                "title": title,
                "assignee_id": self.members["sophie"].pk,
                "owner_id": self.members["yanis"].pk,
            }
            made = commands.create_intervention(self.actor, self.organisation, values, now=now)
            self.records[key] = made
            start = self.moment(starts, time(10))
            dates = {"planned_start": start, "planned_end": start + timedelta(hours=2)}
            commands.change_fields(self.actor, made, dates, now=now)
            made.refresh_from_db()
            if made.status != "planned":
                commands.change_status(self.actor, made, "planned", now=now)

        return play

    def contract(self, key: str, client: str, name: str, renewal: int) -> Callable[[datetime], None]:
        def play(now: datetime) -> None:
            day = self.today + timedelta(days=renewal)
            values = {
                "client_id": self.client(client).pk,
                "name": name,
                "start_date": day - timedelta(days=365),
                "renewal_date": day,
                "amount": Decimal(1200),
                "owner_id": self.members["sophie"].pk,
            }
            made = commands.create_contract(self.actor, self.organisation, values, now=now)
            self.records[key] = made
            if made.status != "active":
                commands.change_status(self.actor, made, "active", now=now)

        return play

    def opportunity(self, key: str, client: str, name: str, amount: int) -> Callable[[datetime], None]:
        def play(now: datetime) -> None:
            values = {
                "client_id": self.client(client).pk,
                "name": name,
                "amount": Decimal(amount),
                "owner_id": self.members["yanis"].pk,
            }
            made = commands.create_opportunity(self.actor, self.organisation, values, now=now)
            self.records[key] = made

        return play

    def stage(self, key: str, position: int) -> Callable[[datetime], None]:
        def play(now: datetime) -> None:
            pipeline = Pipeline.objects.filter(organisation=self.organisation).earliest("position")
            stage = Stage.objects.get(pipeline=pipeline, position=position)
            commands.move_stage(self.actor, self.records[key], stage, now=now)

        return play

    def note(self, key: str, text: str) -> Callable[[datetime], None]:
        return lambda now: commands.add_note(self.actor, self.records[key], text, now=now)

    def pause(self, key: str, text: str) -> Callable[[datetime], None]:
        """A client called: the reminders of this record wait until somebody lets them go on."""

        def play(now: datetime) -> None:
            record = self.records[key]
            asked = Asked(member=self.members["yanis"], now=now, note=text)
            automations.pause_all(asked, type(record).__name__.lower(), record.pk)

        return play

    def cancel(self, key: str) -> Callable[[datetime], None]:
        def play(now: datetime) -> None:
            record = self.records[key]
            found = Run.objects.filter(
                organisation=self.organisation, kind=type(record).__name__.lower(), record_id=record.pk
            )
            asked = Asked(member=self.members["camille"], now=now, note="Le client a déjà répondu par téléphone.")
            automations.cancel_runs(asked, [run.pk for run in found.filter(status="waiting")])

        return play

    def switch_off(self, name: str) -> Callable[[datetime], None]:
        def play(now: datetime) -> None:
            automation = Automation.objects.get(organisation=self.organisation, name=name)
            automations.disable(self.members["camille"], automation, now=now)

        return play

    def task(self, title: str, key: str, member: str, due: int) -> Callable[[datetime], None]:
        def play(now: datetime) -> None:
            values = {
                "title": title,
                "assignee_id": self.members[member].pk,
                "due_at": self.moment(due, time(17)),
            }
            commands.create_task(self.actor, self.organisation, values, about=self.records[key], now=now)

        return play


MORNING, NOON, EVENING = time(9, 12), time(11, 40), time(16, 42)


def scenes(story: Story) -> Sequence[Scene]:
    """In the order of time; automations are in place before the first of them."""
    return (*_autumn(story), *_last_month(story), *_last_fortnight(story))


def _autumn(s: Story) -> Sequence[Scene]:
    """Six to four weeks ago."""
    return (
        Scene(-45, MORNING, s.contract("tilleuls_cm", "tilleuls", "Maintenance de l’éclairage de sécurité", 22)),
        Scene(-45, NOON, s.contract("parc_cm", "parc", "Contrôle annuel des blocs autonomes", 75)),
        Scene(-44, MORNING, s.invoice("f_tilleuls", "tilleuls", "Mise en lumière du hall", 1840)),
        Scene(-43, NOON, s.invoice("f_morel", "morel", "Éclairage de l’atelier", 960)),
        Scene(-42, MORNING, s.event("vernissage", "musee", "Vernissage d’automne", -8, "Gap")),
        Scene(-41, NOON, s.invoice("f_horizon", "horizon", "Fête de quartier", 720)),
        Scene(-40, MORNING, s.opportunity("dormante", "theatre", "Saison 2027 du théâtre", 18400)),
        Scene(-38, NOON, s.opportunity("seminaire", "actea", "Séminaire Actéa", 6200)),
        Scene(-36, EVENING, s.stage("seminaire", 3)),
        Scene(-35, NOON, s.pay("f_horizon")),
        Scene(-33, MORNING, s.quote("d_theatre", "theatre", "Rénovation du gril technique", 14200, 45)),
        Scene(-31, NOON, s.quote("d_horizon", "horizon", "Concert de fin d’année", 2300)),
        Scene(-28, EVENING, s.stage("seminaire", 5)),
        Scene(-27, NOON, s.invoice("f_parc", "parc", "Remplacement de blocs autonomes", 1320, 15)),
    )


def _last_month(s: Story) -> Sequence[Scene]:
    """The two weeks before the last two."""
    return (
        Scene(-24, EVENING, s.status("d_horizon", "accepted")),
        Scene(-23, MORNING, s.event("gala", "beau_rivage", "Gala d’hiver", 14, "Salon des glaces, Annecy")),
        Scene(-22, NOON, s.note("d_theatre", "Le directeur technique attend l’accord de la ville.")),
        Scene(-20, MORNING, s.intervention("i_parc", "parc", "Contrôle des blocs de secours", -14)),
        Scene(-17, NOON, s.pay("f_tilleuls", "0.5")),
        Scene(-16, EVENING, s.event("congres", "actea", "Congrès Actéa", 3, "Lyon")),
        Scene(-15, NOON, s.switch_off("Opportunité dormante")),
        Scene(-14, EVENING, s.status("i_parc", "done")),
    )


def _last_fortnight(s: Story) -> Sequence[Scene]:
    """The last two weeks."""
    return (
        Scene(-13, MORNING, s.quote("d_rivage", "beau_rivage", "Scénographie du gala d’hiver", 8600)),
        Scene(-12, NOON, s.quote("d_morel", "morel", "Enseigne lumineuse", 1480)),
        Scene(-11, MORNING, s.quote("d_parc", "parc", "Éclairage du parking", 5400)),
        Scene(-10, NOON, s.pay("f_parc")),
        Scene(-9, EVENING, s.pause("d_rivage", "Lucie Ferrand rappelle après son conseil d’administration.")),
        Scene(-8, NOON, s.quote("d_musee", "musee", "Vitrines : éclairage muséographique", 6900)),
        Scene(-7, MORNING, s.quote("d_petit", "horizon", "Location de deux projecteurs", 180)),
        Scene(-6, NOON, s.intervention("i_tilleuls", "tilleuls", "Dépannage du hall", 4)),
        Scene(-5, MORNING, s.quote("d_mairie", "mairie", "Illuminations de décembre", 12600)),
        Scene(-4, NOON, s.task("Rappeler la mairie pour la visite", "d_mairie", "camille", 0)),
        Scene(-4, EVENING, s.invoice("f_actea", "actea", "Acompte du congrès", 3100)),
        Scene(-3, NOON, s.status("d_parc", "accepted")),
        Scene(-3, EVENING, s.task("Commander les gélatines du gala", "gala", "yanis", 2)),
        Scene(-2, MORNING, s.intervention("i_actea", "actea", "Repérage de la salle", 6)),
        Scene(-2, NOON, s.opportunity("noel", "mairie", "Marché de Noël", 9800)),
        Scene(-1, MORNING, s.cancel("d_mairie")),
        Scene(-1, NOON, s.quote("d_actea", "actea", "Captation du congrès", 2750)),
        Scene(-1, EVENING, s.task("Relire le plan de feu du gala", "gala", "camille", -1)),
    )
