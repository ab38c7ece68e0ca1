"""What people do to runs: pause, resume, skip, run now, cancel; one run or many, each with its answer (RUN-6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rouage.accounts.access import NotFound, require
from rouage.accounts.actors import actor_of
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations import definition as definitions
from rouage.automations.commands.changing import Case, Changes, Decide, Decision, Verb, change_runs
from rouage.automations.errors import Refused as RunRefused
from rouage.automations.models import Run
from rouage.planner import commands as planner
from rouage.planner.model import Definition, Hold, Pass, Reason, Refused, Resume
from rouage.records.commands import pause_client as pause_client_record
from rouage.records.kinds import KINDS
from rouage.records.models import Client

MOST = 10_000
"""Runs that one bulk command takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks, at which moment, and what they wrote beside it. ``address``: where the request came from (ACC-4)."""

    member: Member
    now: datetime
    note: str = ""
    address: str = ""

    def verb(self, name: str) -> Verb:
        return Verb(name=name, actor=actor_of(self.member, self.address), note=self.note.strip()[:500])


def pause_runs(asked: Asked, ids: Collection[int], *, until: datetime | None = None) -> Changes:
    """Nothing happens until somebody resumes them, or until that moment."""

    def pause(case: Case) -> Decision:
        state, now = case.state, asked.now
        changed = planner.pause(state, now) if until is None else planner.pause_until(state, now, until)
        return Decision(state=changed.run, reason=changed.reason)

    return _change(asked, ids, pause, "run.paused")


def resume_runs(asked: Asked, ids: Collection[int], *, mode: Resume = Resume.KEEP_DATES) -> Changes:
    """Go on as planned, from the beginning of the delay, or with what was left of it."""

    def resume(case: Case) -> Decision:
        changed = planner.resume(
            case.state, asked.now, mode, _definition(case), case.snapshot, case.calendar, active=case.active
        )
        return Decision(state=changed.run, reason=changed.reason, passed=changed.passed, moved=changed.moved)

    return _change(asked, ids, resume, "run.resumed")


def skip_steps(asked: Asked, ids: Collection[int]) -> Changes:
    """Leave the current step of each out and plan the next one."""

    def skip(case: Case) -> Decision:
        move = planner.skip(case.state, _definition(case), case.snapshot, asked.now, case.calendar)
        left = move.effect
        reason = Reason(code="step.skipped_by_person", data={"step": case.state.position + 1})
        passed = (left, *move.passed) if isinstance(left, Pass) else move.passed
        return Decision(state=move.run, reason=reason, passed=passed, moved=move.moved)

    return _change(asked, ids, skip, "run.step_skipped")


def run_now(asked: Asked, ids: Collection[int]) -> Changes:
    """The current step is due at once, whatever the sending hours and the gap; stop conditions still count."""

    def now(case: Case) -> Decision:
        if not case.active:
            raise Refused(Reason(code="refused.automation_off"))
        changed = planner.run_now(case.state, asked.now)
        return Decision(state=changed.run, reason=changed.reason)

    return _change(asked, ids, now, "run.asked_now")


def cancel_runs(asked: Asked, ids: Collection[int]) -> Changes:
    """End open runs; the outcome of a step that is under way is still recorded."""

    def cancel(case: Case) -> Decision:
        changed = planner.cancel(case.state)
        return Decision(state=changed.run, reason=changed.reason)

    return _change(asked, ids, cancel, "run.cancelled")


def pause_run(asked: Asked, run_id: int, *, until: datetime | None = None) -> None:
    """As pause_runs, for one. Raises NotFound, Refused."""
    one(asked, run_id, pause_runs(asked, [run_id], until=until))


def resume_run(asked: Asked, run_id: int, *, mode: Resume = Resume.KEEP_DATES) -> None:
    one(asked, run_id, resume_runs(asked, [run_id], mode=mode))


def skip_step(asked: Asked, run_id: int) -> None:
    one(asked, run_id, skip_steps(asked, [run_id]))


def run_step_now(asked: Asked, run_id: int) -> None:
    one(asked, run_id, run_now(asked, [run_id]))


def cancel_run(asked: Asked, run_id: int) -> None:
    one(asked, run_id, cancel_runs(asked, [run_id]))


def pause_all(asked: Asked, kind: str, record_id: int, *, until: datetime | None = None) -> Changes:
    """Every open run of a record ("Tout mettre en pause")."""
    return pause_runs(asked, _of_record(asked, kind, record_id, status__in=("waiting", "paused")), until=until)


def resume_all(asked: Asked, kind: str, record_id: int, *, mode: Resume = Resume.KEEP_DATES) -> Changes:
    """Every run of a record that a person has paused."""
    return resume_runs(asked, _of_record(asked, kind, record_id, status="paused", hold=Hold.PERSON), mode=mode)


def pause_client(asked: Asked, client: Client, until: datetime) -> Changes:
    """Nothing is done for a client until then: open runs are paused, and later ones are when they begin."""
    require(asked.member, Privilege.ACT_ON_RUNS)
    if client.organisation_id != asked.member.organisation_id:
        raise NotFound
    if until <= asked.now:
        raise RunRefused(Reason(code="refused.moment_past", data={"until": until}))
    with transaction.atomic():
        pause_client_record(actor_of(asked.member, asked.address), client, until, now=asked.now)
    return pause_runs(asked, _of_client(asked, client, status__in=("waiting", "paused")), until=until)


def resume_client(asked: Asked, client: Client, *, mode: Resume = Resume.KEEP_DATES) -> Changes:
    """End the pause of a client, and of their runs."""
    require(asked.member, Privilege.ACT_ON_RUNS)
    if client.organisation_id != asked.member.organisation_id:
        raise NotFound
    with transaction.atomic():
        pause_client_record(actor_of(asked.member, asked.address), client, None, now=asked.now)
    return resume_runs(asked, _of_client(asked, client, status="paused", hold=Hold.PERSON), mode=mode)


def one(asked: Asked, run_id: int, changes: Changes) -> None:
    """Raise what a bulk form has answered about its only run."""
    if run_id in changes.refused:
        kind = Run.objects.filter(id=run_id).values_list("kind", flat=True).get()
        raise RunRefused(changes.refused[run_id], kind)
    if run_id not in changes.done:
        raise NotFound


def _change(asked: Asked, ids: Collection[int], decide: Decide, verb: str) -> Changes:
    require(asked.member, Privilege.ACT_ON_RUNS)
    if len(ids) > MOST:
        raise RunRefused(Reason(code="run.too_many", data={"number": len(ids), "most": MOST}))
    return change_runs(asked.member.organisation_id, ids, decide, asked.verb(verb), now=asked.now)


def _definition(case: Case) -> Definition:
    if case.definition is None:
        raise Refused(definitions.why_not(case.held.version_id))
    return case.definition


def _of_record(asked: Asked, kind: str, record_id: int, **conditions: object) -> list[int]:
    runs = Run.objects.filter(organisation_id=asked.member.organisation_id, kind=kind, record_id=record_id)
    return list(runs.filter(**conditions).order_by("id").values_list("id", flat=True))


def _of_client(asked: Asked, client: Client, **conditions: object) -> list[int]:
    """By the client's records: the runs have no index of clients, which every start would pay for."""
    found: list[int] = []
    for kind in KINDS.values():
        if kind.automatable:
            records = kind.model._default_manager.filter(organisation_id=client.organisation_id, client_id=client.pk)
            runs = Run.objects.filter(
                organisation_id=client.organisation_id, kind=kind.key, record_id__in=records.values("id"), **conditions
            )
            found += runs.values_list("id", flat=True)
    return sorted(found)
