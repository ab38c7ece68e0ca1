"""The list of automations, one automation with its versions, and what lies between two versions (AUT-5, AUT-6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _
from pydantic import ValidationError

from rouage.accounts.access import require
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations.access import access_automation, can_edit, can_publish
from rouage.automations.definition import DefinitionIn, NotRunnable, StepIn, parse
from rouage.automations.models import Automation, Version
from rouage.automations.names import Names, names_of
from rouage.automations.phrases import Phrases
from rouage.automations.queries import ranges
from rouage.automations.queries.ranges import RunFilter
from rouage.automations.registry import ACTIONS
from rouage.automations.sentence import phrases_for, sentence, step_clause, stop_clause, trigger_clause
from rouage.records.kinds import KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationRow:
    """``sentence`` is what it does; that of its draft as long as nothing is published. ``version`` 0: none yet."""

    id: int
    name: str
    kind: str
    sentence: str
    is_active: bool
    is_flooded: bool
    has_draft: bool
    version: int
    owner: str
    can_edit: bool
    can_publish: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    id: int
    number: int
    published_at: datetime
    published_by: str
    note: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """``before`` or ``after`` is empty for what was added or taken out. ``part`` names the place ("Step 2")."""

    part: str
    before: str
    after: str


def automations(member: Member, *, hide_inactive: bool = False) -> tuple[AutomationRow, ...]:
    """All of the organisation by name, deleted ones left out; a fixed number of queries."""
    require(member, Privilege.SEE_RUNS)
    found = Automation.objects.select_related("owner__user", "owner__team", "team", "published").filter(
        organisation_id=member.organisation_id, deleted_at__isnull=True
    )
    if hide_inactive:
        found = found.filter(is_active=True)
    names = names_of(member.organisation_id)
    return tuple(_row(member, automation, names) for automation in found.order_by("name", "id"))


def buttons(member: Member, kind: str) -> tuple[tuple[int, str], ...]:
    """The automations that a person can start by hand on records of ``kind``, with the text of their button."""
    require(member, Privilege.ACT_ON_RUNS)
    found = Automation.objects.select_related("published").filter(
        organisation_id=member.organisation_id, kind=kind, is_active=True, deleted_at__isnull=True
    )
    pressed = []
    for automation in found.order_by("name"):
        trigger = automation.published.definition["trigger"] if automation.published else {}
        if trigger.get("type") == "button_pressed":
            pressed.append((automation.pk, str(trigger["config"]["text"])))
    return tuple(pressed)


def versions(member: Member, automation_id: int) -> tuple[VersionRow, ...]:
    """Newest first. Raises NotFound."""
    automation = access_automation(member, automation_id)
    found = Version.objects.filter(automation=automation).select_related("published_by__user").order_by("-number")
    return tuple(
        VersionRow(
            id=version.pk,
            number=version.number,
            published_at=version.published_at,
            published_by=str(version.published_by) if version.published_by else "",
            note=version.note,
            is_current=version.pk == automation.published_id,
        )
        for version in found
    )


def waiting_runs(member: Member, automation_id: int) -> dict[int, int]:
    """How many open runs each version of the automation has, counted to a thousand each, by version id."""
    access_automation(member, automation_id)
    found = {}
    for version in versions(member, automation_id):
        counted = ranges.counts(member.organisation_id, RunFilter(version_id=version.id))
        found[version.id] = sum(counted.get(status, 0) for status in ("waiting", "paused", "running"))
    return found


def compare(member: Member, automation_id: int, before: int, after: int | None = None) -> tuple[Difference, ...]:
    """What changed between two versions by number, or from one to the draft; in words. Raises NotFound."""
    automation = access_automation(member, automation_id)
    numbers = [before] if after is None else [before, after]
    stored = dict(Version.objects.filter(automation=automation, number__in=numbers).values_list("number", "definition"))
    new = automation.draft if after is None else stored.get(after)
    names = names_of(member.organisation_id)
    return tuple(differences(stored.get(before), new, names))


def differences(before: Any, after: Any, names: Names) -> Iterator[Difference]:  # noqa: ANN401 -- JSON
    """Part by part; steps are matched by their identifier. Nothing for a definition that cannot be read."""
    try:
        old, new = parse(before), parse(after)
    except NotRunnable:
        return
    olds, news = dict(_parts(old, names)), dict(_parts(new, names))
    for part in [*olds, *(part for part in news if part not in olds)]:
        if olds.get(part) != news.get(part):
            yield Difference(part=part[1], before=olds.get(part, ""), after=news.get(part, ""))
    yield from _steps(old, new, names)


type _Part = tuple[str, str]


def _parts(definition: DefinitionIn, names: Names) -> Iterator[tuple[_Part, str]]:
    phrases = phrases_for(definition, names)
    yield ("trigger", _("Trigger")), trigger_clause(definition, phrases)
    yield ("conditions", _("Conditions")), phrases.condition(definition.conditions)
    yield ("stop", _("Stop")), stop_clause(definition, phrases)
    yield ("reentry", _("Re-entry")), str(definition.reentry)
    yield ("limits", _("Limits")), _limits(definition, phrases)
    late = "" if definition.max_late_hours is None else f"{definition.max_late_hours} h"
    yield ("max_late", _("Left out when later than")), late
    yield ("self_trigger", _("May start itself")), _("yes") if definition.self_trigger else _("no")


def _limits(definition: DefinitionIn, phrases: Phrases) -> str:
    limits, parts = definition.limits, []
    if limits.gap_days is not None:
        parts.append(_("gap of %(days)s days") % {"days": limits.gap_days})
    if limits.cap is not None:
        parts.append(_("at most %(cap)s in %(days)s days") % {"cap": limits.cap, "days": limits.period_days})
    return phrases.listing(parts)


def _steps(old: DefinitionIn, new: DefinitionIn, names: Names) -> Iterator[Difference]:
    olds, news = _by_id(old.steps), _by_id(new.steps)
    before, after = phrases_for(old, names), phrases_for(new, names)
    for id_, (position, step) in olds.items():
        part = _("Step %(number)s") % {"number": position + 1}
        if id_ not in news:
            yield Difference(part=part, before=step_clause(step, before), after="")
            continue
        place, other = news[id_]
        if step != other:
            # Two settings may read the same: then they are told apart as JSON is.
            texts = step_clause(step, before), step_clause(other, after)
            if texts[0] == texts[1]:
                texts = _told_apart(step, other)
            yield Difference(part=part, before=texts[0], after=texts[1])
        elif place != position:
            moved = _("Step %(number)s") % {"number": place + 1}
            yield Difference(part=part, before=part, after=moved)
    for id_, (position, step) in news.items():
        if id_ not in olds:
            part = _("Step %(number)s") % {"number": position + 1}
            yield Difference(part=part, before="", after=step_clause(step, after))


def _by_id(steps: Sequence[StepIn]) -> dict[str, tuple[int, StepIn]]:
    return {step.id or f"#{position}": (position, step) for position, step in enumerate(steps)}


def _told_apart(old: StepIn, new: StepIn) -> tuple[str, str]:
    before, after = _settings(old), _settings(new)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return _listed(old, before, changed), _listed(new, after, changed)


def _settings(step: StepIn) -> Mapping[str, Any]:
    """With what is usual for those that were left out; as they are when they cannot be read."""
    action = ACTIONS.get(step.action.type)
    try:
        return (
            action.read(step.action.config, step.action.version).model_dump(mode="json")
            if action
            else step.action.config
        )
    except ValidationError:
        return step.action.config


def _listed(step: StepIn, settings: Mapping[str, Any], names: Sequence[str]) -> str:
    fields = ACTIONS[step.action.type].Config.model_fields if step.action.type in ACTIONS else {}
    titles = {name: gettext(info.title or name) for name, info in fields.items()}
    return ", ".join(
        _("%(name)s: %(value)s") % {"name": titles.get(name, name), "value": settings.get(name)} for name in names
    )


def _row(member: Member, automation: Automation, names: Names) -> AutomationRow:
    stored = automation.published.definition if automation.published else automation.draft
    return AutomationRow(
        id=automation.pk,
        name=automation.name,
        kind=automation.kind,
        sentence=_sentence(stored, names),
        is_active=automation.is_active,
        is_flooded=automation.flooded_at is not None,
        has_draft=automation.draft is not None,
        version=automation.published.number if automation.published else 0,
        owner=str(automation.owner),
        can_edit=can_edit(member, automation),
        can_publish=can_publish(member, automation),
    )


def _sentence(stored: Any, names: Names) -> str:  # noqa: ANN401 -- JSON
    try:
        definition = parse(stored)
    except NotRunnable:
        return ""
    return sentence(definition, get_language() or "fr", names) if definition.kind in KINDS else ""
