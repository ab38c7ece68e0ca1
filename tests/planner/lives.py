"""The definitions and happenings that the state machine draws from."""

from datetime import date, time, timedelta

from hypothesis import strategies as st

from rouage.planner.calendar import Calendar
from rouage.planner.model import (
    ALWAYS,
    Done,
    Ended,
    Failed,
    Immediately,
    Limits,
    Reason,
    Started,
    Unit,
)
from rouage.planner.reasons import Why
from rouage.planner.retry import Retry
from tests.planner.factories import PARIS, around, definition, later, paris, row, some, step

BEGIN = paris("2026-03-25T10:00")  # a Wednesday, four days before the clocks change
CALENDAR = Calendar(PARIS, closed=frozenset({date(2026, 4, 6), date(2026, 4, 7)}))
GAP = timedelta(days=2)
RETRY = Retry(tries=3, first=timedelta(minutes=30))
FAILURE = Reason(code=Why.REFUSED_NO_STEP)  # any code of the table

ats = st.none() | st.sampled_from([time(2, 30), time(9), time(17, 30), time(23)])
delays = st.builds(later, st.integers(0, 4), st.sampled_from(list(Unit)), ats)
dates = st.builds(
    around,
    st.integers(0, 6),
    st.sampled_from(["before", "after"]),
    field=st.sampled_from(["due_date", "start_at"]),
    unit=st.sampled_from(list(Unit)),
    at=ats,
    past=st.sampled_from(["skip", "skip", "run"]),
)
steps = st.builds(
    step,
    st.just(Immediately()) | delays | dates,
    st.sampled_from([ALWAYS, ALWAYS, row("flag", "is_true"), row("vanished", "is_true")]),
    action=st.sampled_from(["send_email", "create_task"]),
    window=st.booleans(),
    reminder=st.booleans(),
)
definitions = st.builds(
    definition,
    steps,
    steps,
    steps,
    starts=st.none() | st.none() | dates | delays,
    conditions=st.sampled_from([ALWAYS, some(row("flag", "is_true"), row("status", "is", "sent"))]),
    stop=st.just(some(row("status", "is", "paid"), row("vanished", "is", "x"))),
    limits=st.sampled_from([Limits(), Limits(gap=GAP)]),
    max_late=st.sampled_from([None, None, timedelta(days=1)]),
)
jumps = st.sampled_from([timedelta(minutes=20), timedelta(hours=5), timedelta(days=1), timedelta(days=3, hours=7)])
due_dates = st.none() | st.integers(-5, 25).map(lambda n: date(2026, 3, 25) + timedelta(days=n))
start_ats = st.none() | st.integers(-99, 500).map(lambda n: BEGIN + timedelta(hours=n))
outcomes = st.sampled_from(["done", "done", "done", "started", "fails", "fails_for_good", "ends"])
RESULTS = {
    "done": Done(),
    "started": Started(),
    "fails": Failed(reason=FAILURE, permanent=False),
    "fails_for_good": Failed(reason=FAILURE),
    "ends": Ended(reason=FAILURE),
}


class Fired:
    def matches(self, config, event, snapshot):
        return {}
