"""Takes up runs that have ended, as new runs beside the old ones; never sends an e-mail twice unasked (RUN-7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import batched
from typing import Any

from django.db import transaction

from rouage.accounts.access import NotFound, require
from rouage.accounts.calendars import calendars_of
from rouage.accounts.privileges import Privilege
from rouage.automations import definition as definitions
from rouage.automations.commands.changing import BATCH, own_runs
from rouage.automations.commands.running import MOST, Asked
from rouage.automations.errors import Refused as RunRefused
from rouage.automations.held import Held
from rouage.automations.models import Automation, Run
from rouage.automations.outcome import reason_text
from rouage.automations.world import lock_runs
from rouage.journal import bulk, wake
from rouage.journal.append import ENTRY_COLUMNS, cause_text, json_text
from rouage.journal.models import Entry
from rouage.mail.models import Message, Recipient
from rouage.mail.states import RecipientState
from rouage.planner.calendar import Calendar
from rouage.planner.commands import Origin, Relaunched
from rouage.planner.commands import relaunch as plan_relaunch
from rouage.planner.match import with_facts
from rouage.planner.model import OPEN, Definition, Reason, Refused, Snapshot
from rouage.planner.reasons import to_json
from rouage.records import snapshot

_NEW = (
    "id", "organisation_id", "automation_id", "version_id", "kind", "record_id", "client_id", "label", "event_id",
    "cause", "facts", "status", "hold", "position", "entered_at", "planned_at", "due_at", "remaining", "attempt",
    "outcome", "relaunched_from", "spared", "triggered_at", "last_action",
)  # fmt: skip
_ENTRY = (*ENTRY_COLUMNS, "address")
_OPEN = tuple(status.value for status in OPEN)
# Nothing has reached the recipient, and nothing will.
_FAILED = (RecipientState.NOT_SENT, RecipientState.FAILED)
_ANCESTORS = 20


class On(StrEnum):
    """The version that a relaunched run takes."""

    OWN = "own"
    CURRENT = "current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """``origin``: the failed step, the start, or a position. ``repeat``: send again what was sent already."""

    origin: Origin | int = Origin.FAILED_STEP
    on: On = On.OWN
    repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An e-mail that left already: at which step, with which subject, when (None: nobody can know)."""

    position: int
    subject: str
    at: datetime | None


