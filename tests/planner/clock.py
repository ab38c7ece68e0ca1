"""An independent calendar, for comparison: it walks through time in small steps and looks at the clocks.

Nothing here computes with offsets, folds or gaps: the first moment at which the local clocks show a time, or a later
one, is that time.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

FIRST, LAST = datetime(2023, 12, 25, tzinfo=UTC), datetime(2031, 1, 8, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def ticks(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    moment = start
    while moment < end:
        yield moment
        moment += step


@cache
def quarters(zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Every quarter of an hour of seven years: the moment, and what the clocks show."""
    return [(moment, moment.astimezone(zone).replace(tzinfo=None)) for moment in ticks(FIRST, LAST, QUARTER)]


@cache
def changes(zone: ZoneInfo) -> list[datetime]:
    """The quarters at which the clocks jump."""
    shown = quarters(zone)
    return [after[0] for before, after in pairwise(shown) if after[1] - before[1] != QUARTER]


def first_showing(zone: ZoneInfo, target: datetime, step: timedelta = QUARTER) -> datetime:
    """The first moment at which the clocks show ``target`` (naive) or later."""
    start = target.replace(tzinfo=UTC) - timedelta(days=1, hours=6)
    for moment in ticks(start, start + timedelta(days=3), step):
        if moment.astimezone(zone).replace(tzinfo=None) >= target:
            return moment
    raise AssertionError(target)


class Walker:
    """The same answers as a Calendar, by walking."""

    def __init__(self, zone: ZoneInfo, working_days: set[int], opens: time, closes: time, closed: set[date]) -> None:
        self.zone, self.opens, self.closes = zone, opens, closes
        day, self.working = FIRST.date(), []
        while day < LAST.date():
            if day.isoweekday() - 1 in working_days and day not in closed:
                self.working.append(day)
            day = date.fromordinal(day.toordinal() + 1)
        self._known = set(self.working)

    def is_working_day(self, day: date) -> bool:
        return day in self._known

    def is_open_by_the_clocks(self, shown: datetime) -> bool:
        """Only for windows that no change of the clocks falls into."""
        before_closing = self.closes == time() or shown.time() < self.closes
        return self.is_working_day(shown.date()) and self.opens <= shown.time() and before_closing

    def openings(self) -> list[tuple[datetime, datetime, datetime]]:
        """For every quarter: the moment, the next open one (itself if open), found by walking backwards."""
        following: datetime | None = None
        found = []
        for moment, shown in reversed(quarters(self.zone)):
            if self.is_open_by_the_clocks(shown):
                following = moment
            if following is not None:
                found.append((moment, shown, following))
        return found

    def after(self, day: date, count: int) -> date:
        """The working day ``count`` places after ``day`` in the list of all of them."""
        if count == 0:
            return self.working[bisect_left(self.working, day)]
        return self.working[bisect_right(self.working, day) + count - 1]

    def before(self, day: date, count: int) -> date:
        if count == 0:
            return self.working[bisect_right(self.working, day) - 1]
        return self.working[bisect_left(self.working, day) - count]
