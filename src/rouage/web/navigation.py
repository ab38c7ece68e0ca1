"""The navigation as data: where one can go, what one must be allowed for it, and what waits there.

An entry appears when its route exists and the member holds one of its privileges: what one may not do is not shown
(ACC-2). A page marks its entry by its address (``/quotes/12`` belongs to ``/quotes``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache

from django.conf import settings
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations.queries import ranges
from rouage.automations.queries.ranges import RunFilter
from rouage.planner.model import RunStatus
from rouage.records.queries.tasks import overdue_tasks
from rouage.web.access import may

SEE = (Privilege.SEE_RECORDS,)
AUTOMATE = (Privilege.CREATE_AUTOMATIONS, Privilege.EDIT_ALL_AUTOMATIONS, Privilege.PUBLISH)
MANY = 99


@dataclass(frozen=True, kw_only=True)
class Count:
    """How much waits behind an entry: a query, what it counts (spoken), and whether it is bad news."""

    query: Callable[[Member], int]
    noun: Promise
    is_failure: bool = False


@dataclass(frozen=True, kw_only=True)
class Entry:
    route: str
    icon: str
    label: Promise
    needs: Sequence[Privilege] = ()
    count: Count | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    title: Promise | None
    entries: Sequence[Entry]


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A place in the bottom bar of a phone: the first entry that the member can reach, and all whose pages light it."""

    icon: str
    label: Promise
    routes: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Link:
    """An entry or tab as the shell draws it for one member on one page."""

    address: str
    icon: str
    label: Promise
    is_current: bool = False
    number: str = ""
    noun: Promise | str = ""
    is_failure: bool = False


@dataclass(frozen=True, kw_only=True)
class LinkGroup:
    title: Promise | None
    links: Sequence[Link]


def tasks_due(member: Member) -> int:
    """The member's tasks that are late or due today."""
    tomorrow = datetime.combine(timezone.localdate() + timedelta(days=1), time.min, timezone.get_current_timezone())
    return overdue_tasks(member, tomorrow)


def recent_failures(member: Member) -> int:
    """Runs that failed in the last week, counted as far as the shell shows figures: one short range of an index."""
    wanted = RunFilter(status=RunStatus.FAILED, since=timezone.now() - timedelta(days=7))
    return len(ranges.page(member.organisation_id, wanted, None, MANY + 1))


RECORDS = ("quotes", "invoices", "events", "interventions", "contracts", "opportunities", "clients")
GROUPS = (
    Group(
        title=None,
        entries=(
            Entry(route="home", icon="house", label=_("Home")),
            Entry(
                route="tasks",
                icon="square-check-big",
                label=_("Tasks"),
                count=Count(query=tasks_due, noun=_("due today or late")),
            ),
            Entry(route="quotes", icon="file-text", label=_("Quotes"), needs=SEE),
            Entry(route="invoices", icon="receipt", label=_("Invoices"), needs=SEE),
            Entry(route="events", icon="calendar", label=_("Events"), needs=SEE),
            Entry(route="interventions", icon="wrench", label=_("Interventions"), needs=SEE),
            Entry(route="contracts", icon="shield-check", label=_("Contracts"), needs=SEE),
            Entry(route="opportunities", icon="target", label=_("Opportunities"), needs=SEE),
            Entry(route="clients", icon="users", label=_("Clients"), needs=SEE),
        ),
    ),
    Group(
        title=_("Automation"),
        entries=(
            Entry(route="automations", icon="workflow", label=_("Automations"), needs=AUTOMATE),
            Entry(
                route="runs",
                icon="list-checks",
                label=_("Runs"),
                needs=(Privilege.SEE_RUNS,),
                count=Count(query=recent_failures, noun=_("failed in the last 7 days"), is_failure=True),
            ),
            Entry(route="schedules", icon="calendar-clock", label=_("Schedules"), needs=(Privilege.MANAGE_WORKFLOWS,)),
            Entry(route="functions", icon="code-xml", label=_("Functions"), needs=(Privilege.MANAGE_WORKFLOWS,)),
            Entry(route="statistics", icon="chart-column", label=_("Statistics"), needs=(Privilege.SEE_RUNS,)),
            Entry(route="activity", icon="history", label=_("Activity log"), needs=(Privilege.SEE_AUDIT,)),
            Entry(route="mailbox", icon="inbox", label=_("Demo mailbox"), needs=(Privilege.SEE_RUNS,)),
        ),
    ),
)
SETTINGS = Entry(
    route="settings",
    icon="settings",
    label=_("Settings"),
    needs=(Privilege.MANAGE_SETTINGS, Privilege.MANAGE_MEMBERS),
)
SEARCH = Entry(route="search", icon="search", label=_("Search"), needs=SEE)
# The bar of a phone has room for three, and the menu. The last ones stand in for those that the member cannot reach.
TABS = (
    Tab(icon="file-text", label=_("Documents"), routes=RECORDS),
    Tab(icon="workflow", label=_("Automations"), routes=("automations",)),
    Tab(icon="list-checks", label=_("Runs"), routes=("runs",)),
    Tab(icon="square-check-big", label=_("Tasks"), routes=("tasks",)),
    Tab(icon="house", label=_("Home"), routes=("home",)),
)
TABS_SHOWN = 3