@dataclass(slots=True)
class Relaunches:
    """``done``: the new run of each old one. ``sent``: what had left already, by old run; it is not sent again."""

    done: dict[int, int] = field(default_factory=dict)
    refused: dict[int, Reason] = field(default_factory=dict)
    sent: dict[int, tuple[Sent, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One relaunch as it would be written."""

    held: Held
    version_id: int
    planned: Relaunched
    sent: tuple[Sent, ...]


def relaunch_runs(asked: Asked, ids: Collection[int], wish: Wish = Wish()) -> Relaunches:
    """Start ended runs again in transactions of 500; each answers with its new run, or why there is none."""
    require(asked.member, Privilege.ACT_ON_RUNS)
    if len(ids) > MOST:
        raise RunRefused(Reason(code="run.too_many", data={"number": len(ids), "most": MOST}))
    result = Relaunches()
    for some in batched(sorted(set(ids)), BATCH):
        with transaction.atomic():
            plans = _plans(asked, some, wish, result.refused)
            result.done |= _write(asked, plans)
            result.sent |= {plan.held.id: plan.sent for plan in plans}
    return result


def relaunch(asked: Asked, run_id: int, wish: Wish = Wish()) -> tuple[int, tuple[Sent, ...]]:
    """The new run's number, and the e-mails that it does not send again. Raises NotFound, Refused."""
    result = relaunch_runs(asked, [run_id], wish)
    _require(run_id, result.done, result.refused)
    return result.done[run_id], result.sent[run_id]


def preview_relaunch(asked: Asked, run_id: int, wish: Wish = Wish()) -> Plan:
    """What a relaunch would do, without doing it: where it begins, what had left already."""
    require(asked.member, Privilege.ACT_ON_RUNS)
    refused: dict[int, Reason] = {}
    plans = _plans(asked, [run_id], wish, refused)
    _require(run_id, {plan.held.id: 0 for plan in plans}, refused)
    return plans[0]


def _require(run_id: int, done: Mapping[int, int], refused: Mapping[int, Reason]) -> None:
    if run_id in refused:
        raise RunRefused(refused[run_id])
    if run_id not in done:
        raise NotFound


def _plans(asked: Asked, ids: Sequence[int], wish: Wish, refused: dict[int, Reason]) -> list[Plan]:
    seen = _see(asked.member.organisation_id, lock_runs(own_runs(asked.member.organisation_id, ids)), wish)
    plans = []
    for held in seen.runs:
        try:
            plans.append(_plan(held, seen, wish, asked.now))
        except Refused as no:
            refused[held.id] = no.reason
    return plans


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A batch of ended runs with everything that is asked about them."""

    runs: Sequence[Held]
    automations: Mapping[int, Automation]
    versions: Mapping[int, int]
    compiled: Mapping[int, Definition]
    facts: Mapping[tuple[str, int], Snapshot]
    calendar: Calendar
    again: Collection[int]
    sent: Mapping[int, tuple[Sent, ...]]


def _see(organisation_id: int, runs: Sequence[Held], wish: Wish) -> _Seen:
    automations = Automation.objects.in_bulk({held.automation_id for held in runs})
    versions = {held.id: _version(held, automations[held.automation_id], wish) for held in runs}
    return _Seen(
        runs=runs,
        automations=automations,
        versions=versions,
        compiled=definitions.load({*versions.values(), *(held.version_id for held in runs)}),
        facts=snapshot.take({held.reference for held in runs}),
        calendar=calendars_of([organisation_id])[organisation_id],
        again=_open_successors(runs),
        sent=_sent(runs),
    )


def _plan(held: Held, seen: _Seen, wish: Wish, now: datetime) -> Plan:
    version_id = seen.versions[held.id]
    reason = _hindrance(held, seen.automations[held.automation_id], seen.again)
    if reason is None and version_id not in seen.compiled:
        reason = definitions.why_not(version_id)
    if reason is not None:
        raise Refused(reason)
    facts = seen.facts.get(held.reference)
    planned = plan_relaunch(
        held.state,
        seen.compiled[version_id],
        now,
        None if facts is None else with_facts(facts, held.facts),
        seen.calendar,
        origin=wish.origin,
        done={mail.position for mail in seen.sent[held.id]},
        repeat=wish.repeat,
        former=seen.compiled.get(held.version_id) if version_id != held.version_id else None,
    )
    told = () if wish.repeat else seen.sent[held.id]
    return Plan(held=held, version_id=version_id, planned=planned, sent=told)


def _version(held: Held, automation: Automation, wish: Wish) -> int:
    return held.version_id if wish.on is On.OWN else (automation.published_id or held.version_id)


def _hindrance(held: Held, automation: Automation, again: Collection[int]) -> Reason | None:
    if automation.deleted_at is not None:
        return Reason(code="automation.deleted")
    if not automation.is_active:
        return Reason(code="refused.automation_off")
    if held.id in again:
        return Reason(code="run.relaunched_already")
    return None


def _open_successors(runs: Sequence[Held]) -> set[int]:
    """Those that were relaunched before, by a run that is still open."""
    if not runs:
        return set()
    found = Run.objects.filter(
        organisation_id=runs[0].organisation_id,
        kind__in={held.kind for held in runs},
        record_id__in={held.record_id for held in runs},
        relaunched_from__in=[held.id for held in runs],
        status__in=_OPEN,
    )
    return {former for former in found.values_list("relaunched_from", flat=True) if former is not None}


def _sent(runs: Sequence[Held]) -> dict[int, tuple[Sent, ...]]:
    """The e-mails of each run and of those it was relaunched from that left, may have left, or are about to."""
    lines = _lines(runs)
    messages = Message.objects.filter(run_id__in={id_ for line in lines.values() for id_ in line})
    failed = _failed({message.pk for message in messages})
    found: dict[int, dict[int, Sent]] = defaultdict(dict)
    for message in messages:
        if message.pk not in failed and message.run_id is not None and message.position is not None:
            mail = Sent(position=message.position, subject=message.subject, at=message.sent_at)
            found[message.run_id][mail.position] = mail
    result = {}
    for run_id, line in lines.items():
        together = {position: mail for id_ in reversed(line) for position, mail in found[id_].items()}
        result[run_id] = tuple(together[position] for position in sorted(together))
    return result


def _failed(message_ids: Collection[int]) -> set[int]:
    """The messages that reached none of their recipients and never will."""
    states: dict[int, set[str]] = defaultdict(set)
    recipients = Recipient.objects.filter(message_id__in=message_ids).values_list("message_id", "state")
    for message_id, state in recipients:
        states[message_id].add(state)
    return {message_id for message_id in message_ids if states[message_id] <= set(_FAILED)}


def _lines(runs: Sequence[Held]) -> dict[int, list[int]]:
    """Each run with those that it was relaunched from, the newest first, as far as they are on its version."""
    lines = {held.id: [held.id] for held in runs}
    former = dict(Run.objects.filter(id__in=lines).values_list("id", "relaunched_from"))
    versions = {held.id: held.version_id for held in runs}
    ahead = {run_id: parent for run_id, parent in former.items() if parent is not None}
    for _ in range(_ANCESTORS):
        if not ahead:
            break
        parents = {
            row[0]: row
            for row in Run.objects.filter(id__in=ahead.values()).values_list("id", "relaunched_from", "version_id")
        }
        following = {}
        for run_id, parent in ahead.items():
            _, grandparent, version_id = parents[parent]
            if version_id == versions[run_id]:
                lines[run_id].append(parent)
                if grandparent is not None:
                    following[run_id] = grandparent
        ahead = following
    return lines


def _write(asked: Asked, plans: Sequence[Plan]) -> dict[int, int]:
    ids = bulk.reserve_ids(Run, len(plans))
    written = list(zip(ids, plans, strict=True))
    bulk.insert(Run, _NEW, [_row(run_id, plan, asked.now) for run_id, plan in written])
    bulk.insert(Entry, _ENTRY, [row for run_id, plan in written for row in _entries(asked, run_id, plan)])
    if written:
        wake.after_commit()
    return {plan.held.id: run_id for run_id, plan in written}


def _row(run_id: int, plan: Plan, now: datetime) -> tuple[Any, ...]:
    held, state = plan.held, plan.planned.run
    return (
        run_id, held.organisation_id, held.automation_id, plan.version_id, held.kind, held.record_id, held.client_id,
        held.label, held.event_id, cause_text(held.cause), json_text(dict(held.facts)), state.status.value,
        state.hold.value, state.position, state.entered_at, state.planned_at, state.due_at, state.remaining, 0,
        reason_text(plan.planned.reason), held.id, json_text(list(plan.planned.spared)), now, "",
    )  # fmt: skip


def _entries(asked: Asked, run_id: int, plan: Plan) -> list[tuple[Any, ...]]:
    """One line in the new run, one in the old."""
    held, reason = plan.held, to_json(plan.planned.reason)
    verb = asked.verb("run.relaunched")
    note = {"note": verb.note} if verb.note else {}
    told = {"from": held.id, "to": run_id, "reason": reason, "spared": list(plan.planned.spared), **note}
    return [
        (
            held.organisation_id, verb.name, verb.actor.kind, verb.actor.id, verb.actor.label, of, held.kind,
            held.record_id, json_text(told), asked.now, verb.actor.address or None,
        )
        for of in (run_id, held.id)
    ]  # fmt: skip
