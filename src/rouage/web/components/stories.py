"""The story of a run for the side panel: what it did, what stopped it, what one can do, what comes next (RUN-3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_stubs_ext import StrOrPromise

from rouage.automations.explain import Explanation
from rouage.automations.queries.timeline import CallView, EntryView, MessageView, StepView, Timeline
from rouage.planner.model import RunStatus
from rouage.records.kinds import KINDS
from rouage.web.components.merge_fields import plain


@dataclass(frozen=True, kw_only=True)
class Look:
    """The mark of a step and the word that says the same."""

    css: str
    icon: str
    word: StrOrPromise


@dataclass(frozen=True, kw_only=True)
class Try:
    number: int
    at: datetime
    explanation: Explanation | None


@dataclass(frozen=True, kw_only=True)
class Told:
    """One step with its last try; ``tries``: the earlier ones. ``number`` counts from 1."""

    number: int
    look: Look
    title: str
    step: StepView
    tries: Sequence[Try]

    @property
    def has_failed(self) -> bool:
        return self.step.has_failed

    @property
    def message(self) -> MessageView | None:
        return self.step.message

    @property
    def call(self) -> CallView | None:
        return self.step.call

    @property
    def at(self) -> datetime:
        return self.step.ended_at or self.step.started_at


@dataclass(frozen=True, kw_only=True)
class Planned:
    number: int
    icon: str
    title: str
    due_at: datetime | None
    planned_at: datetime | None
    why: str
    is_suspended: bool

    @property
    def was_moved(self) -> bool:
        return self.due_at is not None and self.planned_at is not None and self.due_at > self.planned_at


@dataclass(frozen=True, kw_only=True)
class Repair:
    """Where what went wrong is put right."""

    address: str
    label: StrOrPromise


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What to know first: cause, effect, what to do."""

    css: str
    title: str
    text: str = ""
    technical: str = ""
    repair: Repair | None = None


@dataclass(frozen=True, kw_only=True)
class Story:
    timeline: Timeline
    notice: Notice | None
    steps: Sequence[Told]
    planned: Sequence[Planned]
    entries: Sequence[EntryView]
    sentence: str

    @property
    def technical(self) -> Sequence[str]:
        """Each text once: the run and its failed step say the same."""
        found = [self.notice.technical] if self.notice else []
        found += [told.step.explanation.technical for told in self.steps if told.step.explanation]
        return [text for text in dict.fromkeys(found) if text]


_UNKNOWN = Look(css="", icon="circle-question-mark", word=gettext_lazy("unknown"))
_LOOKS: Mapping[str, Look] = {
    "done": Look(css="ok", icon="check", word=pgettext_lazy("step", "done")),
    "started": Look(css="info", icon="loader", word=pgettext_lazy("step", "under way")),
    "skipped": Look(css="", icon="skip-forward", word=pgettext_lazy("step", "skipped")),
    "failed": Look(css="fail", icon="x", word=pgettext_lazy("step", "failed")),
}
# The first that fits the code of the reason: what is to be put right, and where.
_REPAIRS: Sequence[tuple[tuple[str, ...], str, StrOrPromise]] = (
    (("recipient.member_gone", "recipients.none"), "automation", gettext_lazy("Correct the step")),
    (("recipient.nobody",), "record", gettext_lazy("Open the record")),
    (("recipient.", "mail.address", "mail.mailbox", "mail.domain"), "client", gettext_lazy("Correct the address")),
    (("merge.missing_value",), "record", gettext_lazy("Fill in the field")),
    (("merge.", "template.", "field.", "call.", "definition."), "automation", gettext_lazy("Correct the step")),
    (("status.", "create.", "record."), "record", gettext_lazy("Open the record")),
)


def story(told: Timeline, *, editable: bool, author: str = "") -> Story:
    """``editable``: the reader may open the automation's editor. ``author``: who changed the status that ended it."""
    grouped = [list(tries) for _position, tries in groupby(told.steps, key=lambda step: step.position)]
    return Story(
        timeline=told,
        notice=_notice(told, editable=editable, author=author),
        steps=[_told(tries, told.run.kind) for tries in grouped],
        planned=_planned(told),
        entries=told.entries,
        sentence=plain(told.sentence, told.run.kind),
    )


