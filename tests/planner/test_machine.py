"""Anything that can happen to a run, in any order: what must hold does hold after every step of it."""

import json
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rouage.planner.advance import advance, complete
from rouage.planner.commands import (
    Origin,
    cancel,
    hold,
    pause,
    pause_until,
    relaunch,
    resume,
    run_now,
    skip,
    stop_now,
    unhold,
)
from rouage.planner.match import match
from rouage.planner.model import (
    ALWAYS,
    OPEN,
    TRIGGER,
    Act,
    Around,
    Done,
    Failed,
    Hold,
    Pass,
    Postpone,
    Refused,
    Resume,
    RunStatus,
    Skip,
    Started,
    Stop,
    Wake,
)
from rouage.planner.reasons import SENTENCES, from_json, sentence, to_json
from rouage.planner.replan import replan
from rouage.planner.throttle import Throttle
from rouage.planner.timing import At, due
from tests.planner.factories import event, published
from tests.planner.lives import (
    BEGIN,
    CALENDAR,
    GAP,
    RESULTS,
    RETRY,
    Fired,
    definitions,
    due_dates,
    jumps,
    outcomes,
    start_ats,
)

pytestmark = pytest.mark.req("RUN-6", "RUN-7", "AUT-1", "AUT-6", "AUT-9", "AUT-10", "AUT-11", "AUT-12")


