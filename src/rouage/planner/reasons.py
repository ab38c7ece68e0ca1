"""Reasons in words: every code of the planner with its English sentence, and how a reason is stored and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from rouage.planner.model import Reason
from rouage.planner.words import N_


class Why(StrEnum):
    """Every reason that the planner gives."""

    CONDITION_TRUE = "condition.true"
    CONDITION_FALSE = "condition.false"
    CONDITION_MISSING = "condition.field_missing"
    CONDITION_EMPTY = "condition.no_value"
    CONDITION_INCOMPARABLE = "condition.incomparable"
    CONDITION_OPERATOR = "condition.operator_unknown"
    CONDITIONS_HOLD = "condition.all_hold"
    CONDITIONS_NONE_HOLDS = "condition.none_holds"

    OPERAND_TEXT = "operand.text"
    OPERAND_NUMBER = "operand.number"
    OPERAND_DATE = "operand.date"
    OPERAND_DAYS = "operand.days"
    OPERAND_CHOICE = "operand.choice"
    OPERAND_BOOLEAN = "operand.boolean"
    OPERAND_PERSON = "operand.person"
    OPERAND_LIST = "operand.list"

    START_NOT_MET = "start.conditions_not_met"
    START_UNKNOWN = "start.conditions_unknown"
    START_LOOP = "start.loop"
    START_SELF = "start.self_trigger"
    START_RUNNING = "start.already_running"
    START_ONCE = "start.already_ran"
    START_DATE_PASSED = "start.date_passed"
    START_MISSED = "start.missed"
    START_TRIGGER_GONE = "start.trigger_unknown"
    RECORD_GONE = "record.gone"

    STOP_CONDITION = "stop.condition"
    STOP_UNKNOWN = "stop.unknown"

    STEP_NOT_MET = "step.conditions_not_met"
    STEP_UNKNOWN = "step.conditions_unknown"
    STEP_DATE_PASSED = "step.date_passed"
    STEP_TOO_LATE = "step.too_late"
    STEP_MISSED = "step.missed"
    STEP_ALREADY_DONE = "step.already_done"
    STEP_SKIPPED = "step.skipped_by_person"
    STEP_RETRY = "step.retry"
    STEP_GAVE_UP = "step.gave_up"

    DATE_FIELD_GONE = "date.field_missing"
    DATE_NONE = "date.no_value"
    DATE_UNREADABLE = "date.not_a_date"
    DATE_OUT_OF_RANGE = "date.out_of_range"

    WINDOW = "window.outside"
    LIMIT_GAP = "limit.gap"
    LIMIT_CAP = "limit.cap"

    RUN_PAUSED = "run.paused"
    RUN_PAUSED_UNTIL = "run.paused_until"
    RUN_RESUMED = "run.resumed"
    RUN_WOKEN = "run.woken"
    RUN_HELD_AUTOMATION = "run.held_automation_off"
    RUN_HELD_FLOOD = "run.held_flood"
    RUN_ASKED_NOW = "run.asked_now"
    RUN_ASKED_UNDATED = "run.asked_now_undated"
    RUN_CANCELLED = "run.cancelled"
    START_RESTARTED = "start.restarted"
    RUN_CANCELLED_OFF = "run.cancelled_automation_off"
    RUN_CANCELLED_PUBLISHED = "run.cancelled_new_version"
    RUN_CANCELLED_DELETED = "run.cancelled_automation_deleted"
    RUN_RELAUNCHED = "run.relaunched"
    RUN_MOVED_VERSION = "run.moved_version"
    RUN_REPLANNED = "run.replanned"
    RUN_DATE_CLEARED = "run.date_cleared"
    RUN_DATE_SET = "run.date_set"

    REFUSED_NOT_RUNNING = "refused.not_running"
    REFUSED_NOT_PAUSED = "refused.not_paused"
    REFUSED_PAUSED = "refused.already_paused"
    REFUSED_BUSY = "refused.step_under_way"
    REFUSED_ENDED = "refused.ended"
    REFUSED_OPEN = "refused.still_open"
    REFUSED_OFF = "refused.automation_off"
    REFUSED_PAST = "refused.moment_past"
    REFUSED_NO_STEP = "refused.no_step"
    REFUSED_NOT_FAILED = "refused.no_failed_step"


SENTENCES: Mapping[str, str] = {
    Why.CONDITION_TRUE: N_("“%(row)s” holds (found: %(found)s)"),
    Why.CONDITION_FALSE: N_("“%(row)s” does not hold (found: %(found)s)"),
    Why.CONDITION_MISSING: N_("The field “%(field)s” does not exist (any more), so “%(operator)s” cannot be answered"),
    Why.CONDITION_EMPTY: N_("The field “%(field)s” has no value, so “%(operator)s” cannot be answered"),
    Why.CONDITION_INCOMPARABLE: N_("“%(row)s” cannot be answered: %(found)s cannot be compared with that"),
    Why.CONDITION_OPERATOR: N_("The comparison “%(operator)s” of the field “%(field)s” is not installed"),
    Why.CONDITIONS_HOLD: N_("All conditions hold"),
    Why.CONDITIONS_NONE_HOLDS: N_("None of the conditions holds"),
    Why.OPERAND_TEXT: N_("The condition on “%(field)s” needs a text"),
    Why.OPERAND_NUMBER: N_("The condition on “%(field)s” needs a number; “%(value)s” is none"),
    Why.OPERAND_DATE: N_("The condition on “%(field)s” needs a date; “%(value)s” is none"),
    Why.OPERAND_DAYS: N_("The condition on “%(field)s” needs a whole number of days; “%(value)s” is none"),
    Why.OPERAND_CHOICE: N_("Choose a value for the condition on “%(field)s”"),
    Why.OPERAND_BOOLEAN: N_("The condition on “%(field)s” needs yes or no"),
    Why.OPERAND_PERSON: N_("Choose a person for the condition on “%(field)s”"),
    Why.OPERAND_LIST: N_("The condition on “%(field)s” (%(operator)s) needs its list of values"),
    Why.START_NOT_MET: N_("The conditions are not met: %(because)s"),
    Why.START_UNKNOWN: N_("The conditions could not be answered: %(because)s"),
    Why.START_LOOP: N_("Loop stopped: %(depth)s automations had already started one another"),
    Why.START_SELF: N_("This automation caused the change itself, and may not start itself again on the same record"),
    Why.START_RUNNING: N_("Ignored: a run of this automation is already open on this record"),
    Why.START_ONCE: N_("Ignored: this automation runs once per record, and has already run on this one"),
    Why.START_DATE_PASSED: N_("The date to start on (%(moment)s) had already passed"),
    Why.START_MISSED: N_("The start was missed: planned for %(planned)s, noticed too late"),
    Why.START_TRIGGER_GONE: N_("The trigger “%(trigger)s” is not installed"),
    Why.RECORD_GONE: N_("The record was deleted"),
    Why.STOP_CONDITION: N_("A stop condition was met: %(because)s"),
    Why.STOP_UNKNOWN: N_("A stop condition could not be answered and did not stop the run: %(because)s"),
    Why.STEP_NOT_MET: N_("Step skipped, its condition is not met: %(because)s"),
    Why.STEP_UNKNOWN: N_("Step skipped, its condition could not be answered: %(because)s"),
    Why.STEP_DATE_PASSED: N_("Step skipped: its date (%(moment)s) had already passed"),
    Why.STEP_TOO_LATE: N_("Step skipped: it comes before “%(field)s” (%(found)s), which has passed by now"),
    Why.STEP_MISSED: N_("Step missed: planned for %(planned)s, and too late by now"),
    Why.STEP_ALREADY_DONE: N_("Step skipped: it was already done before the relaunch"),
    Why.STEP_SKIPPED: N_("Step skipped by a person"),
    Why.STEP_RETRY: N_("Try %(attempt)s of %(tries)s failed, next try on %(at)s: %(because)s"),
    Why.STEP_GAVE_UP: N_("Given up after %(tries)s tries: %(because)s"),
    Why.DATE_FIELD_GONE: N_("Step skipped: the date field “%(field)s” does not exist (any more)"),
    Why.DATE_NONE: N_("Waits until “%(field)s” has a date"),
    Why.DATE_UNREADABLE: N_("Step skipped: “%(field)s” is not a date"),
    Why.DATE_OUT_OF_RANGE: N_("Waits for another date: the one in “%(field)s” is beyond the calendar"),
    Why.WINDOW: N_("Outside the sending window: moved from %(planned)s to %(due)s"),
    Why.LIMIT_GAP: N_("Too soon after the client's last reminder (%(last)s): moved to %(due)s"),
    Why.LIMIT_CAP: N_("The client has had %(cap)s reminders in %(days)s days: moved to %(due)s"),
    Why.RUN_PAUSED: N_("Paused"),
    Why.RUN_PAUSED_UNTIL: N_("Paused until %(until)s"),
    Why.RUN_RESUMED: N_("Resumed"),
    Why.RUN_WOKEN: N_("The pause until %(until)s is over"),
    Why.RUN_HELD_AUTOMATION: N_("Held: the automation is switched off"),
    Why.RUN_HELD_FLOOD: N_("Held: the automation starts too many runs a minute"),
    Why.RUN_ASKED_NOW: N_("Asked for now by a person, whatever the sending window (planned for %(planned)s)"),
    Why.RUN_ASKED_UNDATED: N_("Asked for now by a person, although its date is not known yet"),
    Why.RUN_CANCELLED: N_("Cancelled"),
    Why.START_RESTARTED: N_("Cancelled: the trigger fired again and a new run takes over"),
    Why.RUN_CANCELLED_OFF: N_("Cancelled: the automation was switched off"),
    Why.RUN_CANCELLED_PUBLISHED: N_("Cancelled: a new version of the automation was published"),
    Why.RUN_CANCELLED_DELETED: N_("Cancelled: the automation was deleted"),
    Why.RUN_RELAUNCHED: N_("Relaunched from step %(step)s"),
    Why.RUN_MOVED_VERSION: N_("Moved to the new version, at step %(step)s"),
    Why.RUN_REPLANNED: N_("The date “%(field)s” moved: planned for %(planned)s instead of %(former)s"),
    Why.RUN_DATE_CLEARED: N_("The date “%(field)s” was cleared: waits until there is one (was planned for %(former)s)"),
    Why.RUN_DATE_SET: N_("“%(field)s” has a date now: planned for %(planned)s"),
    Why.REFUSED_NOT_RUNNING: N_("No step of this run is under way"),
    Why.REFUSED_NOT_PAUSED: N_("This run is not paused"),
    Why.REFUSED_PAUSED: N_("This run is already paused"),
    Why.REFUSED_BUSY: N_("A step is being carried out: try again in a moment"),
    Why.REFUSED_ENDED: N_("This run has ended: relaunch it instead"),
    Why.REFUSED_OPEN: N_("This run has not ended: cancel it first, or ask for its step now"),
    Why.REFUSED_OFF: N_("The automation is switched off: switch it on first"),
    Why.REFUSED_PAST: N_("Choose a moment in the future: %(until)s has passed"),
    Why.REFUSED_NO_STEP: N_("There is no such step"),
    Why.REFUSED_NOT_FAILED: N_("No step of this run failed: choose the step to start from"),
}
"""English sentence templates. Rooms above have tables of their own for the codes of their types."""

type Translate = Callable[[str], str]
type Present = Callable[[str, Any, Mapping[str, Any]], str]


def sentence(reason: Reason, translate: Translate, present: Present, table: Mapping[str, str] = SENTENCES) -> str:
    """The reason in the reader's language.

    ``present(name, value, data)`` writes one of its values: a field's label, a local date, an amount; ``data`` are all
    values of the reason, since a found value is read with its field. ``table`` may hold the codes of other rooms too.
    A code that no table knows (its type was taken out) is shown as it is.
    """
    template = table.get(reason.code)
    if template is None:
        return reason.code
    return translate(template) % _Values(reason.data, translate, present, table)


class _Values(dict[str, str]):
    """Values of a template, presented when they are asked for; one that is missing shows as dots, never as an error."""

    def __init__(
        self, data: Mapping[str, Any], translate: Translate, present: Present, table: Mapping[str, str]
    ) -> None:
        super().__init__()
        self._data, self._translate, self._present, self._table = data, translate, present, table

    def __missing__(self, name: str) -> str:
        if name == "row":
            return self._row()
        if name not in self._data:
            return "…"
        value = self._data[name]
        if name == "because" and isinstance(value, Mapping):
            return sentence(from_json(value), self._translate, self._present, self._table)
        return self._present(name, value, self._data)

    def _row(self) -> str:
        """A test as one reads it; an operator such as "is in the next … days" takes its value in the middle."""
        operator = self["operator"]
        if self._data.get("value") is None:
            return f"{self['field']} {operator}"
        if "…" in operator:
            return f"{self['field']} {operator.replace('…', self['value'])}"
        return f"{self['field']} {operator} {self['value']}"


def nested(reason: Reason) -> dict[str, Any]:
    """A reason inside another one's data, still with its own values."""
    return {"code": str(reason.code), "data": reason.data}


