"""My tasks, those of my team, and what one does with a task (REC-6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django_stubs_ext import StrOrPromise

from rouage.accounts.access import NotFound
from rouage.accounts.privileges import Privilege
from rouage.records import commands, queries
from rouage.records.access import access_record
from rouage.records.errors import Invalid, Refused
from rouage.records.kinds import KINDS
from rouage.records.models import Task
from rouage.records.queries import Bucket, Hit, TaskGroup
from rouage.web.access import FORM, MemberRequest, action, actor, may, page
from rouage.web.components import activity
from rouage.web.components.parts import Tab
from rouage.web.forms.tasks import TaskForm
from rouage.web.responses import Undo, back, go, invalid, refused, show, toast

MORNING = time(9)
BUCKETS: dict[Bucket, StrOrPromise] = {
    Bucket.OVERDUE: gettext_lazy("Overdue tasks"),
    Bucket.TODAY: gettext_lazy("Today"),
    Bucket.THIS_WEEK: gettext_lazy("This week"),
    Bucket.LATER: gettext_lazy("Later"),
    Bucket.UNDATED: gettext_lazy("No due date"),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """``about``: the record that the task is linked to, when one may see it."""

    task: Task
    about: Hit | None
    is_late: bool


@dataclass(frozen=True, kw_only=True)
class Group:
    name: StrOrPromise
    is_late: bool
    rows: Sequence[Row]


@page()
def tasks(request: MemberRequest) -> HttpResponse:
    member, now = request.member, timezone.now()
    view = request.GET.get("view", "")
    sees = may(member, Privilege.SEE_RECORDS)
    if view == "done":
        closed = queries.closed_tasks(member)
        groups = [Group(name=_("Done lately"), is_late=False, rows=rows(request, closed, now))] if closed else []
    elif view == "team" and sees:
        groups = _groups(request, queries.team_tasks(member, now), now)
    else:
        groups = _groups(request, queries.my_tasks(member, now), now)
    tabs = [Tab(label=_("Mine"), address="?", is_current=view not in {"done", "team"})]
    if sees:
        team = _("My team") if member.team_id else _("Everybody")
        tabs.append(Tab(label=team, address="?view=team", is_current=view == "team"))
    tabs.append(Tab(label=pgettext("tasks", "Done"), address="?view=done", is_current=view == "done"))
    shown = {"groups": groups, "tabs": tabs, "view": view, "may_edit": may(member, Privilege.EDIT_RECORDS)}
    return show(request, "tasks/list.html", shown | {"here": request.get_full_path()})


def rows(request: MemberRequest, found: Iterable[Task], now: datetime) -> list[Row]:
    """With the records that they are about: one query a kind, whatever the number of tasks."""
    found = list(found)
    refs = {(task.kind, task.record_id) for task in found if task.kind and task.record_id}
    labels = queries.labels(request.member.organisation_id, refs) if may(request.member, Privilege.SEE_RECORDS) else {}
    return [
        Row(
            task=task,
            about=labels.get((task.kind, task.record_id or 0)),
            is_late=task.status == "open" and task.due_at is not None and task.due_at < now,
        )
        for task in found
    ]


def _groups(request: MemberRequest, found: Sequence[TaskGroup], now: datetime) -> list[Group]:
    # All rows at once: the labels of their records take one query a kind.
    by_id = {row.task.pk: row for row in rows(request, (task for group in found for task in group.tasks), now)}
    return [
        Group(
            name=BUCKETS[group.bucket],
            is_late=group.bucket is Bucket.OVERDUE,
            rows=[by_id[task.pk] for task in group.tasks],
        )
        for group in found
    ]


@page(Privilege.SEE_RECORDS)
def detail(request: MemberRequest, task_id: int) -> HttpResponse:
    found = queries.detail(request.member.organisation_id, "task", task_id)
    if found is None:
        raise NotFound
    log = queries.activity(request.member.organisation_id, "task", task_id)
    shown = {
        "row": rows(request, [found.record], timezone.now())[0],
        "task": found.record,
        "lines": activity.lines(log.rows, currency=request.member.organisation.currency),
        "may_edit": may(request.member, Privilege.EDIT_RECORDS),
        "address": reverse("task", args=[task_id]),
    }
    return show(request, "tasks/detail.html", shown)


@page(Privilege.EDIT_RECORDS, methods=FORM)
def create(request: MemberRequest) -> HttpResponse:
    about = _about(request)
    form = TaskForm(request.member, request.POST or None, given={"assignee": request.member.pk})
    if request.method == "POST" and form.is_valid():
        by, now = actor(request), timezone.now()
        try:
            commands.create_task(by, request.member.organisation, form.values(), about=about, now=now)
        except Invalid as error:
            form.take(error.errors)
        else:
            toast(request, _("Task created"))
            return go(request, _address_of(about) if about else reverse("tasks"))
    return _form(request, form, about=about)


@page(Privilege.EDIT_RECORDS, methods=FORM)
def edit(request: MemberRequest, task_id: int) -> HttpResponse:
    task = access_record(request.member, "task", task_id, Privilege.EDIT_RECORDS)
    form = TaskForm(request.member, request.POST if request.method == "POST" else None, record=task)
    if request.method == "POST" and form.is_valid() and not form.is_stale():
        try:
            commands.change_task(actor(request), task, form.values(), now=timezone.now())
        except Invalid as error:
            form.take(error.errors)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            toast(request, _("Saved"))
            return go(request, reverse("task", args=[task_id]))
    return _form(request, form, task=task)


@action(Privilege.EDIT_RECORDS)
def complete(request: MemberRequest, task_id: int) -> HttpResponse:
    return _do(request, task_id, commands.complete_task, _("Done: %(title)s"), undo="task-reopen")


@action(Privilege.EDIT_RECORDS)
def reopen(request: MemberRequest, task_id: int) -> HttpResponse:
    return _do(request, task_id, commands.reopen_task, _("To do again: %(title)s"), undo="task-complete")


@action(Privilege.EDIT_RECORDS)
def cancel(request: MemberRequest, task_id: int) -> HttpResponse:
    return _do(request, task_id, commands.cancel_task, _("Cancelled: %(title)s"), undo="task-reopen")


@action(Privilege.EDIT_RECORDS)
def postpone(request: MemberRequest, task_id: int) -> HttpResponse:
    """To tomorrow, at the same time of day; ``due_at`` in the form takes it back to another moment."""
    task = access_record(request.member, "task", task_id, Privilege.EDIT_RECORDS)
    former = task.due_at.isoformat() if task.due_at else ""
    wanted = request.POST.get("due_at")
    try:
        due_at = _tomorrow(task.due_at) if wanted is None else _moment(wanted)
        commands.change_task(actor(request), task, {"due_at": due_at}, now=timezone.now())
    except (ValueError, Invalid):
        raise NotFound from None
    except Refused as refusal:
        return refused(request, refusal.sentence, reverse("tasks"))
    fields = {"due_at": former, "next": request.POST.get("next", "")}
    said = _("Put off until tomorrow: %(title)s") if wanted is None else _("Due again as before: %(title)s")
    undo = Undo(url=request.path, fields=fields) if wanted is None else None
    toast(request, said % {"title": task.title}, undo=undo)
    return back(request, reverse("tasks"))


def _tomorrow(due_at: datetime | None) -> datetime:
    at = timezone.localtime(due_at).time() if due_at else MORNING
    return timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=1), at))


def _moment(text: str) -> datetime | None:
    """What an undo button sends back; none for "". Raises ValueError."""
    at = datetime.fromisoformat(text) if text else None
    if at is not None and at.tzinfo is None:
        raise ValueError("a moment without its zone")
    return at


def _do(request: MemberRequest, task_id: int, command: Any, said: str, *, undo: str) -> HttpResponse:  # noqa: ANN401 -- a command
    task = access_record(request.member, "task", task_id, Privilege.EDIT_RECORDS)
    try:
        command(actor(request), task, now=timezone.now())
    except Refused as refusal:
        return refused(request, refusal.sentence, reverse("tasks"))
    fields = {"next": request.POST.get("next", "")}
    toast(request, said % {"title": task.title}, undo=Undo(url=reverse(undo, args=[task_id]), fields=fields))
    return back(request, reverse("tasks"))


def _form(request: MemberRequest, form: TaskForm, *, task: Task | None = None, about: Any = None) -> HttpResponse:  # noqa: ANN401 -- a record or None
    place = reverse("task", args=[task.pk]) if task else _address_of(about) if about else reverse("tasks")
    shown = {"form": form, "task": task, "about": about, "about_kind": _kind_of(about), "back_address": place}
    return invalid(request, "tasks/form.html", shown) if form.is_bound else show(request, "tasks/form.html", shown)


def _about(request: MemberRequest) -> Any:  # noqa: ANN401 -- a record of any kind or None
    """``?about=quote-12``: the record that a new task is linked to."""
    kind, _dash, text = request.GET.get("about", "").rpartition("-")
    if not kind:
        return None
    if kind not in KINDS or kind == "task" or not text.isdigit():
        raise NotFound
    return access_record(request.member, kind, min(int(text), 2**63 - 1), Privilege.EDIT_RECORDS)


def _kind_of(record: Any) -> str:  # noqa: ANN401 -- same
    return type(record).__name__.lower() if record is not None else ""


def _address_of(record: Any) -> str:  # noqa: ANN401 -- same
    return reverse(KINDS[_kind_of(record)].url_name, args=[record.pk])
