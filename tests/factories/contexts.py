"""What actions are given, without a database: facts of one quote of one organisation."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from rouage.automations.context import ActionContext, MemberFacts, OrganisationFacts, TemplateFacts
from rouage.planner.calendar import Calendar
from rouage.planner.model import Link

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday, 10:00 in Paris

_PEOPLE = {
    "contact.main": (11, "Laure Faure", "laure@beaurivage.example", "fr"),
    "contact.document": (11, "Laure Faure", "laure@beaurivage.example", "fr"),
    "contact.billing": (12, "Compta Beau Rivage", "compta@beaurivage.example", "fr"),
    "contact.dunning": (12, "Compta Beau Rivage", "compta@beaurivage.example", "fr"),
    "owner": (1, "Camille Renaud", "camille@lumen.example", "fr"),
    "lead": (2, "Yanis Belkacem", "yanis@lumen.example", "fr"),
    "assignee": (2, "Yanis Belkacem", "yanis@lumen.example", "fr"),
}
_PARTS = ("id", "name", "email", "language")
_STATUSES = {"quote": "sent", "invoice": "sent", "opportunity": "open", "contract": "active", "event": "confirmed"}


def make_snapshot(kind="quote", **facts):
    snapshot = {
        "organisation_id": 1,
        "id": 147,
        "kind": kind,
        "label": "D-2026-0147",
        "number": "D-2026-0147",
        "name": "Gala d’hiver",
        "subject": "Éclairage scénique",
        "status": _STATUSES.get(kind, "sent"),
        "total_net": Decimal("3650.00"),
        "total_gross": Decimal("4380.00"),
        "currency": "EUR",
        "validity_date": date(2026, 4, 1),
        "due_date": date(2026, 3, 30),
        "last_activity_at": NOW,
        "client.id": 7,
        "client.name": "Hôtel Beau Rivage",
        "client.email": "contact@beaurivage.example",
        "client.language": "fr",
    }
    for role, values in _PEOPLE.items():
        snapshot |= {f"{role}.{part}": value for part, value in zip(_PARTS, values, strict=True)}
    return {**snapshot, **facts}


def make_context(kind="quote", *, snapshot=None, facts=None, **changes):
    """``facts`` replace some of the usual snapshot."""
    context = ActionContext(
        organisation=OrganisationFacts(
            id=1, name="Lumen & Fils", language="fr", zone="Europe/Paris", currency="EUR", email="bonjour@lumen.example"
        ),
        calendar=Calendar(zone=ZoneInfo("Europe/Paris")),
        members={
            1: MemberFacts(id=1, name="Camille Renaud", email="camille@lumen.example", language="fr"),
            2: MemberFacts(id=2, name="Yanis Belkacem", email="yanis@lumen.example", language="en"),
        },
        templates={
            5: TemplateFacts(id=5, name="Relance 1", language="fr", subject="Votre devis {{ number }}", body="Bonjour"),
            6: TemplateFacts(id=6, name="Relance 1", language="en", subject="Your quote {{ number }}", body="Hello"),
        },
        run_id=900,
        automation_id=30,
        automation_name="Relances de devis",
        kind=kind,
        record_id=147,
        position=0,
        attempt=1,
        snapshot=make_snapshot(kind, **(facts or {})) if snapshot is None else snapshot,
        cause=(Link(run_id=900, automation_id=30, kind=kind, record_id=147),),
        now=NOW,
    )
    return replace(context, **changes)