class LifeOfARun(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.now = BEGIN
        self.run = None
        self.active = True
        self.reminders = []  # moments of the client's reminders
        self.mailed = set()  # positions whose e-mails left, in any life
        self.begin_life(frozenset(), 0, None)

    def begin_life(self, spared, first, asked):
        self.spared, self.first, self.asked = spared, first, asked
        self.acted = {}  # position: tries in this life
        self.passed = {}  # position: reason

    @initialize(planned=definitions, due_date=due_dates, start_at=start_ats)
    def start(self, planned, due_date, start_at):
        self.planned = planned
        self.snapshot = {"status": "sent", "due_date": due_date, "start_at": start_at, "flag": True}
        (plan,) = match(
            [published(planned)],
            event(occurred_at=self.now),
            self.snapshot,
            (),
            now=self.now,
            calendar=CALENDAR,
            triggers={"status_changed": Fired()},
        )
        if isinstance(plan, Skip):
            self.told(plan.reason)
        else:
            self.take(plan)

    # What is written down

    def told(self, reason):
        """Every reason has its sentence, and comes back from the journal."""
        assert reason.code in SENTENCES
        assert sentence(reason, str, lambda *given: str(given[1]))
        assert from_json(json.loads(json.dumps(to_json(reason)))).code == reason.code

    def take(self, change):
        self.leave_out(change.passed)
        if change.moved is not None:
            self.told(change.moved)
        self.run = change.run

    def leave_out(self, passed):
        for one in passed:
            self.told(one.reason)
            assert one.position not in self.passed
            assert one.position not in self.acted or self.acted[one.position] == "failing"
            self.passed[one.position] = one.reason
            self.acted.pop(one.position, None)

    def command(self, call):
        """Take what a command gives; a refusal changes nothing and has its words."""
        try:
            change = call()
        except Refused as refused:
            self.told(refused.reason)
            return None
        if isinstance(getattr(change, "effect", None), Pass):
            self.leave_out([change.effect])
        else:
            self.told(change.reason)
        self.take(change)
        return change

    # What the engine does

    def pump(self, outcome):
        for _ in range(20):
            throttle = Throttle(tuple(self.reminders))
            move = advance(self.planned, self.run, self.snapshot, self.now, CALENDAR, throttle, done=self.spared)
            if move is None:
                return
            before = self.run
            assert before.status is not RunStatus.PAUSED or isinstance(move.effect, Wake | Stop)
            assert before.due_at <= self.now
            if move.doubt is not None:
                self.told(move.doubt)
            self.follow(before, move, outcome)
        pytest.fail("the run does not settle")

    def follow(self, before, move, outcome):
        match move.effect:
            case Act() as act:
                self.check_act(before, act)
                self.take(move)
                self.act(act, outcome)
                return
            case Pass() as passed:
                self.leave_out([passed])
            case Stop(reason=reason) | Postpone(reason=reason) | Wake(reason=reason):
                self.told(reason)
        self.take(move)
        if isinstance(move.effect, Postpone):
            assert self.run.due_at > self.now

    def check_act(self, before, act):
        position, forced = act.position, before.hold is Hold.NOW
        planned = self.planned.steps[position]
        assert act.step is planned
        assert self.active
        assert before.status is RunStatus.WAITING
        assert position == before.position
        assert position not in self.passed
        assert position not in self.spared
        assert self.acted.get(position) == ("failing" if before.attempt else None), "a step is done once"
        assert self.snapshot["status"] != "paid", "nothing is done after a stop"
        assert planned.when is ALWAYS or (planned.when.field == "flag" and self.snapshot["flag"] is True)
        if forced:
            return
        assert before.planned_at <= self.now, "nothing is done early"
        when = due(planned.timing, before.entered_at, self.snapshot, CALENDAR)
        # A relaunch plans the step it takes up for its own moment, whatever the step's timing says.
        asked = before.attempt or position == self.asked
        assert asked or (isinstance(when, At) and when.moment <= self.now)
        assert not planned.window or CALENDAR.is_open(self.now), "nothing leaves outside the window"
        if planned.reminder and self.planned.limits.gap:
            assert all(self.now - moment >= GAP for moment in self.reminders)

    def act(self, act, outcome):
        if act.step.reminder:
            self.reminders.append(self.now)
        self.acted[act.position] = "under way"
        self.finish(RESULTS[outcome])

    def finish(self, result):
        position = self.run.position
        reminder = self.planned.steps[position].reminder
        after = complete(
            self.planned, self.run, result, self.snapshot, now=self.now, calendar=CALENDAR, retry=RETRY
        )  # fmt: skip
        if isinstance(result, Failed):
            self.acted[position] = "failing"
            if reminder:
                self.reminders.pop()
        elif not isinstance(result, Started):
            self.acted[position] = "done"
            if self.planned.steps[position].action == "send_email":
                self.mailed.add(position)
        if after.reason is not None:
            self.told(after.reason)
        self.take(after)
        if not self.active and self.run.status is RunStatus.WAITING:
            self.command(lambda: hold(self.run, self.now, Hold.AUTOMATION))

    # What happens

    @precondition(lambda self: self.run is None)
    @rule()
    def nothing_can_happen(self):
        """The trigger started no run."""

    @precondition(lambda self: self.run and self.run.status in OPEN)
    @rule(jump=jumps, outcome=outcomes)
    def time_goes_by(self, jump, outcome):
        self.now += jump
        self.pump(outcome)

    @precondition(lambda self: self.run and self.run.due_at and self.run.due_at > self.now)
    @rule(outcome=outcomes)
    def its_moment_comes(self, outcome):
        self.now = self.run.due_at
        self.pump(outcome)

    @precondition(lambda self: self.run and self.run.status is RunStatus.RUNNING)
    @rule(outcome=outcomes)
    def outcome_arrives(self, outcome):
        self.finish(RESULTS[outcome])

    @precondition(lambda self: self.run and self.run.status in OPEN)
    @rule()
    def person_pauses(self):
        self.command(lambda: pause(self.run, self.now))

    @precondition(lambda self: self.run and self.run.status in OPEN)
    @rule(jump=jumps)
    def person_pauses_until(self, jump):
        self.command(lambda: pause_until(self.run, self.now, self.now + jump, active=self.active))

    @precondition(lambda self: self.run and self.run.status in OPEN)
    @rule(mode=st.sampled_from(list(Resume)))
    def person_resumes(self, mode):
        self.command(
            lambda: resume(self.run, self.now, mode, self.planned, self.snapshot, CALENDAR, active=self.active)
        )

    @precondition(lambda self: self.run and self.run.status in OPEN)
    @rule()
    def person_skips(self):
        self.command(lambda: skip(self.run, self.planned, self.snapshot, self.now, CALENDAR))

    @precondition(lambda self: self.run and self.run.status in OPEN)
    @rule(outcome=outcomes)
    def person_asks_for_it_now(self, outcome):
        if self.command(lambda: run_now(self.run, self.now, active=self.active)):
            self.pump(outcome)

    @precondition(lambda self: self.run and self.run.status in OPEN)
    @rule(unlikely=st.sampled_from([True, False, False, False]))
    def person_cancels(self, unlikely):
        if unlikely:
            self.command(lambda: cancel(self.run))

    @precondition(lambda self: self.run and self.run.status not in OPEN and self.active)
    @rule(origin=st.sampled_from([*Origin, 0, 1, 2, 3]), repeat=st.booleans())
    def person_relaunches(self, origin, repeat):
        def again():
            return relaunch(
                self.run, self.planned, self.now, self.snapshot, CALENDAR,
                origin=origin, done=self.mailed, repeat=repeat,
            )  # fmt: skip

        before = self.passed, self.acted
        self.passed, self.acted = {}, {}
        found = self.command(again)
        if found is None:
            self.passed, self.acted = before
            return
        assert set(found.spared) == (set() if repeat else set(found.done))
        passed = self.passed
        asked = found.run.position if found.run.hold is Hold.NOW else None
        self.begin_life(frozenset(found.spared), asked or 0, asked)
        self.passed = passed

    @precondition(lambda self: self.run and self.run.status not in OPEN)
    @rule()
    def ended_run_refuses_everything(self):
        before = self.run
        self.person_pauses()
        self.person_resumes(Resume.KEEP_DATES)
        self.person_skips()
        self.person_asks_for_it_now("done")
        self.person_cancels(unlikely=True)
        self.dates_move(self.now.date(), self.now)
        self.time_goes_by(timedelta(days=1), "done")
        assert self.run == before

    @precondition(lambda self: self.run and self.run.status in OPEN and self.active)
    @rule()
    def automation_is_switched_off(self):
        self.active = False
        self.command(lambda: hold(self.run, self.now, Hold.AUTOMATION))

    @precondition(lambda self: self.run and not self.active)
    @rule(mode=st.sampled_from(list(Resume)))
    def automation_is_switched_on(self, mode):
        self.active = True
        if self.run.hold is Hold.AUTOMATION:
            self.command(lambda: unhold(self.run, self.now, mode, self.planned, self.snapshot, CALENDAR))

    @precondition(lambda self: self.run and self.run.status in OPEN)
    @rule(due_date=due_dates, start_at=start_ats)
    def dates_move(self, due_date, start_at):
        self.snapshot = {**self.snapshot, "due_date": due_date, "start_at": start_at}
        before = self.run
        found = replan(self.planned, self.run, self.snapshot, self.now, CALENDAR)
        if found is None:
            return
        assert found.former == before.planned_at
        self.told(found.reason)
        self.take(found)
        assert self.run.status is not RunStatus.WAITING or before.status is RunStatus.WAITING
        assert replan(self.planned, self.run, self.snapshot, self.now, CALENDAR) is None, "re-planning settles"

    @precondition(lambda self: self.run and self.run.status in OPEN)
    @rule(flag=st.sampled_from([True, False, None]))
    def flag_changes(self, flag):
        self.snapshot = {**self.snapshot, "flag": flag}

    @precondition(lambda self: self.run and self.run.status in OPEN)
    @rule(status=st.sampled_from(["sent", "sent", "paid"]))
    def status_changes(self, status):
        self.snapshot = {**self.snapshot, "status": status}
        changed = stop_now(self.planned, self.run, self.snapshot, self.now, CALENDAR)
        if changed is not None:
            assert status == "paid"
            self.told(changed.reason)
            self.take(changed)
            assert self.run.status is RunStatus.CANCELLED

    # What always holds

    @precondition(lambda self: self.run)
    @invariant()
    def every_step_behind_us_was_done_or_has_its_reason(self):
        behind = set(range(self.first, max(self.run.position, self.first)))

        assert behind <= {*self.passed, *(position for position, how in self.acted.items() if how == "done")}
        assert self.run.status is not RunStatus.FINISHED or self.run.position == len(self.planned.steps)

    @precondition(lambda self: self.run)
    @invariant()
    def state_makes_sense(self):
        run = self.run
        assert run.status in OPEN or run.due_at is None
        assert (run.hold in {Hold.PERSON, Hold.AUTOMATION, Hold.FLOOD}) == (run.status is RunStatus.PAUSED)
        if run.status is RunStatus.WAITING:
            assert (run.due_at is None) == (run.planned_at is None) or run.hold is Hold.NOW
            assert TRIGGER <= run.position < len(self.planned.steps)
            assert self.active
        if run.status is RunStatus.WAITING and run.due_at is None:
            timing = self.planned.starts if run.position == TRIGGER else self.planned.steps[run.position].timing
            assert isinstance(timing, Around)

    def teardown(self):
        """Left alone, with its dates set and nobody in the way, the run comes to its end."""
        if self.run is None:
            return
        self.active = True
        for _ in range(60):
            if self.run.status not in OPEN:
                return
            self.leave_alone()
        pytest.fail("the run does not end")

    def leave_alone(self):
        if self.run.status is RunStatus.RUNNING:
            self.finish(Done())
        elif self.run.status is RunStatus.PAUSED:
            self.person_resumes(Resume.KEEP_DATES)
        elif self.run.due_at is None:
            self.dates_move(self.now.date() + timedelta(days=9), self.now + timedelta(days=9))
        else:
            self.now = max(self.now, self.run.due_at)
            self.pump("done")


TestLifeOfARun = LifeOfARun.TestCase
TestLifeOfARun.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
