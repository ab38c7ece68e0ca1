"""An organisation's calendar: its time zone, working days, sending window and closing days (AUT-10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_CACHED = 4096
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MIDNIGHT = time()
_UNSET: tuple[datetime, datetime] = (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Calendar:
    """``working_days`` counts from Monday = 0. Between ``opens`` (included) and ``closes`` (excluded) is the window.

    The window never crosses midnight; ``closes`` may be 00:00, the end of the day. ``closed`` are public holidays and
    closing days. Raises ValueError for a calendar that never opens. All moments it returns are in UTC.
    """

    zone: ZoneInfo
    working_days: frozenset[int] = frozenset(range(5))
    opens: time = time(9)
    closes: time = time(18)
    closed: frozenset[date] = frozenset()
    # One calendar serves a whole batch, so most questions are asked again and again.
    _moments: dict[tuple[date, time], datetime] = field(default_factory=dict, init=False, repr=False, compare=False)
    _windows: dict[date, tuple[datetime, datetime] | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _counted: dict[tuple[date, int], date] = field(default_factory=dict, init=False, repr=False, compare=False)
    _last: list[tuple[datetime, datetime]] = field(default_factory=list, init=False, repr=False, compare=False)
    _current: list[tuple[datetime, datetime]] = field(default_factory=list, init=False, repr=False, compare=False)
    _added: list[tuple[datetime, int, time | None, datetime]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if not self.working_days or not self.working_days <= frozenset(range(7)):
            raise ValueError("a calendar needs at least one working day, each from 0 (Monday) to 6 (Sunday)")
        if self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("opening hours are local times, without a zone")
        if self.opens >= self.closes and self.closes != _MIDNIGHT:
            raise ValueError("the window must close after it opens, on the same day")
        self._last.append(_UNSET)
        self._current.append(_UNSET)
        self._added.append((_UNSET[0], 0, None, _UNSET[0]))

    def local(self, moment: datetime) -> datetime:
        """The moment as the organisation's clocks show it."""
        asked, answer = self._last[0]
        if asked is moment:
            return answer
        answer = moment.astimezone(self.zone)
        self._last[0] = (moment, answer)
        return answer

    def moment(self, day: date, at: time) -> datetime:
        """The local time ``at`` on ``day``, in UTC.

        A time that the clocks skip is the first moment after the gap; one that they show twice is the first of both.
        """
        key = (day, at)
        found = self._moments.get(key)
        if found is None:
            found = self._resolve(day, at)
            _keep(self._moments, key, found)
        return found

    def add_days(self, moment: datetime, days: int, at: time | None = None) -> datetime:
        """``days`` calendar days later (or earlier), at ``at`` or the same local time of day."""
        asked, by, clock, answer = self._added[0]
        if asked is moment and by == days and clock == at:
            return answer
        local = self.local(moment)
        answer = self._at(local.date() + timedelta(days=days), at, local)
        self._added[0] = (moment, days, at, answer)
        return answer

    def shift_working_days(self, moment: datetime, days: int, at: time | None = None) -> datetime:
        """``days`` working days later, or earlier when negative, at ``at`` or the same local time of day."""
        local = self.local(moment)
        return self._at(self.shifted(local.date(), days), at, local)

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.working_days and day not in self.closed

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``; for 0 the day itself, or the next working day."""
        if count < 0:
            raise ValueError("count working days back with working_days_before")
        return self._count(day, count, _DAY) if count else self._first(day, _DAY)

    def working_days_before(self, day: date, count: int) -> date:
        """The ``count``-th working day before ``day``; for 0 the day itself, or the last working day before it."""
        if count < 0:
            raise ValueError("count working days ahead with add_working_days")
        return self._count(day, -count, -_DAY) if count else self._first(day, -_DAY)

    def shifted(self, day: date, days: int) -> date:
        """Working days ahead, or back when ``days`` is negative."""
        return self.add_working_days(day, days) if days >= 0 else self.working_days_before(day, -days)

    def window(self, day: date) -> tuple[datetime, datetime] | None:
        """When the day opens and closes, in UTC, or None. A window that the clocks skip is none."""
        try:
            return self._windows[day]
        except KeyError:
            found = self._window(day)
            _keep(self._windows, day, found)
            return found

    def is_open(self, moment: datetime) -> bool:
        opens, closes = self._current[0]
        if opens <= moment < closes:
            return True
        window = self.window(self.local(moment).date())
        if window is None or not window[0] <= moment < window[1]:
            return False
        self._current[0] = window
        return True

    def next_opening(self, moment: datetime) -> datetime:
        """The moment itself if it is inside the window, else when the window opens next."""
        if self.is_open(moment):
            return moment
        day = self.local(moment).date()
        # Every week has a working day; a closing day takes one away, and so may the clocks, once in a while.
        for _ in range(7 * (len(self.closed) + 8)):
            window = self.window(day)
            if window is not None and moment < window[0]:
                return window[0]
            day += _DAY
        raise ValueError("this calendar never opens")

    def _at(self, day: date, at: time | None, local: datetime) -> datetime:
        # A run's own time of day has microseconds: kept in the cache, it would only push out what is asked again.
        return self._resolve(day, local.time()) if at is None else self.moment(day, at)

    def _window(self, day: date) -> tuple[datetime, datetime] | None:
        if not self.is_working_day(day):
            return None
        opens = self.moment(day, self.opens)
        closes = self.moment(day + _DAY if self.closes == _MIDNIGHT else day, self.closes)
        return (opens, closes) if opens < closes else None

    def _resolve(self, day: date, at: time) -> datetime:
        naive = datetime.combine(day, at.replace(fold=0) if at.fold else at)
        found = naive.replace(tzinfo=self.zone).astimezone(UTC)
        if found.astimezone(self.zone).replace(tzinfo=None, fold=0) == naive:
            return found
        # In a gap, fold=1 reads the time with the offset after it, and so lands before the clocks change.
        low, high = naive.replace(tzinfo=self.zone, fold=1).astimezone(UTC), found
        before = low.astimezone(self.zone).utcoffset()
        while high - low > _SECOND:
            middle = low + (high - low) / 2
            if middle.astimezone(self.zone).utcoffset() == before:
                low = middle
            else:
                high = middle
        return high.replace(microsecond=0)

    def _first(self, day: date, step: timedelta) -> date:
        while not self.is_working_day(day):
            day += step
        return day

    def _count(self, day: date, count: int, step: timedelta) -> date:
        key = (day, count)
        found = self._counted.get(key)
        if found is None:
            found, left = day, abs(count)
            while left:
                found = self._first(found + step, step)
                left -= 1
            _keep(self._counted, key, found)
        return found


def _keep[K, V](cache: dict[K, V], key: K, value: V) -> None:
    if len(cache) >= _CACHED:
        cache.clear()
    cache[key] = value
