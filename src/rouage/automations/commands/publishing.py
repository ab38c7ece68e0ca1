"""Publishes a draft as an immutable version, and settles what becomes of the runs that wait (AUT-6, AUT-7)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from rouage.accounts.access import require
from rouage.accounts.actors import actor_of
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations import definition as definitions
from rouage.automations.candidates import enroll, matching
from rouage.automations.commands.changing import Case, Changes, Decision, Verb, change_runs, open_runs_of
from rouage.automations.commands.drafts import DRAFT_FIELDS, forget_draft, journal, locked
from rouage.automations.definition import DefinitionIn, compile_definition, settled
from rouage.automations.errors import NotPublishable, refuse
from rouage.automations.models import Automation, Version
from rouage.automations.scope import scope_of
from rouage.automations.validation import problems
from rouage.planner.commands import cancel, move_to_version
from rouage.planner.model import Definition, Reason, Refused

REPUBLISHED = Reason(code="automation.republished")


class Waiting(StrEnum):
    """What a publication does with runs that wait on an older version."""

    FINISH = "finish"  # each ends on its own version
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """``changes``: what became of the waiting runs; ``enrolled``: how many existing records were taken in."""

    version: Version
    changes: Changes
    enrolled: int = 0


def publish(
    member: Member,
    automation: Automation,
    *,
    waiting: Waiting = Waiting.FINISH,
    existing: int | None = None,
    note: str = "",
    now: datetime,
) -> Published:
    """Make the draft version N; the first one switches the automation on (AUT-5).

    ``existing``: take in the records that match already, as many as the member has confirmed; None: new ones only.
    Raises NotPublishable, Refused; then nothing has changed and the draft is still there.
    """
    with transaction.atomic():
        automation = locked(member, automation)
        require(member, Privilege.PUBLISH)
        definition = _checked(automation)
        former = automation.published_id
        version = _write(member, automation, definition, note, now)
        compiled = compile_definition(definition)
        taken = 0 if existing is None else enroll_confirmed(member, automation, compiled, existing, now)
    changes = Changes()
    if former is not None and waiting is not Waiting.FINISH:
        changes = _settle(member, automation, version, compiled, waiting, now)
    return Published(version=version, changes=changes, enrolled=taken)


def enroll_confirmed(
    member: Member, automation: Automation, compiled: Definition, confirmed: int, now: datetime
) -> int:
    """Take existing records in, no more than were confirmed. Raises Refused when there are more by now."""
    count = matching(automation.organisation_id, compiled, now=now, automation=automation)
    if count.number > confirmed:
        raise refuse("existing.more", number=count.number, confirmed=confirmed)
    taken = enroll(automation, compiled, now=now)
    if taken:
        journal(member, automation, "automation.enrolled", {"records": taken}, now)
    return taken


def _checked(automation: Automation) -> DefinitionIn:
    if automation.draft is None:
        raise refuse("draft.none")
    scope = scope_of(automation.organisation_id)
    found = problems(automation.draft, scope)
    if found:
        raise NotPublishable(found)
    definition = settled(DefinitionIn.model_validate(automation.draft), scope.stages)
    if automation.published is not None and definition.stored() == automation.published.definition:
        raise refuse("draft.unchanged", version=automation.published.number)
    return definition


def _write(member: Member, automation: Automation, definition: DefinitionIn, note: str, now: datetime) -> Version:
    last = Version.objects.filter(automation=automation).order_by("-number").values_list("number", flat=True).first()
    version = Version.objects.create(
        organisation_id=automation.organisation_id,
        automation=automation,
        number=(last or 0) + 1,
        definition=definition.stored(),
        published_at=now,
        published_by=member,
        note=note[:300],
    )
    if last is None:
        automation.is_active = True
    automation.published, automation.kind = version, definition.kind
    forget_draft(automation)
    automation.save(update_fields=["is_active", "published", "kind", *DRAFT_FIELDS])
    data = {"version": version.number, "note": version.note, "active": automation.is_active}
    journal(member, automation, "automation.published", data, now)
    return version


def _settle(
    member: Member, automation: Automation, version: Version, compiled: Definition, waiting: Waiting, now: datetime
) -> Changes:
    """In transactions of their own, 500 runs each: a thousand waiting runs must not keep the workers waiting."""
    ids = open_runs_of(automation.pk, statuses=("waiting", "paused"))
    if waiting is Waiting.CANCEL:
        return cancel_runs_of(member, automation, ids, REPUBLISHED, now=now, keep=version.pk)

    def move(case: Case) -> Decision:
        if case.held.version_id == version.pk or case.definition is None:
            raise Refused(definitions.why_not(case.held.version_id))
        moved = move_to_version(case.state, case.definition, compiled, now, case.snapshot, case.calendar)
        return Decision(
            state=moved.run,
            reason=moved.reason,
            passed=moved.passed,
            moved=moved.moved,
            version_id=version.pk,
            data={"version": version.number},
        )

    return change_runs(automation.organisation_id, ids, move, Verb(name="run.moved", actor=actor_of(member)), now=now)


def cancel_runs_of(
    member: Member,
    automation: Automation,
    ids: Collection[int],
    reason: Reason,
    *,
    now: datetime,
    keep: int | None = None,
) -> Changes:
    """Cancel an automation's runs, but for those on the version ``keep``."""

    def end(case: Case) -> Decision:
        if case.held.version_id == keep:
            raise Refused(Reason(code="run.on_this_version"))
        changed = cancel(case.state, reason)
        return Decision(state=changed.run, reason=changed.reason)

    verb = Verb(name="run.cancelled", actor=actor_of(member))
    return change_runs(automation.organisation_id, ids, end, verb, now=now)
