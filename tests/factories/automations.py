"""Automations made by people's commands, and runs that the engine made of them."""

from itertools import count

from rouage.automations import commands
from rouage.automations.commands import Asked
from rouage.automations.models import Automation, Run
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.engine import SENT, later, settle, step
from tests.factories.records import make_client, make_quote

_numbers = count(1)


def draft(*steps, kind="quote", trigger=SENT, **definition):
    """A definition as JSON; without steps, a task after seven days."""
    return {"kind": kind, "trigger": trigger, "steps": list(steps or (step(timing=later(7)),)), **definition}


def make_published(member=None, *steps, now=NOW, name=None, **definition) -> Automation:
    """Created and published by ``member``, as people do."""
    member = member or make_member(make_organisation())
    kind = definition.get("kind", "quote")
    made = commands.create(
        member, name=name or f"Relance {next(_numbers)}", kind=kind, draft=draft(*steps, **definition), now=now
    )
    commands.publish(member, made, now=now)
    made.refresh_from_db()
    return made


def make_runs(automation, number=1, *, now=NOW) -> list[Run]:
    """Runs of an automation that waits for quotes to be sent, on as many new quotes of one client."""
    client = make_client(automation.organisation, now=now)
    for _ in range(number):
        make_quote(client, status="sent", now=now)
    settle(now)
    return list(Run.objects.filter(automation=automation).order_by("id"))


def asked(member, *, now=NOW, note="") -> Asked:
    return Asked(member=member, now=now, note=note)
