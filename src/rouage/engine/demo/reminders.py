"""Ten weeks of payment reminders on a test clock: Northwind's unpaid invoices, real mails, and a journal to check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rouage.accounts.actors import actor_of
from rouage.accounts.calendars import calendar_of
from rouage.accounts.commands import add_member, create_organisation
from rouage.accounts.models import Member, Organisation, Profile
from rouage.automations import commands as automations
from rouage.automations.candidates import matching
from rouage.automations.definition import compile_definition, parse
from rouage.automations.explain import sentence
from rouage.automations.models import Automation, Evaluation, Run, Step
from rouage.engine.demo import clock
from rouage.engine.demo.automations import after, email
from rouage.engine.demo.people import MEMBERS, OWNER, PASSWORD
from rouage.journal.actors import SYSTEM
from rouage.mail.demo_mailbox import DemoMailbox
from rouage.mail.models import DemoMail, EmailTemplate, Recipient
from rouage.records import commands
from rouage.records.commands.daily import mark_overdue
from rouage.records.importing import import_northwind
from rouage.records.models import Invoice, Payment

ZONE = ZoneInfo("Europe/Paris")
BEGINS = datetime(2026, 11, 2, 8, 0, tzinfo=ZONE)
DAYS = 70
STATUSES = {
    "waiting": gettext_lazy("Waiting"),
    "running": gettext_lazy("Running"),
    "paused": gettext_lazy("Paused"),
    "finished": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "cancelled": gettext_lazy("Cancelled"),
    "done": gettext_lazy("sent"),
    "started": gettext_lazy("under way"),
    "skipped": gettext_lazy("left out"),
}
AUTOMATION = "Facture impayée : rappel 7 jours après l’échéance"

type Say = Callable[[str], None]


@dataclass(kw_only=True)
class Play:
    """One performance: who plays, what was done to the invoices, and what was found wrong."""

    organisation: Organisation
    member: Member
    automation: Automation
    paid: dict[int, datetime] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def play(say: Say, *, days: int = DAYS, language: str = "fr") -> Play:
    """Play it in the present database, which should be empty, and check the journal: ``faults`` is what is wrong.

    The mails go to a demo mailbox at ROUAGE_SMTP_PORT, which must be free.
    """
    hands = _Clock(BEGINS)
    mailbox = DemoMailbox(settings.ROUAGE_SMTP_PORT, clock=lambda: hands.now)
    mailbox.start()
    try:
        with translation.override(language), timezone.override(ZONE):
            return _play(say, days, hands)
    finally:
        mailbox.stop()


@dataclass(slots=True)
class _Clock:
    now: datetime

    def turn(self, now: datetime) -> None:
        self.now = now


def _play(say: Say, days: int, hands: _Clock) -> Play:
    show = _open(say)
    for number in range(days):
        day = BEGINS + timedelta(days=number)
        hands.now = clock.advance(hands.now, day, hands.turn)
        mark_overdue(day)
        _interfere(show, number, day, say)
        clock.settle(day)
    clock.advance(hands.now, BEGINS + timedelta(days=days), hands.turn)
    _tell(show, say)
    show.faults.extend(faults(show))
    _sum_up(show, say)
    return show


def _open(say: Say) -> Play:
    organisation = create_organisation("Northwind", now=BEGINS, email="compta@northwind.example")
    profile = Profile.objects.get(organisation=organisation, role="admin")
    member = add_member(
        SYSTEM, organisation, email=OWNER, name=MEMBERS[0].name, profile=profile, password=PASSWORD, now=BEGINS
    )
    found = import_northwind(actor_of(member), organisation, BEGINS)
    counts = {"clients": found.clients.new, "invoices": found.invoices.new}
    say(_("Northwind: %(clients)s clients and %(invoices)s invoices imported.") % counts)
    template = EmailTemplate.objects.create(
        organisation=organisation,
        name="Rappel",
        language="fr",
        kind="invoice",
        subject="Facture {{ number }} : un oubli ?",
        body="Bonjour,\n\nla facture {{ number }}, échue le {{ due_date | date }}, reste à régler : "
        "{{ balance | money }}.\n\nNorthwind",
    )
    draft = {
        "kind": "invoice",
        "trigger": {
            "type": "date_reached",
            "config": {"field": "due_date", "amount": 7, "unit": "days", "direction": "after", "past": "run"},
        },
        "steps": [
            email("contact.billing", template.pk, reminder=True),
            email("contact.billing", template.pk, timing=after(14, None), reminder=True),
        ],
    }
    made = automations.create(member, name=AUTOMATION, kind="invoice", draft=draft, now=BEGINS)
    count = matching(organisation.pk, compile_definition(parse(made.draft)), now=BEGINS, automation=made)
    published = automations.publish(member, made, existing=count.number, now=BEGINS)
    told = {"name": AUTOMATION, "number": published.enrolled}
    say(_("“%(name)s” is on; %(number)s unpaid invoices are taken in.") % told + "\n")
    return Play(organisation=organisation, member=member, automation=made)


def _interfere(show: Play, number: int, now: datetime, say: Say) -> None:
    """Each third day somebody pays, half at first every other time; each fifth day a due date is put off."""
    open_invoices = list(
        Invoice.objects.filter(organisation=show.organisation, balance__gt=0).exclude(status="draft").order_by("number")
    )
    if number % 3 == 0 and open_invoices:
        invoice = open_invoices[number % len(open_invoices)]
        half = number % 2 == 0 and invoice.paid_total == 0
        amount = (invoice.balance / 2).quantize(invoice.balance) if half else invoice.balance
        commands.record_payment(actor_of(show.member), invoice, amount=amount, paid_on=now.date(), now=now)
        if not half:
            show.paid[invoice.pk] = now
        say(f"{_day(now)}  {invoice.number}  {_('partly paid') if half else _('paid')}")
    if number % 5 == 0 and open_invoices:
        invoice = open_invoices[(2 * number) % len(open_invoices)]
        invoice.refresh_from_db()
        if invoice.balance and invoice.due_date:
            later = max(invoice.due_date, now.date()) + timedelta(days=10)
            commands.change_fields(actor_of(show.member), invoice, {"due_date": later}, now=now)
            show.moved.add(invoice.pk)
            say(f"{_day(now)}  {invoice.number}  {_('put off until %(day)s') % {'day': _day(later)}}")


def _day(day: date) -> str:
    return date_format(timezone.localtime(day) if isinstance(day, datetime) else day, "d/m")


def _tell(show: Play, say: Say) -> None:
    say("\n" + _("Journal"))
    for run in Run.objects.filter(organisation=show.organisation).order_by("label", "triggered_at"):
        say("  " + "  ".join([run.label, str(STATUSES[run.status]), *_why(run.outcome, run.kind)]))
        for step in Step.objects.filter(run=run).order_by("position", "attempt"):
            when = date_format(timezone.localtime(step.started_at), "D d/m H:i")
            number = _("reminder %(number)s") % {"number": step.position + 1}
            say("      " + "  ".join([number, when, str(STATUSES[step.status]), *_why(step.reason, run.kind)]))
    for skipped in Evaluation.objects.filter(organisation=show.organisation).order_by("at"):
        say("  " + "  ".join([_day(skipped.at), _("not started"), *_why(skipped.reason, skipped.kind)]))


def _why(reason: Mapping[str, Any] | None, kind: str) -> list[str]:
    return [sentence(reason, kind)] if reason else []


def faults(show: Play) -> Iterator[str]:
    """What the journal and the mailbox must never show."""
    calendar = calendar_of(show.organisation.pk)
    for recipient in Recipient.objects.filter(organisation=show.organisation).select_related("message"):
        message, left = recipient.message, recipient.message.sent_at
        if left is None:
            yield f"{message.subject}: not sent"
            continue
        if not calendar.is_open(left):
            yield f"{message.subject}: sent outside working hours, {left}"
        paid = show.paid.get(message.record_id or 0)
        if paid is not None and left > paid:
            yield f"{message.subject}: sent after the payment"
    yield from _twice(show)
    yield from _unexplained(show)


def _twice(show: Play) -> Iterator[str]:
    steps = list(Step.objects.filter(organisation=show.organisation, status="done").values_list("run_id", "position"))
    if len(steps) != len(set(steps)):
        yield "a reminder was sent twice by one run"
    mails = DemoMail.objects.filter(organisation=show.organisation).count()
    if mails != len(steps):
        yield f"{len(steps)} reminders in the journal, {mails} mails in the mailbox"
    if not mails:
        yield "no reminder was sent at all"


def _unexplained(show: Play) -> Iterator[str]:
    steps = Step.objects.filter(organisation=show.organisation, status="skipped", reason__isnull=True).count()
    runs = Run.objects.filter(organisation=show.organisation, status="cancelled", outcome__isnull=True).count()
    if steps or runs:
        yield f"without a reason: {steps} steps left out, {runs} runs cancelled"
    unpaid = Payment.objects.filter(organisation=show.organisation, invoice_id__in=show.paid)
    if not unpaid.exists() or not show.moved:
        yield "nothing was paid or put off: this performance has proved nothing"


def _sum_up(show: Play, say: Say) -> None:
    mails = DemoMail.objects.filter(organisation=show.organisation).count()
    stopped = Run.objects.filter(organisation=show.organisation, status="cancelled").count()
    told = {"mails": mails, "stopped": stopped, "moved": len(show.moved)}
    say("\n" + _("%(mails)s reminders sent, %(stopped)s stopped in time, %(moved)s due dates put off.") % told)
    for fault in show.faults:
        say(f"  {_('FAULT')}  {fault}")
    if not show.faults:
        say(_("None after payment, none twice, none outside working hours; each that did not leave has its reason."))
