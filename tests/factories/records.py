"""Records for tests, made by the product's commands; dates count from NOW, a Monday, 10:00 in Paris."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from rouage.journal.actors import SYSTEM, Actor, ActorKind
from rouage.records import commands
from rouage.records.commands import LineIn
from rouage.records.models import Client, Contract, Event, Intervention, Invoice, Opportunity, Quote, Task
from tests.factories.accounts import NOW, make_organisation

ACTOR = Actor(kind=ActorKind.MEMBER, id=1, label="Camille Renaud")
TODAY = date(2026, 3, 2)
_numbers = count(1)


def make_client(organisation=None, *, name=None, contacts=None, now=NOW, **values) -> Client:
    """With a main contact who has an address, unless ``contacts`` says otherwise."""
    organisation = organisation or make_organisation()
    number = next(_numbers)
    if contacts is None:
        contacts = [{"name": f"Laure Faure {number}", "email": f"l.faure{number}@exemple.fr"}]
    values = {"name": name or f"Hôtel Beau Rivage {number}", **values}
    return commands.create_client(ACTOR, organisation, values, contacts=contacts, now=now)


def line(description="Pose", unit_price="100", **values) -> LineIn:
    return LineIn(description=description, unit_price=Decimal(unit_price), **values)


def make_quote(client=None, *, status="draft", lines=None, now=NOW, **values) -> Quote:
    client = client or make_client(now=now)
    values = {"client_id": client.pk, "subject": "Éclairage scénique", **values}
    made = commands.create_quote(ACTOR, client.organisation, values, lines or [line()], now=now)
    if status != "draft":
        if status not in {"sent", "accepted", "refused", "cancelled"}:
            commands.change_status(ACTOR, made, "sent", now=now)
        if status == "invoiced":
            commands.change_status(ACTOR, made, "accepted", now=now)
        if status != made.status:
            commands.change_status(ACTOR, made, status, now=now)
    return made


def make_invoice(client=None, *, status="sent", lines=None, due=30, now=NOW, **values) -> Invoice:
    """Issued and sent, due in ``due`` days (None: the client's term); a draft with ``status="draft"``."""
    client = client or make_client(now=now)
    values = {"client_id": client.pk, "subject": "Éclairage vitrine", **values}
    if due is not None:
        values.setdefault("due_date", now.date() + timedelta(days=max(due, 0)))
    made = commands.create_invoice(ACTOR, client.organisation, values, lines or [line()], now=now)
    if status == "draft":
        return made
    commands.change_status(ACTOR, made, "sent", now=now)
    if due is not None and due < 0:
        # An invoice cannot be issued with a due date in the past; this one has been waiting.
        Invoice.objects.filter(pk=made.pk).update(
            due_date=now.date() + timedelta(days=due), issue_date=now.date() + timedelta(days=due - 30)
        )
        made.refresh_from_db()
    if status != "sent":
        commands.change_status(ACTOR, made, status, now=now)
    return made


def pay(invoice, amount=None, *, now=NOW, paid_on=None):
    return commands.record_payment(
        ACTOR, invoice, amount=Decimal(amount or invoice.balance), paid_on=paid_on or now.date(), now=now
    )


def make_event(client=None, *, name="Gala d’hiver", days=30, now=NOW, **values) -> Event:
    client = client or make_client(now=now)
    start = now + timedelta(days=days)
    values = {"client_id": client.pk, "name": name, "start_at": start, "end_at": start + timedelta(hours=8), **values}
    return commands.create_event(ACTOR, client.organisation, values, now=now)


def make_intervention(client=None, *, title="Entretien annuel", days=10, now=NOW, **values) -> Intervention:
    client = client or make_client(now=now)
    start = now + timedelta(days=days) if days is not None else None
    values = {"client_id": client.pk, "title": title, "planned_start": start, **values}
    return commands.create_intervention(ACTOR, client.organisation, values, now=now)


def make_contract(client=None, *, name="Maintenance chaudière", renewal=60, now=NOW, **values) -> Contract:
    client = client or make_client(now=now)
    values = {
        "client_id": client.pk,
        "name": name,
        "start_date": now.date() - timedelta(days=305),
        "renewal_date": now.date() + timedelta(days=renewal),
        "amount": Decimal(1200),
        **values,
    }
    return commands.create_contract(ACTOR, client.organisation, values, now=now)


def make_opportunity(client=None, *, name="Saison 2027", stage=None, now=NOW, **values) -> Opportunity:
    client = client or make_client(now=now)
    values = {"client_id": client.pk, "name": name, "amount": Decimal(8400), **values}
    return commands.create_opportunity(ACTOR, client.organisation, values, stage=stage, now=now)


def make_task(organisation=None, *, title="Appeler le client", about=None, now=NOW, **values) -> Task:
    organisation = organisation or (about.organisation if about else make_organisation())
    return commands.create_task(ACTOR, organisation, {"title": title, **values}, about=about, now=now)


MAKERS = {
    "client": make_client,
    "quote": make_quote,
    "invoice": make_invoice,
    "event": make_event,
    "intervention": make_intervention,
    "contract": make_contract,
    "opportunity": make_opportunity,
    "task": make_task,
}


def make_record(kind, organisation=None, **values):
    """A record of any kind in its usual first state."""
    organisation = organisation or make_organisation()
    if kind in {"client", "task"}:
        return MAKERS[kind](organisation, **values)
    return MAKERS[kind](make_client(organisation), **values)


__all__ = ["ACTOR", "NOW", "SYSTEM", "TODAY"]