def _told(tries: Sequence[StepView], kind: str) -> Told:
    last = tries[-1]
    earlier = [
        Try(number=step.attempt, at=step.ended_at or step.started_at, explanation=step.explanation)
        for step in tries[:-1]
    ]
    return Told(
        number=last.position + 1,
        look=_LOOKS.get(last.status, _UNKNOWN),
        title=capital(plain(last.summary if last.summary != "…" else last.label, kind)),
        step=last,
        tries=earlier,
    )


def _planned(told: Timeline) -> Sequence[Planned]:
    is_paused = told.run.status is RunStatus.PAUSED
    return [
        Planned(
            number=view.position + 1,
            icon=view.icon,
            title=capital(plain(view.summary if view.summary != "…" else view.label, told.run.kind)),
            due_at=view.due_at,
            planned_at=view.planned_at,
            # Of a paused run the notice above says why.
            why=view.explanation.text if view.explanation and not is_paused else "",
            is_suspended=is_paused,
        )
        for view in told.planned
    ]


def _notice(told: Timeline, *, editable: bool, author: str) -> Notice | None:
    found, run = told.explanation, told.run
    match run.status:
        case RunStatus.FAILED:
            title = found.text if found else _("This run has failed.")
            return Notice(
                css="fail",
                title=title,
                text=found.advice if found else "",
                technical=found.technical if found else "",
                repair=_repair(told, editable=editable),
            )
        case RunStatus.CANCELLED:
            by = _("Status changed by %(name)s.") % {"name": author} if author else _who_ended(told.entries)
            return Notice(css="", title=found.text if found else _("This run was cancelled."), text=by)
        case RunStatus.PAUSED:
            title = found.text if found else _("This run is paused.")
            return Notice(css="wait", title=title, text=_("Nothing happens until somebody resumes it."))
        case _:
            return None


def _who_ended(entries: Iterable[EntryView]) -> str:
    ended = [entry for entry in entries if entry.verb == "run.cancelled"]
    if not ended or not ended[-1].actor:
        return ""
    person, note = ended[-1].actor, ended[-1].note
    text = _("By %(name)s.") if ended[-1].actor_kind == "member" else _("By the automation “%(name)s”.")
    return " ".join(part for part in (text % {"name": person}, note) if part)


def _repair(told: Timeline, *, editable: bool) -> Repair | None:
    code = _cause(told)
    for prefixes, place, label in _REPAIRS:
        if code.startswith(prefixes):
            address = _address(told, place, editable=editable)
            return Repair(address=address, label=label) if address else None
    return None


def _cause(told: Timeline) -> str:
    """The innermost code: "given up after 5 tries" is not what is put right."""
    failed = [step for step in told.steps if step.has_failed]
    if told.explanation is None:
        return ""
    if told.explanation.code == "step.gave_up" and failed:
        # Each try before the last has its own reason.
        tries = [step.explanation.code for step in failed if step.explanation]
        own = [code for code in tries if code != "step.gave_up"]
        return own[-1] if own else _of_call(failed[-1])
    return told.explanation.code


def _of_call(step: StepView) -> str:
    """A step that made a request fails by it."""
    return "call." if step.call else ""


def _address(told: Timeline, place: str, *, editable: bool) -> str:
    run = told.run
    try:
        match place:
            case "client" if run.client_id:
                return reverse(KINDS["client"].url_name, args=[run.client_id])
            case "record":
                return reverse(KINDS[run.kind].url_name, args=[run.record_id])
            case "automation" if editable and not run.is_automation_deleted:
                return reverse("automation", args=[run.automation_id])
    except NoReverseMatch:
        return ""
    return ""


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def answer_lines(answer: Mapping[str, Any]) -> str:
    """What the other program said, as it stands below "Answer"."""
    return str(answer.get("body", "")).strip()
