"""The worker: turns the pumps until it is told to stop, woken by commits, with a poll behind it.

The pumps that write rows share one thread; each pump with effects outside has a thread that claims, and the hands that
carry out. Nothing that waits is kept in memory: whatever happens to the worker, the rows say what is left to do.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from rouage.engine import claim, dispatch, pumps
from rouage.engine.claim import Turn
from rouage.engine.clock import Clock
from rouage.engine.pumps import OUTSIDE, Outside, PumpName
from rouage.journal import wake

_log = logging.getLogger(__name__)

ALL: frozenset[PumpName] = frozenset({"events", "runs", "messages", "calls"})
POLL = 1.0  # seconds between two looks when nobody rings
YIELD = 0.1  # of its time that a busy worker leaves SQLite's lock to others, who would come through by chance alone
REPEAT = 10.0  # seconds between two lines of log about the same trouble
GRACE = 9.0  # seconds in which a worker comes to its end


@dataclass(slots=True)
class Trouble:
    """Says that nothing can be written, once and then every ten seconds, and that it works again."""

    since: float | None = None
    said: float | None = None

    def meet(self, error: Exception) -> None:
        now = time.monotonic()
        self.since = now if self.since is None else self.since
        if self.said is None or now - self.said >= REPEAT:
            self.said = now
            cause = f" ({error.__cause__})" if error.__cause__ else ""
            text = f"{error}{cause}".strip() or type(error).__name__
            _log.error("the work cannot be written: %s; nothing is lost, trying again", text)

    def over(self) -> None:
        if self.since is not None:
            _log.warning("the work is written again, after %.1f s", time.monotonic() - self.since)
            self.since = self.said = None


@dataclass(slots=True)
class Lease:
    """Keeps what is in the hands of a pump ours, for as long as that takes."""

    outside: Outside
    hands: dispatch.Hands
    renewed: float = field(default_factory=time.monotonic)

    def renew(self) -> None:
        if time.monotonic() - self.renewed < self.outside.period.total_seconds() / 4:
            return
        self.renewed = time.monotonic()
        if rows := self.hands.under_way:
            claim.renew(self.outside.queue, rows, timezone.now(), self.outside.period)


@dataclass(slots=True)
class Crew:
    """The threads of one worker process."""

    poll: float
    limit: int
    stop: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)
    bells: list[threading.Event] = field(default_factory=list)
    taken: int = 0  # due events and runs, since the start

    def ring(self) -> None:
        """Something was written that the pumps with effects outside may have to do with."""
        for bell in self.bells:
            bell.set()

    def begin(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name=f"rouage-{name}", daemon=True)
        self.threads.append(thread)
        thread.start()

    def end(self, timeout: float = GRACE) -> bool:
        """Finish what is in hand; whether that was possible in ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        self.stop.set()
        wake.wake()
        self.ring()
        for thread in self.threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        ended = [dispatch.close_hands(queue, max(0.0, deadline - time.monotonic())) for queue in self.queues]
        clean = all(ended) and not any(thread.is_alive() for thread in self.threads)
        if clean:
            _clean_end().touch()
        else:
            _log.warning("some work was still under way at the end; it is taken up again later")
        return clean


def begin(names: Collection[PumpName] = ALL, *, limit: int | None = None, poll: float = POLL) -> Crew:
    """Start the pumps in threads of their own."""
    crew = Crew(poll, limit or settings.ROUAGE_PUMPS_BATCH)
    careful = not _was_clean()
    for outside in OUTSIDE:
        if outside.name in names:
            _begin_outside(crew, outside)
    rows = [name for name in ("events", "runs") if name in names]
    if rows:
        crew.begin("rows", lambda: _turn_rows(crew, rows, careful=careful))
    else:
        crew.begin("bell", lambda: _pass_on(crew))
    listener = wake.listen(crew.stop)
    if listener:
        crew.threads.append(listener)
    return crew


def _turn_rows(crew: Crew, names: Sequence[str], *, careful: bool) -> None:
    """``careful``: the last end was none of ours, so tries are counted before the work until all is caught up."""
    turn, clock, trouble = Turn(), Clock(), Trouble()
    idle = False
    while not crew.stop.is_set():
        try:
            claim.steady_connection()
            if idle and not _look_again(crew, names, clock):
                continue
            began = time.monotonic()
            wake.clear()  # before looking: what is committed from here on rings again
            done = clock.tick(timezone.now()) if "events" in names else 0
            if "events" in names:
                done += pumps.pump_events(timezone.now(), crew.limit, careful=careful)
            if "runs" in names:
                done += pumps.pump_runs(timezone.now(), crew.limit, turn=turn, careful=careful)
        except Exception as error:  # noqa: BLE001 -- whatever it was, the rows are as they were, and the next turn may do
            _rest(crew, trouble, error)
            continue
        trouble.over()
        crew.taken += done
        idle = not done
        careful = careful and not idle
        crew.ring()
        if connection.vendor == "sqlite" and not idle:
            crew.stop.wait((time.monotonic() - began) * YIELD)
    connection.close()


def _look_again(crew: Crew, names: Sequence[str], clock: Clock) -> bool:
    """Sleep until somebody rings or the poll is over; whether there is anything to do."""
    if wake.wait(crew.poll):
        return True
    now = timezone.now()
    queues = {"events": pumps.EVENTS, "runs": pumps.RUNS}
    crew.ring()
    return clock.is_due(now) or any(claim.any_due(queues[name].model, now) for name in names)


def _rest(crew: Crew, trouble: Trouble, error: Exception) -> None:
    trouble.meet(error)
    if not isinstance(error, pumps.PASSING):
        _log.exception("a turn of the pumps has failed", exc_info=error)
    with suppress(Error):
        connection.close()
    crew.stop.wait(crew.poll)


def _begin_outside(crew: Crew, outside: Outside) -> None:
    bell = threading.Event()
    crew.bells.append(bell)
    crew.queues.append(outside.task.queue_name)
    hands = dispatch.open_hands(outside.task.queue_name, outside.hands, on_free=bell.set)
    crew.begin(outside.name, lambda: _turn_outside(crew, outside, hands, bell))


def _turn_outside(crew: Crew, outside: Outside, hands: dispatch.Hands, bell: threading.Event) -> None:
    """Claim only what is begun at once: what waits in a queue of ours would be lost to other workers for its lease."""
    turn, trouble, lease = Turn(), Trouble(), Lease(outside, hands)
    idle = False
    while not crew.stop.is_set():
        if idle or hands.free <= 0:
            bell.wait(crew.poll)
        bell.clear()
        try:
            claim.steady_connection()
            lease.renew()
            if hands.free > 0 and not crew.stop.is_set():
                idle = not pumps.pump_outside(outside, timezone.now(), turn=turn, live=True)
        except Exception as error:  # noqa: BLE001 -- as above
            _rest(crew, trouble, error)
            continue
        trouble.over()
    connection.close()


def _pass_on(crew: Crew) -> None:
    """Where no thread turns row pumps, the wake-ups still reach the others."""
    while not crew.stop.is_set():
        if wake.wait(crew.poll):
            wake.clear()
        crew.ring()


def _clean_end() -> Path:
    """The mark that a worker leaves when it has come to its end; whoever starts takes it away."""
    return settings.ROUAGE_HOME / "worker-ended-well"


def _was_clean() -> bool:
    try:
        _clean_end().unlink()
    except FileNotFoundError:
        return False
    return True