def address(route: str) -> str | None:
    """None when no such page exists (yet)."""
    return _address(route, get_urlconf() or settings.ROOT_URLCONF)


@cache
def _address(route: str, urlconf: str) -> str | None:
    try:
        return reverse(route, urlconf=urlconf)
    except NoReverseMatch:
        return None


def is_reachable(entry: Entry, member: Member) -> bool:
    return address(entry.route) is not None and may(member, *entry.needs)


def reachable(member: Member) -> Sequence[Entry]:
    entries = (entry for group in GROUPS for entry in group.entries)
    return [entry for entry in entries if is_reachable(entry, member)]


def section(path: str) -> str:
    """The route of the entry that the page at ``path`` belongs to, "" when it belongs to none."""
    places = {entry.route: address(entry.route) for group in GROUPS for entry in group.entries}
    own = {route: place for route, place in places.items() if place is not None and _is_within(path, place)}
    return max(own, key=lambda route: len(own[route]), default="")


def groups(member: Member, current: str) -> Sequence[LinkGroup]:
    """What the side bar shows; counts are queried here, once for each entry that has one."""
    allowed = reachable(member)
    drawn = [
        LinkGroup(
            title=group.title, links=[_link(entry, member, current) for entry in group.entries if entry in allowed]
        )
        for group in GROUPS
    ]
    return [group for group in drawn if group.links]


def tabs(drawn: Sequence[LinkGroup], current: str) -> Sequence[Link]:
    """The bottom bar of a phone, out of the links of the side bar."""
    by_address = {link.address: link for group in drawn for link in group.links}
    found = []
    for tab in TABS:
        link = next((by_address[place] for route in tab.routes if (place := address(route)) in by_address), None)
        if link is not None:
            shown = Link(
                address=link.address,
                icon=tab.icon,
                label=tab.label,
                is_current=current in tab.routes,
                number=link.number,
                noun=link.noun,
                is_failure=link.is_failure,
            )
            found.append(shown)
    return found[:TABS_SHOWN]


def _link(entry: Entry, member: Member, current: str) -> Link:
    counted = entry.count.query(member) if entry.count else 0
    return Link(
        address=address(entry.route) or "",
        icon=entry.icon,
        label=entry.label,
        is_current=entry.route == current,
        number=("" if not counted else str(counted) if counted <= MANY else f"{MANY}+"),
        noun=entry.count.noun if entry.count else "",
        is_failure=entry.count.is_failure if entry.count else False,
    )


def _is_within(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(place.rstrip("/") + "/"))
