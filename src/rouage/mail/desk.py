"""Where the dialogues of a batch report, get their lines and their leave to send the dot.

Dialogues run in threads and never touch the database. The thread that runs the desk is the one that records: whatever
has come in meanwhile goes into one transaction, so that many dialogues share one commit.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from django.db import InterfaceError, OperationalError, connection

from rouage.mail import record
from rouage.mail.lines import IDLE, LINES
from rouage.mail.parcels import Parcel
from rouage.mail.record import Group, Handled, Mark, Observation
from rouage.mail.smtp import Line, Refusal, Server, Unusable, open_line

CONNECTIONS = 8  # dialogues at a time in one batch
LONGEST = 420.0  # seconds of one dialogue, however slowly the server drips
_PATIENCE = 0.02  # seconds between looks for a line that others use
_SHARED = 0.005  # seconds that an outcome waits for others; a crash in them makes it unknown
_GROUPED = 64  # reports in one transaction
_RECORD_AGAIN = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)  # seconds: the database may be locked or gone for a while

type Item = Mark | Observation | Handled
type _Told = tuple[Sequence[Item], Future[bool] | None]

_log = logging.getLogger(__name__)


class Desk:
    """For one batch. ``now`` is the caller's; what is recorded is as much later as the dialogues have taken."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._started = time.monotonic()
        self._told: SimpleQueue[_Told] = SimpleQueue()
        self._lock = threading.Lock()
        self._broken: dict[Server, Refusal] = {}
        self._opening: Counter[Server] = Counter()
        self._busy: dict[Line, float] = {}
        self._stopped = False

    def moment(self) -> datetime:
        return self._now + timedelta(seconds=time.monotonic() - self._started)

    def run(self, parcels: Sequence[Parcel], hand_over: Callable[[Parcel, Desk], None]) -> None:
        """Have all parcels handed over; returns when everything is recorded."""
        with ThreadPoolExecutor(min(CONNECTIONS, len(parcels)), thread_name_prefix="rouage-smtp") as threads:
            try:
                for parcel in parcels:
                    threads.submit(hand_over, parcel, self).add_done_callback(self._is_done)
                self._listen(len(parcels))
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                self._stop()
                raise
        LINES.close_idle(IDLE)

    def tell(self, *items: Item) -> None:
        self._told.put((items, None))

    def may_dot(self, mark: Mark) -> bool:
        """Wait until the marker is committed. False: the message is no longer ours, or nothing can be committed."""
        answer: Future[bool] = Future()
        self._told.put(((mark,), answer))
        return not self._stopped and answer.result()

    def line(self, server: Server) -> Line | Refusal:
        """A line for one dialogue; ``release`` it. A dead server is not asked again for each mail of the batch.

        Where the server allows no more lines, one that another dialogue gives back.
        """
        failed: Refusal | None = None
        while True:
            found = self._take(server, failed)
            if found is not None:
                return found
            if failed is not None:
                time.sleep(_PATIENCE)
                continue
            opened = self._open(server)
            if isinstance(opened, Line):
                return opened
            failed = opened

    def release(self, line: Line) -> None:
        with self._lock:
            del self._busy[line]
            kept = LINES.keep(line)
        if not kept:
            line.quit()

    def record(self, items: Sequence[Item]) -> set[int]:
        """Write them; patient where the outcome of a dialogue would otherwise be lost."""
        group = Group.of(items)
        try:
            return record.write(group, self.moment()) if items else set()
        except (OperationalError, InterfaceError):
            if not group.observations and not group.handled:
                raise
            _log.warning("the database does not answer; trying again to record what was sent", exc_info=True)
            self._record_again(group)
            return set()  # whoever waits for a marker is told no, and sends nothing

    def _take(self, server: Server, failed: Refusal | None) -> Line | Refusal | None:
        """None: open a line, or wait for one if that has ``failed``."""
        with self._lock:
            if server in self._broken:
                return self._broken[server]
            line = LINES.take(server)
            if line is not None:
                self._begin(line)
                return line
            if failed is None:
                self._opening[server] += 1
            elif not self._opening[server] and not any(other.server == server for other in self._busy):
                self._broken[server] = failed
                return failed
            return None

    def _open(self, server: Server) -> Line | Refusal:
        try:
            line: Line | Refusal = open_line(server)
        except Unusable as error:
            line = error.refusal
        with self._lock:
            self._opening[server] -= 1
            if isinstance(line, Line):
                self._begin(line)
        return line

    def _begin(self, line: Line) -> None:
        self._busy[line] = time.monotonic() + LONGEST

    def _record_again(self, group: Group) -> None:
        for tries, delay in enumerate(_RECORD_AGAIN, start=1):
            time.sleep(delay)
            connection.close_if_unusable_or_obsolete()
            try:
                record.write(group, self.moment(), again=True)
            except (OperationalError, InterfaceError):
                if tries == len(_RECORD_AGAIN):
                    raise
            else:
                return

    def _is_done(self, job: Future[None]) -> None:
        if not job.cancelled() and (error := job.exception()):
            _log.error("a hand-over stopped; its message comes back when the lease ends", exc_info=error)
        self._told.put(((), None))

    def _listen(self, dialogues: int) -> None:
        while dialogues:
            told = self._hear(dialogues)
            dialogues -= _ended(told)
            allowed: set[int] = set()
            try:
                allowed = self.record([item for items, _ in told for item in items])
            finally:
                _answer(told, allowed)
            self._abort_overdue()

    def _hear(self, dialogues: int) -> list[_Told]:
        """Everything that has been told by now; after a second in which nothing was, nothing.

        While nobody waits for a marker, outcomes wait a moment for one to share its commit.
        """
        told = self._told_within(1.0, [])
        deadline = time.monotonic() + _SHARED
        while told and _may_wait(told, dialogues) and (left := deadline - time.monotonic()) > 0:
            told = self._told_within(left, told)
        return told

    def _told_within(self, seconds: float, told: list[_Told]) -> list[_Told]:
        try:
            told.append(self._told.get(timeout=seconds))
            while len(told) < _GROUPED:
                told.append(self._told.get_nowait())
        except Empty:
            pass
        return told

    def _abort_overdue(self) -> None:
        with self._lock:
            overdue = [line for line, deadline in self._busy.items() if deadline < time.monotonic()]
        for line in overdue:
            line.abort()

    def _stop(self) -> None:
        """Let no further dot go: the dialogues that wait for their marker end without it."""
        self._stopped = True
        while told := self._waiting():
            _answer([told], set())

    def _waiting(self) -> _Told | None:
        try:
            return self._told.get_nowait()
        except Empty:
            return None


def _ended(told: Sequence[_Told]) -> int:
    return sum(not items for items, _ in told)


def _may_wait(told: Sequence[_Told], dialogues: int) -> bool:
    return len(told) < _GROUPED and _ended(told) < dialogues and all(answer is None for _, answer in told)


def _answer(told: Sequence[_Told], allowed: set[int]) -> None:
    for items, answer in told:
        if answer is not None:
            answer.set_result(all(isinstance(item, Mark) and item.recipient_id in allowed for item in items))
