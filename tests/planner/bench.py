"""What the planner costs for one run, in microseconds of processor time (python -m tests.planner.bench).

An invoice's status changes; an automation with four condition rows and two stop rows starts a run, its first step is
carried out, and the second one is planned around the due date, inside the sending window.
"""

import statistics
import timeit
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from time import process_time
from typing import Any

from rouage.planner.advance import advance, complete
from rouage.planner.conditions import compile_tree, evaluate
from rouage.planner.match import match
from rouage.planner.model import Done, Tree
from rouage.planner.operators import FieldType
from rouage.planner.throttle import Throttle
from tests.planner.factories import CALENDAR, DAY, NOW, around, definition, event, every, published, row, some, step

GOALS = {"match": 8.0, "advance": 10.0, "complete": 10.0}
FIELDS = {
    "status": FieldType.CHOICE,
    "balance": FieldType.MONEY,
    "client.name": FieldType.TEXT,
    "due_date": FieldType.DATE,
}
SNAPSHOT = {
    **{f"client.field_{number}": number for number in range(60)},
    "status": "sent",
    "balance": Decimal("120.50"),
    "client.name": "Durand",
    "due_date": date(2026, 11, 20),
}


class Fired:
    def matches(self, config: Any, event: Any, snapshot: Any) -> Mapping[str, Any]:
        return {"from": "draft", "to": "sent"}


def _compiled(tree: Tree) -> Tree:
    return compile_tree(tree, FIELDS)


def cases() -> dict[str, Callable[[], Any]]:
    conditions = _compiled(
        every(
            row("status", "is_one_of", ["sent", "overdue"]),
            row("balance", "is_more_than", "10.00"),
            some(row("client.name", "contains", "dur"), row("client.name", "is", "x")),
        )
    )
    planned = definition(
        step(),
        step(around(7, "after", at=time(9)), window=True, reminder=True),
        conditions=conditions,
        stop=_compiled(some(row("status", "is_one_of", ["paid", "cancelled"]), row("balance", "is_at_most", 0))),
    )
    live, happened, triggers = [published(planned)], event(), {"status_changed": Fired()}
    throttle = Throttle((NOW - 9 * DAY,))

    def start() -> Any:
        return match(live, happened, SNAPSHOT, (), now=NOW, calendar=CALENDAR, triggers=triggers)[0]

    run = start().run
    acting = advance(planned, run, SNAPSHOT, NOW, CALENDAR, throttle)
    assert acting is not None
    return {
        "match": start,
        "advance": lambda: advance(planned, run, SNAPSHOT, NOW, CALENDAR, throttle),
        "complete": lambda: complete(planned, acting.run, Done(), SNAPSHOT, now=NOW, calendar=CALENDAR),
        "evaluate, four rows": lambda: evaluate(conditions, SNAPSHOT, NOW),
        "next opening": lambda: CALENDAR.next_opening(NOW + 3 * DAY),
    }


def figures(rounds: int = 5, calls: int = 20_000) -> dict[str, float]:
    """Microseconds a call, the median of ``rounds``."""
    return {
        name: statistics.median(timeit.repeat(call, timer=process_time, number=calls, repeat=rounds)) / calls * 1e6
        for name, call in cases().items()
    }


def main() -> None:
    for name, cost in figures().items():
        goal = f"  (goal {GOALS[name]:.0f})" if name in GOALS else ""
        print(f"{name:22} {cost:6.2f} us{goal}")  # noqa: T201 -- a figure for the terminal


if __name__ == "__main__":
    main()
