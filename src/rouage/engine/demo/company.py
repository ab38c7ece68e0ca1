"""Loads the demo: the company of the story, and Northwind as a second organisation of the same people."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from rouage.accounts.actors import actor_of
from rouage.accounts.commands import add_member, create_organisation
from rouage.accounts.models import Member, Organisation, Profile, User
from rouage.automations import commands as automations
from rouage.engine.demo import clock
from rouage.engine.demo.automations import around, definitions, email
from rouage.engine.demo.people import MEMBERS, OWNER, PASSWORD
from rouage.engine.demo.story import FIRST_DAY, Story, scenes
from rouage.journal.actors import SYSTEM
from rouage.mail.models import EmailTemplate
from rouage.records import commands
from rouage.records.commands.daily import expire_quotes, mark_overdue
from rouage.records.importing import import_northwind

__all__ = ["EMAIL", "PASSWORD", "is_loaded", "load"]

ZONE = ZoneInfo("Europe/Paris")
NORTHWIND = "Northwind Traders"
LUMEN = "Lumen & Fils"

EMAIL = OWNER


def is_loaded() -> bool:
    return User.objects.filter(email=OWNER).exists()


def load(now: datetime | None = None) -> bool:
    """Make both organisations, and play the last weeks of the first one up to ``now``; False if it was done before.

    The demo mailbox must be running, and no worker: the pumps are turned here.
    """
    if is_loaded():
        return False
    now = now or timezone.now()
    with translation.override("fr"):
        story = _company(now)
        _play(story, now)
        _northwind(now)
    return True


def _company(now: datetime) -> Story:
    today = now.astimezone(ZONE).date()
    begins = datetime.combine(today + timedelta(days=FIRST_DAY), time(8, 30), ZONE)
    organisation = create_organisation(LUMEN, now=begins, email="bonjour@lumen-et-fils.example")
    members = _members(organisation, begins)
    commands.create_pipeline(actor_of(members["camille"]), organisation, now=begins)
    story = Story(organisation=organisation, members=members, today=today)
    story.settle_clients(begins)
    templates = _templates(organisation)
    for name, draft in definitions(templates, {key: member.pk for key, member in members.items()}).items():
        made = automations.create(members["camille"], name=name, kind=draft["kind"], draft=draft, now=begins)
        automations.publish(members["camille"], made, now=begins)
    return story


def _members(organisation: Organisation, now: datetime) -> Mapping[str, Member]:
    profiles = {profile.role: profile for profile in Profile.objects.filter(organisation=organisation)}
    return {
        person.key: add_member(
            SYSTEM,
            organisation,
            email=person.email,
            name=person.name,
            profile=profiles[person.role],
            password=PASSWORD,
            now=now,
        )
        for person in MEMBERS
    }


def _templates(organisation: Organisation) -> Mapping[str, int]:
    text = (files("rouage.engine.demo") / "emails.toml").read_text(encoding="utf-8")
    return {
        found["name"]: EmailTemplate.objects.create(organisation=organisation, language="fr", **found).pk
        for found in tomllib.loads(text)["template"]
    }


def _play(story: Story, now: datetime) -> None:
    """Every scene at its moment; in between, what becomes due; each morning, what the calendar changes."""
    at = story.moment(FIRST_DAY, time(8, 31))
    waiting = [(story.moment(scene.day, scene.at), scene.play) for scene in scenes(story)]
    mornings = [(story.moment(day, time(0, 5)), _new_day) for day in range(FIRST_DAY + 1, 1)]
    for moment, play in sorted([*waiting, *mornings], key=lambda item: item[0]):
        if moment > now:
            break
        at = clock.advance(at, moment)
        play(moment)
        clock.settle(moment)
    # What happened just now: its call is under way when the first page is opened.
    at = clock.advance(at, now - timedelta(minutes=2))
    story.status("d_actea", "accepted")(at)
    clock.settle(at)


def _new_day(now: datetime) -> None:
    expire_quotes(now)
    mark_overdue(now)


def _northwind(now: datetime) -> None:
    """The last invoice of the sample lies three weeks back, so that some are due and some overdue."""
    organisation = create_organisation(NORTHWIND, now=now, language="en", email="hello@northwind.example")
    profile = Profile.objects.get(organisation=organisation, role="admin")
    camille = add_member(
        SYSTEM, organisation, email=OWNER, name=MEMBERS[0].name, profile=profile, language="fr", now=now
    )
    days = (now.astimezone(ZONE).date() - timedelta(days=21) - datetime(2026, 11, 1, tzinfo=ZONE).date()).days
    import_northwind(actor_of(camille), organisation, now, days=days)
    first = EmailTemplate.objects.create(
        organisation=organisation,
        name="Reminder",
        language="en",
        kind="invoice",
        subject="Invoice {{ number }} is overdue",
        body="Hello,\n\nInvoice {{ number }} was due on {{ due_date | date }}; {{ balance | money }} is still open."
        "\n\nKind regards,\nNorthwind Traders",
    )
    draft = {
        "kind": "invoice",
        "trigger": {
            "type": "date_reached",
            "config": {"field": "due_date", "amount": 7, "unit": "days", "direction": "after", "at": "09:30"},
        },
        "steps": [
            email("contact.billing", first.pk, reminder=True),
            email("contact.billing", first.pk, timing=around("due_date", 21, "after", "09:30"), reminder=True),
        ],
    }
    made = automations.create(camille, name="Unpaid invoices", kind="invoice", draft=draft, now=now)
    automations.publish(camille, made, now=now)
