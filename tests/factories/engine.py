"""Automations and events for tests of the engine, and ``settle``, which runs all pumps until nothing is due."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from rouage.automations.definition import DefinitionIn
from rouage.automations.models import Automation, Version
from rouage.engine import pumps
from rouage.engine.pumps import CALLS, MESSAGES
from rouage.journal.append import append_event
from tests.factories.accounts import NOW, make_member, make_organisation

_numbers = count(1)
SENT = {"type": "status_changed", "config": {"to_statuses": ["sent"]}}


def later(amount=7, unit="days", **values):
    return {"type": "later", "amount": amount, "unit": unit, **values}


def step(action="create_task", timing=None, when=None, **config):
    """One step; without settings, a task "Appeler le client"."""
    if action == "create_task" and not config:
        config = {"title": "Appeler le client"}
    made = {"action": {"type": action, "config": config}}
    return made | ({"timing": timing} if timing else {}) | ({"when": when} if when else {})


def mail(timing=None, when=None, **config):
    config = {
        "recipients": {"roles": ["contact.document"]},
        "subject": "Votre devis",
        "body": "Bonjour,\n\navez-vous pu le lire ?",
        **config,
    }
    return step("send_email", timing, when, **config)


def rows(*tests, mode="all"):
    """A group of conditions: (field, operator, value) each."""
    return {"mode": mode, "of": [{"field": f, "operator": o, "value": v} for f, o, v in tests]}


def make_automation(organisation=None, *steps, kind="quote", trigger=SENT, name=None, owner=None, **definition):
    """Published and switched on; ``definition`` are further fields of DefinitionIn."""
    organisation = organisation or make_organisation()
    owner = owner or organisation.members.first() or make_member(organisation)
    name = name or f"Relance {next(_numbers)}"
    made = Automation.objects.create(organisation=organisation, name=name, kind=kind, owner=owner, is_active=True)
    publish(made, *steps, trigger=trigger, **definition)
    return made


def publish(automation, *steps, trigger=SENT, **definition):
    stored = DefinitionIn(kind=automation.kind, trigger=trigger, steps=steps or (step(),), **definition).stored()
    number = Version.objects.filter(automation=automation).count() + 1
    automation.published = Version.objects.create(
        organisation_id=automation.organisation_id,
        automation=automation,
        number=number,
        definition=stored,
        published_at=NOW,
    )
    automation.save()
    return automation.published


def happened(record, type_, payload=None, *, cause=(), now=NOW):
    kind = type(record).__name__.lower()
    append_event(
        organisation_id=record.organisation_id,
        type=f"{kind}.{type_}",
        kind=kind,
        record_id=record.pk,
        payload=payload,
        cause=cause,
        now=now,
    )


def sent(record, *, now=NOW):
    """The event of a document that was sent, without its command."""
    happened(record, "status_changed", {"from": "draft", "to": "sent"}, now=now)


def settle(now=None, limit=100):
    """Run all pumps until nothing is due at ``now``; what came of effects outside is told a moment later.

    Answers how many rows were taken.
    """
    now = now or timezone.now()
    taken = 0
    for _ in range(300):
        done = pumps.pump_events(now, limit) + pumps.pump_runs(now, limit)
        outside = sum(pumps.pump_outside(pump, now) for pump in (MESSAGES, CALLS))
        if outside:
            now += timedelta(seconds=1)
        if not done and not outside:
            return taken
        taken += done + outside
    raise AssertionError("it does not settle")
