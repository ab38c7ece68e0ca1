"""What the tests of this subject share."""

import pytest

from rouage.planner.commands import (
    move_to_version,
    pause,
    relaunch,
    resume,
)
from rouage.planner.model import (
    Refused,
    Resume,
    Run,
    RunStatus,
)
from tests.planner.factories import (
    CALENDAR,
    DAY,
    NOW,
    SNAPSHOT,
    definition,
    later,
    row,
    some,
    step,
    waiting,
)

THREE_DAYS = definition(step(later(3)))


ENDED = [RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELLED]


def run_in(status, **rest):
    return Run(status, 0, NOW, NOW + 3 * DAY, None, **rest)


def paused(run=None, at=NOW + DAY):
    return pause(run or waiting(at=NOW + 3 * DAY), at).run


def resumed(run, mode=Resume.KEEP_DATES, planned=THREE_DAYS, now=NOW + 2 * DAY, snapshot=SNAPSHOT, **rest):
    return resume(run, now, mode, planned, snapshot, CALENDAR, **rest)


def refusal(call, *given, **rest):
    with pytest.raises(Refused) as refused:
        call(*given, **rest)
    return refused.value.reason.code


PAID = {**SNAPSHOT, "status": "paid"}


STOPPING = definition(step(later(3)), stop=some(row("status", "is", "paid")))


FOUR = definition(
    step(action="send_email", text='{"n": 0}'),
    step(later(2), action="create_task", text='{"n": 1}'),
    step(later(2), action="send_email", text='{"n": 2}'),
    step(action="add_note", text='{"n": 3}'),
)


FAILED = Run(RunStatus.FAILED, 2, NOW, NOW, None, attempt=5)


def relaunched(run=FAILED, planned=FOUR, snapshot=SNAPSHOT, **rest):
    return relaunch(run, planned, NOW + DAY, snapshot, CALENDAR, **rest)


def moved(run, old, new, now=NOW + DAY, snapshot=SNAPSHOT):
    return move_to_version(run, old, new, now, snapshot, CALENDAR)
