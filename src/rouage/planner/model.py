"""Plain values of the planner: what an automation is, what happened, what a run does next."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Literal

from rouage.planner.operators import Operator
from rouage.planner.values import frozen

MAX_DEPTH = 5
TRIGGER = -1  # the position of a run that still waits for its trigger's date
ENROLLED = "automation.enrolled"  # starts the automation of its payload without asking its trigger (AUT-7: "these too")

type Snapshot = Mapping[str, Any]
"""Fresh flat facts of a record: ``status``, ``due_date``, ``client.name``, ``contact.email`` ... and ``trigger.*``."""


class RunStatus(StrEnum):
    """A run's state as people see it (RUN-2)."""

    WAITING = "waiting"  # En attente: its next step is planned
    RUNNING = "running"  # En cours: an effect outside (mail, call, function) is under way
    PAUSED = "paused"  # En pause: nothing happens until somebody or a date resumes it; ``hold`` says why
    FINISHED = "finished"  # Terminée
    FAILED = "failed"  # Échouée
    CANCELLED = "cancelled"  # Annulée: by a stop condition, a person, a publication, a deletion


OPEN = frozenset({RunStatus.WAITING, RunStatus.RUNNING, RunStatus.PAUSED})


class Hold(StrEnum):
    """Why a paused run is paused; for a waiting run, that a person asked for its step now."""

    NONE = ""
    PERSON = "person"
    AUTOMATION = "automation"  # its automation was switched off
    FLOOD = "flood"  # too many runs a minute
    NOW = "now"  # waiting, not paused: a person overrides the window, the gap and the dates of the current step


class Reentry(StrEnum):
    """What a trigger does while or after another run of the same automation on the same record (AUT-8)."""

    IGNORE = "ignore"
    RESTART = "restart"
    ONCE = "once"
    ALWAYS = "always"


class Resume(StrEnum):
    """How the wait of a held run goes on (AUT-6)."""

    KEEP_DATES = "keep_dates"
    RESTART_DELAYS = "restart_delays"
    ACTIVE_TIME = "active_time"


class Unit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"


LONGEST = {Unit.MINUTES: 5_260_000, Unit.HOURS: 87_660, Unit.DAYS: 3_653, Unit.WORKING_DAYS: 2_610}
"""Ten years: a longer delay is a slip of the finger."""


def _check_amount(amount: int, unit: Unit) -> None:
    if not 0 <= amount <= LONGEST[unit]:
        raise ValueError(f"a delay is between 0 and {LONGEST[unit]} {unit}")


@frozen(kw_only=True)
class Reason:
    """Why something did or did not happen, as a code and its data; planner.reasons makes a sentence of it."""

    code: str
    data: Mapping[str, Any] = field(default_factory=dict)


@frozen(kw_only=True)
class Test:
    """One row of a condition: ``field operator value``.

    ``planner.conditions.compile_tree`` gives ``value`` the type of the field and puts the operator into ``by``.
    """

    __test__ = False
    field: str
    operator: str
    value: Any = None
    by: Operator | None = dataclasses.field(default=None, compare=False, repr=False)


@frozen(kw_only=True)
class Group:
    mode: Literal["all", "any", "none"]
    of: tuple[Tree, ...]


type Tree = Test | Group
ALWAYS = Group(mode="all", of=())
NEVER = Group(mode="any", of=())


@frozen(kw_only=True)
class Immediately:
    """As soon as the step is reached."""


@frozen(kw_only=True)
class Later:
    """``amount`` units after the step is reached; for days also at a local time of day."""

    amount: int
    unit: Unit
    at: time | None = None

    def __post_init__(self) -> None:
        _check_amount(self.amount, self.unit)


@frozen(kw_only=True)
class Around:
    """``amount`` units before or after a date field of the record, at a local time of day.

    ``past`` says what to do when that moment has already passed at planning time: leave the step out, or do it at once.
    """

    field: str
    amount: int
    unit: Unit
    direction: Literal["before", "after"]
    at: time | None = None
    past: Literal["skip", "run"] = "skip"

    def __post_init__(self) -> None:
        _check_amount(self.amount, self.unit)


type Timing = Immediately | Later | Around


@frozen(kw_only=True)
class PlannedStep:
    """Wait for ``timing``, then do ``action`` if ``when`` is true.

    ``config`` is the action's validated settings, ``text`` the same as JSON text, for the journal. ``outside``: the
    effect leaves the database, so the step ends when its outcome is known. ``window``: only inside the sending window.
    ``id`` stays the same from version to version: by it a waiting run finds its place in a new one.
    """

    timing: Timing
    when: Tree
    action: str
    config: Any
    text: str
    outside: bool = False
    window: bool = False
    reminder: bool = False  # counts for the gap and the cap of a client
    id: str = ""


@frozen(kw_only=True)
class Limits:
    """AUT-11: at least ``gap`` between two reminders to one client, at most ``cap`` of them in ``period``."""

    gap: timedelta | None = None
    cap: int | None = None
    period: timedelta = timedelta(days=7)

    def __post_init__(self) -> None:
        if self.cap is not None and self.cap < 1:
            raise ValueError("a cap of no reminder at all would postpone for ever: leave the step out instead")


