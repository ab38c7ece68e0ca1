"""One sentence that says what an automation does, in the reader's language (AUT-15)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from pydantic import ValidationError

from rouage.automations.definition import DefinitionIn, StepIn, stop_statuses
from rouage.automations.names import NAMELESS, Names
from rouage.automations.phrases import Phrases
from rouage.automations.registry import ACTIONS, TRIGGERS
from rouage.automations.shapes import GroupIn, TestIn
from rouage.planner.model import Immediately, Later
from rouage.planner.words import N_
from rouage.records.kinds import KINDS

_SHOWN = 6  # steps that a sentence says before it counts the others


def sentence(definition: DefinitionIn, language: str, names: Names = NAMELESS) -> str:
    """What the automation does, and when it stops. Drafts have blanks (…) where something is missing."""
    with translation.override(language):
        phrases = phrases_for(definition, names)
        opening, steps = _opening(definition, phrases), _steps(definition, phrases)
        text = _("%(opening)s, %(steps)s.") % {"opening": opening, "steps": steps}
        stop = stop_clause(definition, phrases)
        return " ".join(part for part in (_capital(text), stop) if part)


def phrases_for(definition: DefinitionIn, names: Names) -> Phrases:
    """The words of a definition, its trigger's facts included; the language must be active."""
    trigger = TRIGGERS.get(definition.trigger.type)
    return Phrases(KINDS[definition.kind], names, trigger.facts if trigger else ())


def trigger_clause(definition: DefinitionIn, phrases: Phrases) -> str:
    """Such as "when a quote is sent"."""
    trigger = TRIGGERS.get(definition.trigger.type)
    if trigger is None:
        return _("when …")
    try:
        return trigger.summary(trigger.read(definition.trigger.config, definition.trigger.version), phrases)
    except ValidationError:
        return _("when …")


def action_clause(step: StepIn, phrases: Phrases) -> str:
    """Such as "create a task “Call”", without its timing."""
    action = ACTIONS.get(step.action.type)
    if action is None:
        return "…"
    try:
        return action.summary(action.read(step.action.config, step.action.version), phrases)
    except ValidationError:
        return "…"


def step_clause(step: StepIn, phrases: Phrases) -> str:
    """The action with its timing and its condition: "create a task “Call” after 3 days"."""
    timing = step.timing.plan()
    what = action_clause(step, phrases)
    if step.action.type == "wait":
        what = _wait(step, phrases)
    elif not isinstance(timing, Immediately):
        what = f"{what} {phrases.delay(timing)}".strip()
    if step.when.of:
        return _("if %(condition)s, %(action)s") % {"condition": phrases.condition(step.when), "action": what}
    return what


def _wait(step: StepIn, phrases: Phrases) -> str:
    timing = step.timing.plan()
    if isinstance(timing, Later) and timing.amount and timing.at is None:
        return _("wait %(amount)s") % {"amount": phrases.amount(timing.amount, timing.unit)}
    delay = phrases.delay(timing)
    return _("wait (%(delay)s)") % {"delay": delay} if delay else _("wait")


def _opening(definition: DefinitionIn, phrases: Phrases) -> str:
    clause = trigger_clause(definition, phrases)
    if not definition.conditions.of:
        return clause
    condition = phrases.condition(definition.conditions)
    return _("%(when)s, if %(condition)s") % {"when": clause, "condition": condition}


def _steps(definition: DefinitionIn, phrases: Phrases) -> str:
    clauses = [step_clause(step, phrases) for step in definition.steps[:_SHOWN]]
    left = len(definition.steps) - _SHOWN
    if left > 0:
        clauses.append(phrases.plural(N_("%(number)s further step"), N_("%(number)s further steps"), left))
    return _(", then ").join(clauses) or "…"


def stop_clause(definition: DefinitionIn, phrases: Phrases) -> str:
    """Such as "Stops if it is accepted or refused, or if “Total” is less than €10.00."; empty if it never stops."""
    if definition.continue_despite_status:
        return _("Goes on whatever its status becomes.")
    statuses, others = _statuses(definition.stop)
    named = phrases.listing(
        [phrases.status(key) for key in (*stop_statuses_of(definition, phrases.names), *statuses)], "or"
    )
    feminine = KINDS[definition.kind].feminine
    condition = phrases.condition(others) if others.of else ""
    if named and condition:
        masculine = pgettext("masculine", "Stops if it is %(statuses)s, or if %(condition)s.")
        text = pgettext("feminine", "Stops if it is %(statuses)s, or if %(condition)s.") if feminine else masculine
    elif named:
        masculine = pgettext("masculine", "Stops if it is %(statuses)s.")
        text = pgettext("feminine", "Stops if it is %(statuses)s.") if feminine else masculine
    elif condition:
        text = _("Stops if %(condition)s.")
    else:
        return ""
    return text % {"statuses": named, "condition": condition}


def stop_statuses_of(definition: DefinitionIn, names: Names) -> Sequence[str]:
    """As ``stop_statuses``, also for a draft whose settings are not complete yet."""
    try:
        return stop_statuses(definition, names.outcomes)
    except (ValidationError, KeyError):
        return KINDS[definition.kind].stop if definition.stop_defaults else ()


def _statuses(stop: GroupIn) -> tuple[list[str], GroupIn]:
    """The statuses among the rows of a stop condition, and the other rows."""
    if stop.mode != "any":
        return [], GroupIn(mode="any", of=(stop,)) if stop.of else stop
    statuses: list[str] = []
    others = []
    for row in stop.of:
        if isinstance(row, TestIn) and row.field == "status" and row.operator in {"is", "is_one_of"}:
            values = row.value if isinstance(row.value, tuple) else (row.value,)
            statuses += [str(value) for value in values]
        else:
            others.append(row)
    return statuses, GroupIn(mode="any", of=tuple(others))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
