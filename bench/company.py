"""Ten companies with automations, clients and quotes, and the bursts of work that are measured."""

import json
import secrets
import time
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from django.db import connection, transaction
from django.utils import timezone

from rouage.accounts.commands import add_member, create_organisation
from rouage.accounts.models import Member, Organisation, Profile
from rouage.accounts.privileges import Role
from rouage.automations.definition import DefinitionIn
from rouage.automations.models import Automation, Run, Version
from rouage.automations.outcome import NEW_RUN
from rouage.engine import claim, pumps
from rouage.engine.claim import Turn
from rouage.journal import bulk
from rouage.journal.actors import SYSTEM
from rouage.journal.append import EVENT_COLUMNS
from rouage.journal.models import DomainEvent
from rouage.records.models import Client, Contact, Quote

COMPANIES = 10
CLIENTS = 200  # of each company
MARK = -1  # the event of runs that no event has started

TASK = {
    "action": {
        "type": "create_task",
        "config": {"title": "Vérifier le devis {{ number }}", "people": {"roles": ["owner"]}, "due_in": 2},
    },
}
MAIL = {
    "timing": {"type": "later", "amount": 7, "unit": "days"},
    "when": {"mode": "all", "of": [{"field": "total_gross", "operator": "is_at_least", "value": "500"}]},
    "action": {
        "type": "send_email",
        "config": {
            "recipients": {"roles": ["contact.document"]},
            "subject": "Votre devis {{ number }}",
            "body": "Bonjour {{ contact.document.name }},\n\nnotre devis {{ number }} de {{ total_gross | money }} est "
            "valable jusqu'au {{ validity_date | date }}. Avez-vous pu le lire ?\n\n{{ organisation.name }}",
            "reminder": True,
        },
    },
}
BIG = {"mode": "all", "of": [{"field": "total_gross", "operator": "is_at_least", "value": "500"}]}

QUOTE = (
    "id", "organisation_id", "client_id", "owner_id", "number", "subject", "currency", "issue_date", "validity_date",
    "total_net", "total_tax", "total_gross", "status", "search_text", "created_at", "updated_at", "last_activity_at",
)  # fmt: skip
_numbers = count(1)


def furnish() -> None:
    """Each company has one automation that fits, and two that listen to something else."""
    now = timezone.now()
    for number in range(COMPANIES):
        organisation = create_organisation(f"Atelier {number}", now=now)
        # Always open: a figure must not depend on the day on which it is measured.
        Organisation.objects.filter(pk=organisation.pk).update(
            working_days=list(range(7)), opens="00:00", closes="00:00"
        )
        profile = Profile.objects.get(organisation=organisation, role=Role.ADMIN)
        owner = add_member(
            SYSTEM, organisation, email=f"a{number}@exemple.fr", name="Camille Renaud", profile=profile,
            password=secrets.token_urlsafe(), now=now,
        )  # fmt: skip
        for status in ("sent", "accepted", "refused"):
            _automation(organisation, owner, status, now)
        _clients(organisation, now)
    vacuum()


def _automation(organisation: Organisation, owner: Member, status: str, now: datetime) -> None:
    made = Automation.objects.create(
        organisation=organisation, name=f"Relance {status}", kind="quote", owner=owner, is_active=True
    )
    definition = DefinitionIn(
        kind="quote",
        trigger={"type": "status_changed", "config": {"to_statuses": [status]}},
        conditions=BIG,
        steps=[TASK, MAIL],
    )
    made.published = Version.objects.create(
        organisation=organisation, automation=made, number=1, definition=definition.stored(), published_at=now
    )
    made.save()


def _clients(organisation: Organisation, now: datetime) -> None:
    stamps = {"created_at": now, "updated_at": now}
    clients = Client.objects.bulk_create(
        Client(organisation=organisation, name=f"Client {n}", last_activity_at=now, **stamps) for n in range(CLIENTS)
    )
    Contact.objects.bulk_create(
        Contact(
            organisation=organisation,
            client=client,
            name="Lucie",
            email=f"l{client.pk}@exemple.fr",
            is_main=True,
            **stamps,
        )
        for client in clients
    )


def vacuum() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("vacuum analyze")
            cursor.execute("checkpoint")


def make_quotes(amount: int) -> list[tuple[int, int, int]]:
    """(organisation, quote, client) of fresh sent quotes, spread over the companies."""
    now, today = timezone.now(), timezone.now().date()
    clients = list(Client.objects.order_by("organisation_id", "id").values_list("organisation_id", "id"))
    owners = dict(Organisation.objects.values_list("id", "members__id"))
    with transaction.atomic():
        made = [
            (id_, *clients[(n % COMPANIES) * CLIENTS + n // COMPANIES % CLIENTS])
            for n, id_ in enumerate(bulk.reserve_ids(Quote, amount))
        ]
        gross = Decimal("1200.00")
        bulk.insert(Quote, QUOTE, [
            (id_, organisation, client, owners[organisation], f"D-{next(_numbers)}", "Éclairage", "EUR", today,
             today + timedelta(days=30), Decimal(1000), Decimal(200), gross, "sent", "", now, now, now)
            for id_, organisation, client in made
        ])  # fmt: skip
    return [(organisation, id_, client) for id_, organisation, client in made]


def load_events(amount: int) -> None:
    """As many quotes that have just been sent; each starts one run."""
    quotes, now = make_quotes(amount), timezone.now()
    payload = json.dumps({"from": "draft", "to": "sent"})
    with transaction.atomic():
        bulk.insert(DomainEvent, EVENT_COLUMNS, [
            (organisation, "quote.status_changed", "quote", quote, payload, "[]", 0, now, now)
            for organisation, quote, _ in quotes
        ])  # fmt: skip


def load_due_runs(amount: int) -> None:
    """As many runs that wait for their second step, the mail, which is due now."""
    insert_runs(make_quotes(amount), timezone.now(), timezone.now())


def insert_runs(quotes: list[tuple[int, int, int]], due_at: datetime, now: datetime) -> None:
    versions = {
        organisation: (automation, version)
        for organisation, automation, version in Automation.objects.filter(name="Relance sent").values_list(
            "organisation_id", "id", "published_id"
        )
    }
    with transaction.atomic():
        ids = bulk.reserve_ids(Run, len(quotes))
        bulk.insert(Run, NEW_RUN, [
            (id_, organisation, *versions[organisation], "quote", quote, client, f"D-{quote}", -id_, "[]", "{}",
             "waiting", "", 1, now, due_at, due_at, None, 0, None, now, "create_task", now)
            for id_, (organisation, quote, client) in zip(ids, quotes, strict=True)
        ])  # fmt: skip


def drain(batch: int) -> tuple[int, float, float]:
    """Turn the row pumps until nothing is due: rows taken, seconds, seconds of processor time."""
    taken, turn = 0, Turn()
    wall, cpu = time.perf_counter(), time.process_time()
    while True:
        claim.steady_connection()
        done = pumps.pump_events(timezone.now(), batch)
        done += pumps.pump_runs(timezone.now(), batch, turn=turn)
        if not done:
            return taken, time.perf_counter() - wall, time.process_time() - cpu
        taken += done