@frozen(kw_only=True)
class Definition:
    """A published version, compiled. ``trigger`` is a registry key, ``trigger_config`` its validated settings.

    ``starts`` is the date a run waits for before its conditions are looked at (date and idle triggers), else None.
    """

    kind: str
    trigger: str
    trigger_config: Any
    listens: frozenset[str]
    starts: Timing | None
    conditions: Tree
    stop: Tree
    steps: tuple[PlannedStep, ...]
    reentry: Reentry = Reentry.IGNORE
    limits: Limits = Limits()
    max_late: timedelta | None = (
        None  # AUT catch-up: a step later than this after downtime is left out; None: done late
    )
    self_trigger: bool = False
    watches: frozenset[str] = frozenset()  # date fields whose move re-plans a waiting run
    asks_trigger: bool = field(init=False, compare=False, repr=False)  # its start looks at facts of the trigger

    def __post_init__(self) -> None:
        timings = (self.starts, *(step.timing for step in self.steps))
        dated = any(isinstance(timing, Around) and timing.field.startswith("trigger.") for timing in timings)
        object.__setattr__(self, "asks_trigger", dated or _asks_trigger(self.conditions))


def _asks_trigger(tree: Tree) -> bool:
    if isinstance(tree, Test):
        return tree.field.startswith("trigger.")
    return any(_asks_trigger(child) for child in tree.of)


@frozen(kw_only=True)
class Published:
    automation_id: int
    version_id: int
    definition: Definition


@frozen(kw_only=True)
class Link:
    """One link of a cause chain: the run that did something, its automation and its record."""

    run_id: int
    automation_id: int
    kind: str
    record_id: int


@frozen(kw_only=True)
class Event:
    """What happened, as the planner sees it. ``cause`` is the chain of runs that led here, oldest first."""

    id: int
    organisation_id: int
    type: str
    kind: str
    record_id: int
    payload: Mapping[str, Any]
    cause: tuple[Link, ...]
    occurred_at: datetime


@frozen
class Run:
    """A run's state. ``position`` is the step to do next.

    ``planned_at`` is when that step is planned by its timing (kept while paused); ``due_at`` is when the engine has to
    look: later than the plan outside the sending window, after a failed try or under a gap, and None when nothing
    happens by itself. A paused run with a ``due_at`` is paused until then. A waiting run without either waits for a
    date that the record does not have yet. ``entered_at`` is when the position was reached: delays count from there.
    ``remaining`` is what was left of the wait when it was paused. ``attempt`` counts failed tries.
    """

    status: RunStatus
    position: int
    entered_at: datetime
    planned_at: datetime | None
    due_at: datetime | None
    remaining: timedelta | None = None
    hold: Hold = Hold.NONE
    attempt: int = 0


@frozen
class Known:
    """A run of the same record that already exists, open or ended."""

    run_id: int
    automation_id: int
    version_id: int
    status: RunStatus


@frozen
class Pass:
    """The step at ``position`` is left out, for ``reason``."""

    position: int
    reason: Reason


@frozen
class Act:
    """The step at ``position`` is carried out now; ``late`` is how long after its plan, None when in time."""

    position: int
    step: PlannedStep
    late: timedelta | None = None


@frozen
class Stop:
    """The run ends as cancelled."""

    reason: Reason


@frozen
class Postpone:
    """The step stays, later: outside the sending window, or too soon after the last reminder."""

    reason: Reason


@frozen
class Begin:
    """The trigger's date has come and the conditions hold: the first step is entered."""


@frozen
class Wake:
    """The date until which a person had paused the run has come: it waits for its step again."""

    reason: Reason


type Effect = Act | Pass | Stop | Postpone | Begin | Wake


@frozen
class Move:
    """The run one move later, together with what the shell has to write for it.

    After an ``Act`` the run stands still at its position as RUNNING; ``planner.advance.complete`` takes the action's
    result and gives the state that follows. ``doubt``: a stop condition could not be evaluated, and did not stop.
    """

    run: Run
    effect: Effect
    passed: tuple[Pass, ...] = ()  # further steps that were left out while the next one was looked for
    moved: Reason | None = None  # why the next step is due later than planned, or has no date yet
    doubt: Reason | None = None


@frozen
class Start:
    """A run to be written. ``facts`` are the trigger's, read as ``trigger.<name>`` for the whole life of the run."""

    version_id: int
    run: Run
    passed: tuple[Pass, ...] = ()
    replaces: tuple[int, ...] = ()  # runs to cancel first (re-entry "restart")
    moved: Reason | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@frozen
class Skip:
    version_id: int
    reason: Reason


@frozen(kw_only=True)
class Done:
    """The step did what it had to; only rows were written."""

    data: Mapping[str, Any] = field(default_factory=dict)


@frozen(kw_only=True)
class Started:
    """An effect outside was written down for its own pump; the step ends when its outcome arrives."""

    data: Mapping[str, Any] = field(default_factory=dict)


@frozen(kw_only=True)
class Failed:
    """The step could not be done. ``permanent``: trying again changes nothing until a person acts."""

    reason: Reason
    permanent: bool = True


@frozen(kw_only=True)
class Ended:
    """The action itself ended the run (stop if)."""

    reason: Reason


type Result = Done | Started | Failed | Ended


class Refused(Exception):
    """The command does not fit the run's state; ``reason`` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason
