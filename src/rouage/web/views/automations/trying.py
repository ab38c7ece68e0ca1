"""The dry run beside the editor: the draft tried on a real record, nothing sent and nothing changed (AUT-13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rouage.accounts.access import NotFound, Refused
from rouage.automations.dry_run import SimulatedStep, Simulation, simulate
from rouage.automations.problems import Problem
from rouage.automations.registry import TRIGGERS
from rouage.records.queries import Filters, labels, records
from rouage.web.access import MemberRequest
from rouage.web.components.sentences import Summary, lenient

OFFERED = 20


@dataclass(frozen=True, kw_only=True)
class Line:
    """A step of the trial. ``moved``: it comes later than planned, for ``step.explanation``."""

    step: SimulatedStep
    css: str
    icon: str
    title: str
    word: str
    recipients: Sequence[str]

    @property
    def at(self) -> datetime | None:
        return self.step.due_at or self.step.planned_at


@dataclass(frozen=True, kw_only=True)
class Trial:
    """``offered``: records to try it on; ``simulation``: None when there is none, or it is not complete."""

    offered: Sequence[tuple[int, str]]
    chosen: int | None
    is_default: bool
    simulation: Simulation | None
    lines: Sequence[Line]
    missing: int
    badge: tuple[str, str]
    tried_at: datetime


def trial(
    request: MemberRequest,
    draft: Mapping[str, Any],
    asked: int | None,
    *,
    wrong: Sequence[Problem],
    told: Summary,
) -> Trial:
    """``told``: the draft in words; ``wrong``: its problems, with some of which nothing can be tried."""
    now = timezone.now()
    offered = _offered(request, draft, asked)
    known = [record_id for record_id, _label in offered]
    chosen = asked if asked in known else next(iter(known), None)
    found = _simulated(request, draft, chosen, now) if chosen is not None and not wrong else None
    return Trial(
        offered=offered,
        chosen=chosen,
        is_default=asked is None or chosen != asked,
        simulation=found,
        lines=[_line(step, told) for step in found.steps] if found else (),
        missing=len(wrong),
        badge=_badge(found),
        tried_at=now,
    )


def _simulated(request: MemberRequest, draft: Mapping[str, Any], record_id: int, now: datetime) -> Simulation | None:
    try:
        return simulate(request.member, draft, record_id, now=now)
    except (NotFound, Refused):
        return None


def _offered(request: MemberRequest, draft: Mapping[str, Any], asked: int | None) -> list[tuple[int, str]]:
    """First those in the state that the trigger speaks of, then the newest; and the one that the address names."""
    organisation_id, kind = request.member.organisation_id, str(draft["kind"])
    statuses = _statuses(draft)
    rows = list(records(organisation_id, kind, Filters(statuses=statuses), size=OFFERED // 2).rows) if statuses else []
    rows += records(organisation_id, kind, Filters(), size=OFFERED).rows
    found = {row.pk: _called(str(row), row.client.name) for row in rows}
    if asked is not None and asked not in found:
        hit = labels(organisation_id, [(kind, asked)]).get((kind, asked))
        found |= {hit.id: _called(hit.label, hit.client)} if hit else {}
    return list(found.items())


def _statuses(draft: Mapping[str, Any]) -> tuple[str, ...]:
    """Those that a record has when the trigger fires."""
    given = lenient(draft).trigger
    try:
        found = TRIGGERS[given.type]
        return tuple(found.statuses(found.read(given.config, given.version)))
    except (KeyError, ValueError):
        return ()


def _called(label: str, client: str) -> str:
    return f"{label} · {client}" if client else label


_LOOKS = {
    "planned": ("info", ""),
    "skipped": ("", "skip-forward"),
    "failed": ("fail", "x"),
    "stopped": ("wait", "circle-stop"),
}


def _line(step: SimulatedStep, told: Summary) -> Line:
    css, icon = _LOOKS.get(step.status, ("", ""))
    words = {
        "planned": _("planned step"),
        "skipped": _("skipped step"),
        "failed": _("would fail"),
        "stopped": _("would stop here"),
    }
    people = [f"{name} ({address})" if name else address for name, address in step.message.to] if step.message else []
    return Line(
        step=step,
        css=css,
        icon=icon or step.icon,
        title=told.steps[step.position].action if 0 <= step.position < len(told.steps) else step.label,
        word=words.get(step.status, ""),
        recipients=people,
    )


def _badge(found: Simulation | None) -> tuple[str, str]:
    if found is None:
        return ("", "")
    failed = [step for step in found.steps if step.status == "failed"]
    if failed:
        return ("fail", _("Fails at step %(number)s") % {"number": failed[0].position + 1})
    if found.not_started is not None:
        return ("wait", _("Would not start"))
    if any(step.status == "stopped" for step in found.steps):
        return ("wait", _("Would stop"))
    count = sum(step.status == "planned" for step in found.steps)
    return ("ok", ngettext("%(number)s step checked", "%(number)s steps checked", count) % {"number": count})
