"""The first page: what needs the member, in ten seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice

from django.db.models import Sum
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rouage.accounts.models import Member
from rouage.accounts.notifications import latest
from rouage.accounts.privileges import Privilege
from rouage.automations.queries.ranges import RunFilter
from rouage.automations.queries.runs import Counted, RunRow, coming_up, runs_page, status_counts
from rouage.planner.model import RunStatus
from rouage.records.models import Invoice, Task
from rouage.records.queries import Bucket, Filters, my_tasks, summaries
from rouage.web import navigation
from rouage.web.access import MemberRequest, may, page
from rouage.web.components import dates
from rouage.web.components.amounts import money
from rouage.web.responses import show

MOST = 7  # rows that need attention; what is left out has its own page
FAILED, DUE, COMING, TOLD = 3, 5, 5, 4
LATELY = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Point:
    """Something that asks for a gesture: what and why, since or until when, and the page where one does it."""

    css: str
    icon: str
    what: str
    why: str
    address: str
    verb: str
    at: datetime | None = None


@page()
def home(request: MemberRequest) -> HttpResponse:
    member, now = request.member, timezone.now()
    points = list(_points(member, now))
    shown = {
        "first_name": member.user.name.split(" ")[0],
        "date": capfirst(dates.day(timezone.localdate(), dates.Style.LONG)),
        "points": points[:MOST],
        "hidden": max(len(points) - MOST, 0),
        "coming": _coming(member),
        "runs_address": navigation.address("runs") or "",
        "told": [one for one in latest(member) if one.read_at is None][:TOLD],
        "figures": _figures(member),
    }
    return show(request, "home.html", shown)


def _points(member: Member, now: datetime) -> Iterator[Point]:
    """Failures first, then money, then tasks."""
    if may(member, Privilege.SEE_RUNS) and navigation.address("runs"):
        yield from _failed(member, now)
    if may(member, Privilege.SEE_RECORDS):
        yield from _records(member)
    yield from _due(member, now)


def _failed(member: Member, now: datetime) -> Iterator[Point]:
    wanted = RunFilter(status=RunStatus.FAILED, since=now - LATELY)
    found = runs_page(member, wanted, size=FAILED)
    for run in found.rows:
        yield Point(
            css="fail",
            icon="circle-x",
            what=_("“%(automation)s” failed on %(record)s") % {"automation": run.automation, "record": run.label},
            why=run.why,
            address=reverse("run", args=[run.id]),
            verb=_("See the failure"),
            at=run.last_action_at or run.triggered_at,
        )
    if found.next is not None:
        yield Point(
            css="fail",
            icon="list-checks",
            what=_("Further automations have failed"),
            why=_("In the last 7 days."),
            address=reverse("runs") + "?status=failed",
            verb=_("See all"),
        )


def _records(member: Member) -> Iterator[Point]:
    late = summaries(member.organisation_id, "invoice", Filters()).get("overdue")
    if late and late.count:
        text = ngettext("%(count)d invoice is overdue", "%(count)d invoices are overdue", late.count)
        yield Point(
            css="wait",
            icon="receipt",
            what=text % {"count": late.count},
            why=_("%(amount)s still due.") % {"amount": money(_overdue(member), member.organisation.currency)},
            address=reverse("invoices") + "?status=overdue",
            verb=_("Open"),
        )


def _overdue(member: Member) -> Decimal:
    late = Invoice.objects.filter(organisation_id=member.organisation_id, deleted_at__isnull=True, status="overdue")
    return late.aggregate(sum=Sum("balance"))["sum"] or Decimal(0)


def _due(member: Member, now: datetime) -> Iterator[Point]:
    """The member's tasks that are late or due today."""
    groups = [group for group in my_tasks(member, now) if group.bucket in {Bucket.OVERDUE, Bucket.TODAY}]
    for task in islice((task for group in groups for task in group.tasks), DUE):
        yield _task(task, now)
    count = sum(len(group.tasks) for group in groups)
    if count > DUE:
        text = ngettext("and %(count)d task more", "and %(count)d tasks more", count - DUE)
        yield Point(
            css="info",
            icon="square-check-big",
            what=text % {"count": count - DUE},
            why=_("Due today or late."),
            address=reverse("tasks"),
            verb=_("See all"),
        )


def _task(task: Task, now: datetime) -> Point:
    is_late = task.due_at is not None and task.due_at < now
    made = _("created by “%(name)s”") % {"name": task.created_by} if task.run_id else ""
    why = _("Late task") if is_late else _("Task due today")
    return Point(
        css="wait" if is_late else "info",
        icon="square-check-big",
        what=task.title,
        why=f"{why}, {made}." if made else f"{why}.",
        address=reverse("task", args=[task.pk]),
        verb=_("Open"),
        at=task.due_at,
    )


def _coming(member: Member) -> Sequence[RunRow]:
    if not may(member, Privilege.SEE_RUNS) or not navigation.address("runs"):
        return ()
    return coming_up(member, limit=COMING)


def _figures(member: Member) -> list[tuple[str, str, str]]:
    """A word, a figure, and the page behind it."""
    figures: list[tuple[str, str, str]] = []
    if may(member, Privilege.SEE_RECORDS):
        quotes = summaries(member.organisation_id, "quote", Filters())
        open_quotes = [quotes[status] for status in ("sent", "opened") if status in quotes]
        figures.append(
            (_("Quotes that wait for an answer"), str(sum(one.count for one in open_quotes)), _list("quotes", "sent"))
        )
    if may(member, Privilege.SEE_RUNS) and navigation.address("runs"):
        counts = status_counts(member)
        figures += [
            (_("Waiting runs"), _counted(counts, RunStatus.WAITING), _list("runs", "waiting")),
            (_("Paused runs"), _counted(counts, RunStatus.PAUSED), _list("runs", "paused")),
        ]
    return figures


def _counted(counts: Mapping[RunStatus, Counted], status: RunStatus) -> str:
    found = counts[status]
    return f"{found.number}" if found.exact else f"{found.number}+"


def _list(route: str, status: str) -> str:
    return f"{reverse(route)}?status={status}"
