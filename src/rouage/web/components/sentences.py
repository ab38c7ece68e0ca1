"""What an automation does as one sentence whose parts lead to their place, also while it is being written (AUT-15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from pydantic import ValidationError

from rouage.automations.definition import DefinitionIn, StepIn, TypeIn
from rouage.automations.names import Names
from rouage.automations.phrases import Phrases
from rouage.automations.registry import ACTIONS, TRIGGERS
from rouage.automations.sentence import action_clause, phrases_for, step_clause, stop_clause, trigger_clause
from rouage.web.components.merge_fields import plain
from rouage.web.components.stories import capital

TRIGGER, CONDITIONS, STOP, SETTINGS = "trigger", "conditions", "stop", "settings"
SHOWN = 6  # steps that the sentence says before it counts the others
_REPAIRS = 200  # places that a draft may have filled in wrongly


@dataclass(frozen=True, kw_only=True)
class StepWords:
    """``when``: its timing ("after 7 days"), ``action``: without it, ``what``: the whole clause; with a capital."""

    ident: str
    number: int
    icon: str
    label: str
    when: str
    action: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Each part in words; "" where nothing was chosen yet."""

    trigger: str
    trigger_icon: str
    conditions: str
    steps: Sequence[StepWords]
    stop: str
    sentence: SafeString


def lenient(draft: Mapping[str, Any]) -> DefinitionIn:
    """A draft as a definition, without the places that cannot be read: each falls back to its default."""
    readable = dict(draft)
    for _round in range(_REPAIRS):
        try:
            return DefinitionIn.model_validate(readable)
        except ValidationError as error:
            readable = _without(readable, error.errors(include_url=False, include_input=False)[0]["loc"])
    return DefinitionIn(kind=str(draft.get("kind", "")), trigger=TypeIn(type=""))


def summary(draft: Mapping[str, Any], names: Names) -> Summary:
    """In the current language."""
    definition = lenient(draft)
    phrases = phrases_for(definition, names)
    steps = [_step(number, step, phrases) for number, step in enumerate(definition.steps)]
    trigger = TRIGGERS.get(definition.trigger.type)
    clause = trigger_clause(definition, phrases) if trigger else ""
    condition = phrases.condition(definition.conditions) if definition.conditions.of else ""
    stop = stop_clause(definition, phrases)
    return Summary(
        trigger=capital(plain(clause, definition.kind)),
        trigger_icon=trigger.icon if trigger else "zap",
        conditions=capital(_("if %(condition)s") % {"condition": condition}) if condition else "",
        steps=steps,
        stop=stop,
        sentence=_sentence(plain(clause, definition.kind), condition, steps, stop),
    )


def step_ident(number: int, step_id: str) -> str:
    """The id of a step in the page: its own, which it keeps when it is moved."""
    return f"step-{step_id or number + 1}"


def _step(number: int, step: StepIn, phrases: Phrases) -> StepWords:
    action = ACTIONS.get(step.action.type)
    try:
        what, act, when = step_clause(step, phrases), action_clause(step, phrases), phrases.delay(step.timing.plan())
    except (ValidationError, ValueError, KeyError):
        what, act, when = "…", "…", ""
    label = _(action.label) if action else step.action.type
    return StepWords(
        ident=step_ident(number, step.id),
        number=number + 1,
        icon=action.icon if action else "circle-question-mark",
        label=label,
        when=when,
        action=plain(capital(act), phrases.kind) if act != "…" else label,
        # Settings that are not complete yet: the action's name stands for them.
        what=plain(capital(what), phrases.kind) if act != "…" else f"{label} {when}".strip(),
    )


def _sentence(clause: str, condition: str, steps: Sequence[StepWords], stop: str) -> SafeString:
    opening = _link(TRIGGER, capital(clause)) if clause else _blank(_("When a trigger that you choose"))
    if condition:
        opening = _filled(_("%(when)s, if %(condition)s"), when=opening, condition=_link(CONDITIONS, condition))
    told = [_link(step.ident, _lower(step.what) or step.label) for step in steps[:SHOWN]]
    if len(steps) > SHOWN:
        further = _("and %(number)s further steps") % {"number": len(steps) - SHOWN}
        told.append(_link(steps[SHOWN].ident, further))
    doing = _joined(told) if told else _blank(_("an action that you choose"))
    whole = _filled(_("%(opening)s, %(steps)s."), opening=opening, steps=doing)
    return format_html("{} {}", whole, _link(STOP, stop)) if stop else whole


def _joined(parts: Sequence[SafeString]) -> SafeString:
    return format_html_join(_(", then "), "{}", ((part,) for part in parts))


def _filled(template: str, **parts: SafeString) -> SafeString:
    """A translated sentence with markup in its places."""
    escaped = {name: conditional_escape(part) for name, part in parts.items()}
    return mark_safe(str(conditional_escape(template)) % escaped)  # noqa: S308 -- template and parts are escaped above


def _link(ident: str, text: str) -> SafeString:
    return format_html('<a href="#{}">{}</a>', ident, text)


def _blank(text: str) -> SafeString:
    return format_html('<span class="blank">{}</span>', text)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _without(draft: dict[str, Any], place: Sequence[str | int]) -> dict[str, Any]:
    """The draft with the part that ``place`` lies in back at its default."""
    top = place[0] if place else ""
    if top == "steps" and len(place) > 1 and isinstance(place[1], int) and isinstance(draft.get("steps"), list | tuple):
        steps = list(draft["steps"])
        steps[place[1]] = _step_without(steps[place[1]], place[2:])
        return {**draft, "steps": steps}
    if top == "trigger":
        given = draft.get("trigger")
        return {**draft, "trigger": {"type": str(given.get("type", "")) if isinstance(given, Mapping) else ""}}
    return {name: value for name, value in draft.items() if name != top}


def _step_without(step: Any, place: Sequence[str | int]) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    if not isinstance(step, Mapping):
        return {"action": {"type": ""}}
    part = place[0] if place else ""
    if part == "action" or not part:
        given = step.get("action")
        kind = str(given.get("type", "")) if isinstance(given, Mapping) else ""
        return {**step, "action": {"type": kind}} if len(place) > 1 else {"action": {"type": kind}}
    return {name: value for name, value in step.items() if name != part}
