"""Hands messages over to the mail server, each recipient at most once.

One SMTP transaction per recipient, and in each: the whole mail but the final dot; then a marker in the database,
committed; then the dot; then its reply, recorded. A worker that dies before the marker has handed nothing over, and the
mail is sent again. One that dies behind it leaves the marker, and the outcome is unknown: a person decides, or later
evidence does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rouage.mail.compose import for_recipient
from rouage.mail.desk import Desk
from rouage.mail.parcels import Leased, Parcel, load
from rouage.mail.reasons import Code
from rouage.mail.record import Handled, Mark, Observation
from rouage.mail.replies import OURS, Reply, reason_of
from rouage.mail.smtp import Line, LostAfterDot, Refusal
from rouage.mail.states import DeliveryKind
from rouage.planner.retry import Retry, RetryAt, after_failure

__all__ = ["RETRY", "Leased", "deliver", "deliver_batch"]

RETRY = Retry(tries=9, first=timedelta(minutes=1), factor=4, longest=timedelta(hours=6))  # about a day


def deliver(message_id: int, attempt: int, now: datetime) -> None:
    """Hand over one claimed message and record the outcome. Not in a transaction: the marker must be committed."""
    deliver_batch([Leased(message_id, attempt)], now)


def deliver_batch(leased: Sequence[Leased], now: datetime) -> None:
    """Hand over claimed messages over several connections and record the outcomes.

    Messages that are no longer ours (another status or attempt) are left alone. Afterwards each of ours is sent,
    failed, unknown, or awaits its next try with a new ``due_at``.
    """
    loaded = load(leased)
    desk = Desk(now)
    desk.record(loaded.said)
    if loaded.parcels:
        desk.run(loaded.parcels, _hand_over)


def _hand_over(parcel: Parcel, desk: Desk) -> None:
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


def _one(parcel: Parcel, recipient_id: int, address: str, token: str, desk: Desk) -> Observation | None:
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
        desk.release(line)
    return (
        _refused(parcel, recipient_id, reply) if isinstance(reply, Refusal) else _replied(parcel, recipient_id, reply)
    )


def _transmit(parcel: Parcel, address: str, mail: bytes, desk: Desk) -> Line | Refusal:
    """The mail but for its dot, on a line that is then ours."""
    while True:
        line = desk.line(parcel.server)
        if isinstance(line, Refusal):
            return line
        used = line.uses > 0
        refusal = line.transmit(parcel.sender, address, mail)
        if refusal is None:
            return line
        desk.release(line)
        # A kept line may have died in the meantime: that is no failure of the server's.
        if not (used and refusal.reply is None and refusal.code is Code.CONNECTION):
            return refusal


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
