"""Hands messages over to the mail server, each recipient at most once.

One SMTP transaction per recipient, and in each: the whole mail but the final dot; then a marker in the database,
committed; then the dot; then its reply, recorded. A worker that dies before the marker has handed nothing over, and the
mail is sent again. One that dies behind it leaves the marker, and the outcome is unknown: a person decides, or later
evidence does.

Threads hold the dialogues and never touch the database. The thread that called is the one that records: whatever has
come in meanwhile goes into one transaction, so that many dialogues share one commit.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from django.db import InterfaceError, OperationalError, connection

from rouage.mail import record
from rouage.mail.compose import for_recipient
from rouage.mail.lines import LINES
from rouage.mail.parcels import Leased, Parcel, load
from rouage.mail.reasons import Code
from rouage.mail.record import Group, Handled, Mark, Observation
from rouage.mail.replies import OURS, Reply, reason_of
from rouage.mail.smtp import Line, LostAfterDot, Refusal, Server, Unusable, open_line
from rouage.mail.states import DeliveryKind
from rouage.planner.retry import Retry, RetryAt, after_failure

__all__ = ["CONNECTIONS", "RETRY", "Leased", "deliver", "deliver_batch"]

CONNECTIONS = 8  # dialogues at a time in one batch
RETRY = Retry(tries=9, first=timedelta(minutes=1), factor=4, longest=timedelta(hours=6))  # about a day
LONGEST = 420.0  # seconds of one dialogue, however slowly the server drips
_PATIENCE = 0.02  # seconds between looks for a line that others use
_GROUPED = 64  # observations in one transaction
_RECORD_AGAIN = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)  # seconds: the database may be locked or gone for a while

_log = logging.getLogger(__name__)


def deliver(message_id: int, attempt: int, now: datetime) -> None:
    """Hand over one claimed message and record the outcome. Not in a transaction: the marker must be committed."""
    deliver_batch([Leased(message_id, attempt)], now)


def deliver_batch(leased: Sequence[Leased], now: datetime) -> None:
    """Hand over claimed messages over several connections and record the outcomes.

    Messages that are no longer ours (another status or attempt) are left alone. Afterwards each of ours is sent,
    failed, unknown, or awaits its next try with a new ``due_at``.
    """
    loaded = load(leased)
    desk = _Desk(now)
    if loaded.said:
        group = Group()
        for item in loaded.said:
            group.add(item)
        desk.record(group)
    if loaded.parcels:
        desk.run(loaded.parcels)


type _Item = Mark | Observation | Handled
type _Told = tuple[Sequence[_Item], Future[bool] | None]


class _Desk:
    """Where the dialogues report, and where the calling thread writes down what they say."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._started = time.monotonic()
        self._told: SimpleQueue[_Told] = SimpleQueue()
        self._broken: dict[Server, Refusal] = {}
        self._busy: dict[int, tuple[Line, float]] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def moment(self) -> datetime:
        """The caller's now, and as much later as the dialogues have taken."""
        return self._now + timedelta(seconds=time.monotonic() - self._started)

    def run(self, parcels: Sequence[Parcel]) -> None:
        workers = min(CONNECTIONS, len(parcels))
        with ThreadPoolExecutor(workers, thread_name_prefix="rouage-smtp") as threads:
            try:
                for parcel in parcels:
                    threads.submit(_hand_over, parcel, self).add_done_callback(self._is_done)
                self._listen(len(parcels))
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                self._stop()
                raise

    def tell(self, *items: _Item) -> None:
        self._told.put((items, None))

    def may_dot(self, mark: Mark) -> bool:
        """Wait until the marker is committed. False: the message is no longer ours, or nothing can be committed."""
        answer: Future[bool] = Future()
        self._told.put(((mark,), answer))
        return not self._stopped and answer.result()

    def broken(self, server: Server) -> Refusal | None:
        """Why this server cannot be used in this batch: a dead one is not asked again for each of its mails."""
        return self._broken.get(server)

    def has_broken(self, server: Server, refusal: Refusal) -> None:
        self._broken[server] = refusal

    def begin(self, line: Line) -> None:
        with self._lock:
            self._busy[id(line)] = (line, time.monotonic() + LONGEST)

    def is_busy(self, server: Server) -> bool:
        with self._lock:
            return any(line.server == server for line, _ in self._busy.values())

    def end(self, line: Line) -> None:
        with self._lock:
            self._busy.pop(id(line), None)

    def record(self, group: Group) -> set[int]:
        """Write the group; patient where the outcome of a dialogue would otherwise be lost."""
        try:
            return record.write(group, self.moment())
        except (OperationalError, InterfaceError):
            if not group.observations and not group.handled:
                raise
            _log.warning("the database does not answer; trying again to record what was sent", exc_info=True)
            return self._record_again(group)

    def _record_again(self, group: Group) -> set[int]:
        """Outcomes only: whoever waits for a marker is told no, and sends nothing."""
        for delay in _RECORD_AGAIN:
            time.sleep(delay)
            try:
                connection.close_if_unusable_or_obsolete()
                record.write(group, self.moment(), again=True)
            except (OperationalError, InterfaceError):
                continue
            return set()
        connection.close_if_unusable_or_obsolete()
        record.write(group, self.moment(), again=True)
        return set()

    def _is_done(self, job: Future[None]) -> None:
        if not job.cancelled() and (error := job.exception()):
            _log.error("a hand-over stopped; its message comes back when the lease ends", exc_info=error)
        self._told.put(((), None))

    def _listen(self, dialogues: int) -> None:
        while dialogues:
            told = self._take()
            group = Group()
            for items, _ in told:
                dialogues -= not items
                for item in items:
                    group.add(item)
            allowed: set[int] = set()
            try:
                if group:
                    allowed = self.record(group)
            finally:
                _answer(told, allowed)
            self._abort_overdue()

    def _take(self) -> list[_Told]:
        """Everything that has been told by now; after a second in which nothing was, nothing."""
        told: list[_Told] = []
        try:
            told.append(self._told.get(timeout=1))
            while len(told) < _GROUPED:
                told.append(self._told.get_nowait())
        except Empty:
            pass
        return told

    def _abort_overdue(self) -> None:
        with self._lock:
            overdue = [line for line, deadline in self._busy.values() if deadline < time.monotonic()]
        for line in overdue:
            line.abort()

    def _stop(self) -> None:
        """Let no further dot go: the dialogues that wait for their marker end without it."""
        self._stopped = True
        while True:
            try:
                _answer([self._told.get_nowait()], set())
            except Empty:
                return


