"""What could leak of organisations and their people."""
# ruff: noqa: ARG005 -- every question has the same form

from datetime import date

from rouage.accounts import access, calendars, commands, notifications, queries
from rouage.accounts.notifications import NewNotification
from rouage.accounts.privileges import Role
from rouage.journal.actors import SYSTEM
from tests.factories.accounts import NOW, make_member
from tests.factories.sealed import Side


def fill(side: Side) -> None:
    organisation, day = side.organisation, date(2026, 8, 3)
    team = commands.create_team(SYSTEM, organisation, name="Terrain", lead=side.member, now=NOW)
    colleague = make_member(organisation, role=Role.MEMBER, team=team)
    commands.add_closing_date(SYSTEM, organisation, first_day=day, last_day=day, label=organisation.name, now=NOW)
    for member in (side.member, colleague):
        told = NewNotification(organisation_id=organisation.id, member_id=member.id, text=f"de {organisation.name}")
        notifications.write([told], NOW)
    side.things |= {"team": team, "colleague": colleague}


ASKS = {
    "access.access_member": lambda me, of: access.access_member(me.member.user, of.organisation.id),
    "access.access_colleague": lambda me, of: access.access_colleague(me.member, of.things["colleague"].id),
    "access.access_profile": lambda me, of: access.access_profile(me.member, of.member.profile_id),
    "access.access_team": lambda me, of: access.access_team(me.member, of.things["team"].id),
    "access.administrators": lambda me, of: access.administrators(me.organisation.id),
    "access.leads": lambda me, of: access.leads(me.member, of.things["colleague"]),
    "queries.members": lambda me, of: queries.members(me.organisation.id),
    "queries.profiles": lambda me, of: queries.profiles(me.organisation.id),
    "queries.teams": lambda me, of: queries.teams(me.organisation.id),
    "queries.closing_dates": lambda me, of: queries.closing_dates(me.organisation.id),
    "queries.memberships": lambda me, of: queries.memberships(me.member.user),
    "queries.led_members": lambda me, of: queries.led_members(me.member),
    "queries.people": lambda me, of: queries.people(me.organisation.id, {of.member.id}),
    "calendars.calendar_of": lambda me, of: calendars.calendar_of(me.organisation.id),
    "calendars.calendars_of": lambda me, of: calendars.calendars_of([me.organisation.id]),
    "notifications.latest": lambda me, of: notifications.latest(me.member),
    "notifications.unread": lambda me, of: notifications.unread(me.member),
}
EXEMPT = {
    "access.can": "looks at the member's own profile",
    "access.require": "as can; the names it gives come from administrators",
    "queries.profile_label": "looks at the profile at hand",
    "notifications.write": "writes; tests/accounts/test_notifications.py",
    "notifications.mark_read": "writes; tests/accounts/test_notifications.py",
}