def to_json(reason: Reason) -> dict[str, Any]:
    """The reason as JSON values; ``from_json`` gives dates and amounts back as what they were."""
    return {"code": str(reason.code), "data": {name: _packed(value) for name, value in reason.data.items()}}


def from_json(stored: Mapping[str, Any]) -> Reason:
    return Reason(code=stored["code"], data={name: _unpacked(value) for name, value in stored["data"].items()})


def _packed(value: Any) -> Any:  # noqa: ANN401 -- a value for each kind
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {"map": {str(name): _packed(item) for name, item in value.items()}}
    if isinstance(value, list | tuple):
        return [_packed(item) for item in value]
    for kind, (name, write) in _PACK.items():
        if isinstance(value, kind):
            return {name: write(value)}
    return str(value)


_MICROSECOND = timedelta(microseconds=1)

# A datetime is a date too: it must come first.
_PACK: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    datetime: ("moment", lambda moment: moment.astimezone(UTC).isoformat()),
    date: ("date", date.isoformat),
    time: ("time", time.isoformat),
    timedelta: ("seconds", lambda wait: str(Decimal(wait // _MICROSECOND) / 1_000_000)),
    Decimal: ("number", str),
}
_UNPACK: Mapping[str, Callable[[Any], Any]] = {
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda seconds: int(Decimal(seconds) * 1_000_000) * _MICROSECOND,
    "number": Decimal,
    "map": lambda items: {name: _unpacked(item) for name, item in items.items()},
}


def _unpacked(value: Any) -> Any:  # noqa: ANN401 -- same
    if isinstance(value, list):
        return [_unpacked(item) for item in value]
    if isinstance(value, dict):
        if len(value) == 1:
            ((kind, inner),) = value.items()
            if kind in _UNPACK:
                return _UNPACK[kind](inner)
        return {name: _unpacked(item) for name, item in value.items()}
    return value
