"""Brakes: the gap and the cap of a client's reminders (AUT-11), and the flood of an automation's runs (AUT-14)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rouage.planner.model import Limits, Reason
from rouage.planner.reasons import Why

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Throttle:
    """Moments of the reminders that a client has had, from all automations, in any order.

    Two runs of one client in one batch must see each other: give the second one ``throttle.also(now)``.
    """

    history: tuple[datetime, ...] = ()

    def also(self, moment: datetime) -> Throttle:
        return Throttle((*self.history, moment))

    def earliest(self, limits: Limits, now: datetime) -> tuple[datetime, Reason | None]:
        """When the next reminder may leave: ``now``, or later and why."""
        allowed, reason = now, None
        if limits.gap is not None and self.history:
            last = max(self.history)
            if last + limits.gap > allowed:
                allowed = last + limits.gap
                reason = Reason(code=Why.LIMIT_GAP, data={"last": last, "planned": now, "due": allowed})
        if limits.cap is not None:
            recent = sorted((moment for moment in self.history if moment + limits.period > now), reverse=True)
            # The period slides: a place is free again when the cap-th latest has left it.
            if len(recent) >= limits.cap and recent[limits.cap - 1] + limits.period > allowed:
                allowed = recent[limits.cap - 1] + limits.period
                data = {"cap": limits.cap, "days": limits.period.days, "planned": now, "due": allowed}
                reason = Reason(code=Why.LIMIT_CAP, data=data)
        return allowed, reason


class Flood:
    """Counts the starts of one automation over a sliding minute. Told every moment; looks at no clock."""

    __slots__ = ("_starts", "limit")

    def __init__(self, limit: int, starts: Iterable[datetime] = ()) -> None:
        if limit < 1:
            raise ValueError("a flood limit lets at least one run a minute start")
        self.limit = limit
        self._starts = deque(sorted(starts))

    def admits(self, now: datetime) -> bool:
        """Whether one more run may start at ``now``; one that may is counted. The others are held (``Hold.FLOOD``)."""
        starts = self._starts
        while starts and starts[0] + MINUTE <= now:
            starts.popleft()
        if len(starts) >= self.limit:
            return False
        starts.append(now)
        return True