def _answer(told: Sequence[_Told], allowed: set[int]) -> None:
    for items, answer in told:
        if answer is not None:
            answer.set_result(all(isinstance(item, Mark) and item.recipient_id in allowed for item in items))


def _hand_over(parcel: Parcel, desk: _Desk) -> None:
    """All recipients of one message, one after the other; what became of each is told at once."""
    again = False
    for recipient_id, address, token in parcel.open:
        seen = _one(parcel, recipient_id, address, token, desk)
        if seen is None:
            return
        again = again or seen.kind is DeliveryKind.RETRY
        desk.tell(seen)
    following = after_failure(RETRY, parcel.attempt, permanent=not again, now=desk.moment())
    retry_at = following.moment if isinstance(following, RetryAt) else None
    desk.tell(Handled(message_id=parcel.message_id, attempt=parcel.attempt, retry_at=retry_at))


def _one(parcel: Parcel, recipient_id: int, address: str, token: str, desk: _Desk) -> Observation | None:
    """What became of one recipient; None where the message is no longer ours."""
    line = _transmit(parcel, address, for_recipient(parcel.mail, token), desk)
    if isinstance(line, Refusal):
        return _refused(parcel, recipient_id, line)
    try:
        if not desk.may_dot(Mark(message_id=parcel.message_id, attempt=parcel.attempt, recipient_id=recipient_id)):
            line.close()
            return None
        reply = line.finish()
    except LostAfterDot as error:
        return _observation(parcel, recipient_id, DeliveryKind.LOST, reason=Code.LOST, detail=str(error))
    finally:
        desk.end(line)
    LINES.give_back(line)
    return _replied(parcel, recipient_id, reply)


def _transmit(parcel: Parcel, address: str, mail: bytes, desk: _Desk) -> Line | Refusal:
    """The mail but for its dot, on a line that is then ours."""
    while True:
        line = _line(parcel.server, desk)
        if isinstance(line, Refusal):
            return line
        used = line.uses > 0
        refusal = line.transmit(parcel.sender, address, mail)
        if refusal is None:
            return line
        desk.end(line)
        # A kept line may have died in the meantime: that is no failure of the server's.
        if used and refusal.reply is None and refusal.code is Code.CONNECTION:
            continue
        LINES.give_back(line)
        return refusal


def _line(server: Server, desk: _Desk) -> Line | Refusal:
    """A line to the server. Where it allows no more of them, one that another dialogue gives back."""
    refusal = desk.broken(server)
    while True:
        line = LINES.take(server)
        if line is None and refusal is None:
            try:
                line = open_line(server)
            except Unusable as error:
                refusal = error.refusal
        if line is not None:
            desk.begin(line)
            return line
        if refusal is not None and not desk.is_busy(server):
            desk.has_broken(server, refusal)
            return refusal
        time.sleep(_PATIENCE)


def _refused(parcel: Parcel, recipient_id: int, refusal: Refusal) -> Observation:
    """Nothing was handed over. A fault on our side is Non envoyé, what the recipient's side says is Non réceptionné."""
    if not refusal.final and parcel.attempt < RETRY.tries:
        kind = DeliveryKind.RETRY
    elif refusal.final and refusal.code not in OURS:
        kind = DeliveryKind.REFUSED
    else:
        kind = DeliveryKind.NOT_SENT
    return _observation(parcel, recipient_id, kind, reason=refusal.code, reply=refusal.reply, detail=refusal.detail)


def _replied(parcel: Parcel, recipient_id: int, reply: Reply) -> Observation:
    """After the dot."""
    if reply.positive:
        return _observation(parcel, recipient_id, DeliveryKind.ACCEPTED, reply=reply)
    return _refused(parcel, recipient_id, Refusal(code=reason_of(reply), final=reply.final, reply=reply))


def _observation(
    parcel: Parcel,
    recipient_id: int,
    kind: DeliveryKind,
    *,
    reason: Code | None = None,
    reply: Reply | None = None,
    detail: str = "",
) -> Observation:
    return Observation(
        message_id=parcel.message_id,
        attempt=parcel.attempt,
        recipient_id=recipient_id,
        kind=kind,
        reason=reason,
        reply=reply,
        detail=detail,
    )
