"""What the address of the journal asks for: its filters, as a filter of the query and as words (RUN-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django_stubs_ext import StrOrPromise

from rouage.accounts.models import Member
from rouage.automations.models import Automation, Version
from rouage.automations.queries.ranges import RunFilter
from rouage.automations.queries.runs import Counted
from rouage.planner.model import RunStatus
from rouage.records.kinds import KINDS
from rouage.records.models import Client
from rouage.records.queries import labels
from rouage.web.components import dates
from rouage.web.components.parts import Chip, Tab
from rouage.web.components.words import RUNS
from rouage.web.listing import Listing

type Span = tuple[date | None, date | None]
CUSTOM = "custom"


def _last(days: int) -> Callable[[date], Span]:
    return lambda today: (today - timedelta(days=days), None)


PERIODS: Mapping[str, tuple[StrOrPromise, Callable[[date], Span]]] = {
    "today": (gettext_lazy("Today"), lambda today: (today, None)),
    "7-days": (gettext_lazy("Last 7 days"), _last(7)),
    "30-days": (gettext_lazy("Last 30 days"), _last(30)),
    "90-days": (gettext_lazy("Last 90 days"), _last(90)),
    CUSTOM: (gettext_lazy("From … to …"), lambda _today: (None, None)),
}
STATUSES: Mapping[RunStatus, Callable[[], str]] = {
    RunStatus.WAITING: lambda: pgettext("runs", "Waiting"),
    RunStatus.FINISHED: lambda: pgettext("runs", "Finished"),
    RunStatus.FAILED: lambda: pgettext("runs", "Failed"),
    RunStatus.CANCELLED: lambda: pgettext("runs", "Cancelled"),
    RunStatus.RUNNING: lambda: pgettext("runs", "Running"),
    RunStatus.PAUSED: lambda: pgettext("runs", "Paused"),
}
_DOTS = {"": "off", "paused": "hold"}


@dataclass(frozen=True)
class Wanted:
    """The journal as its address asks for it."""

    listing: Listing
    member: Member

    @property
    def text(self) -> str:
        return self.listing.get("q")

    @property
    def status(self) -> str:
        return self.listing.choice("status", [*STATUSES])

    @property
    def period(self) -> str:
        return self.listing.choice("period", [*PERIODS])

    @property
    def kind(self) -> str:
        return self.listing.choice("kind", [key for key, kind in KINDS.items() if kind.automatable])

    @property
    def days(self) -> Span:
        """First and last day, both included."""
        if self.period == CUSTOM:
            return _day(self.listing.get("since")), _day(self.listing.get("until"))
        return PERIODS[self.period][1](timezone.localdate()) if self.period else (None, None)

    @cached_property
    def version(self) -> Version | None:
        found = Version.objects.filter(
            organisation_id=self.member.organisation_id, id=self.listing.number("version") or 0
        )
        return found.select_related("automation").first()

    @cached_property
    def client(self) -> Client | None:
        found = Client.objects.filter(
            organisation_id=self.member.organisation_id, id=self.listing.number("client") or 0
        )
        return found.first()

    @property
    def record_id(self) -> int | None:
        return self.listing.number("record") if self.kind else None

    @cached_property
    def filter(self) -> RunFilter:
        since, until = self.days
        return RunFilter(
            automation_id=self.listing.number("automation"),
            version_id=self.listing.number("version"),
            kind=self.kind,
            record_id=self.record_id,
            client_id=self.listing.number("client"),
            status=self.status,
            since=_begin(since),
            until=_begin(until + timedelta(days=1)) if until else None,
            search=self.text,
        )

    @property
    def is_narrowed(self) -> bool:
        return self.filter != RunFilter()

    def tabs(self, counted: Mapping[RunStatus, Counted]) -> list[Tab]:
        """All, then each status; running and paused only where there are some."""
        total = sum(one.number for one in counted.values())
        exact = all(one.exact for one in counted.values())
        first = Tab(
            label=pgettext("runs", "All"),
            address=self.listing.address(status=""),
            is_current=not self.status,
            count=shown(Counted(total, exact)),
        )
        return [first, *(self._tab(status, counted[status]) for status in STATUSES if self._is_told(status, counted))]

    def _is_told(self, status: RunStatus, counted: Mapping[RunStatus, Counted]) -> bool:
        seldom = status in {RunStatus.RUNNING, RunStatus.PAUSED}
        return not seldom or self.status == status or counted[status].number > 0

    def _tab(self, status: RunStatus, counted: Counted) -> Tab:
        css = RUNS[status].css
        return Tab(
            label=STATUSES[status](),
            address=self.listing.address(status=status.value),
            is_current=self.status == status,
            count=shown(counted),
            is_failure=css == "fail" and counted.number > 0,
            dot=_DOTS.get(css, css),
        )

    def chips(self) -> list[Chip]:
        """Filters that have no field of their own in the toolbar: each is taken away by a click."""
        return [Chip(label=label, address=self.listing.address(**gone), removes=True) for label, gone in self._named()]

    def _named(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        if self.record_id is not None:
            yield self._record(), {"record": ""}
        if self.client is not None:
            yield _("Client: %(name)s") % {"name": self.client.name}, {"client": ""}
        if self.version is not None:
            told = {"name": self.version.automation.name, "number": self.version.number}
            yield _("%(name)s, version %(number)s") % told, {"version": ""}
        if self.period == CUSTOM:
            since, until = self.days
            if since is not None:
                yield _("from %(day)s") % {"day": dates.day(since)}, {"since": ""}
            if until is not None:
                yield _("until %(day)s") % {"day": dates.day(until)}, {"until": ""}

    def _record(self) -> str:
        reference = (self.kind, self.record_id or 0)
        found = labels(self.member.organisation_id, [reference]).get(reference)
        return found.label if found else _("A deleted record")


def shown(counted: Counted) -> int | str:
    """« 1 000+ » for more than were counted."""
    return counted.number if counted.exact else f"{counted.number}+"


def automation_choices(organisation_id: int) -> Sequence[tuple[int, str]]:
    """By name; deleted ones at the end, for their journal."""
    found = Automation.objects.filter(organisation_id=organisation_id).order_by("name", "id")
    rows = found.values_list("id", "name", "deleted_at")
    alive = [(id_, name) for id_, name, deleted in rows if deleted is None]
    return alive + [(id_, _("%(name)s (deleted)") % {"name": name}) for id_, name, deleted in rows if deleted]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _begin(day: date | None) -> datetime | None:
    """Its first moment, where the organisation is."""
    return datetime.combine(day, time.min, timezone.get_current_timezone()) if day else None
