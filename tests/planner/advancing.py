"""What the tests of this subject share."""

from rouage.planner.advance import advance, complete
from rouage.planner.model import (
    Done,
    Reason,
    Run,
    RunStatus,
)
from tests.planner.factories import (
    CALENDAR,
    NOW,
    SNAPSHOT,
    row,
    some,
    waiting,
)

PAID = {**SNAPSHOT, "status": "paid"}


STOP = some(row("status", "is", "paid"))


def move(planned, run=None, snapshot=SNAPSHOT, now=NOW, throttle=None, **rest):
    return advance(planned, run or waiting(), snapshot, now, CALENDAR, throttle, **rest)


def running(position=0, **rest):
    return Run(RunStatus.RUNNING, position, NOW, NOW, None, **rest)


def finish(planned, run=None, result=None, snapshot=SNAPSHOT, now=NOW, **rest):
    return complete(planned, run or running(), result or Done(), snapshot, now=now, calendar=CALENDAR, **rest)


FAILURE = Reason(code="email.no_address", data={"name": "Durand"})
