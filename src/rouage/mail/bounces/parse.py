"""Reads one mail that came back: the standard first, then its broken forms, then prose."""

from __future__ import annotations

from collections.abc import Iterable

from rouage.mail.bounces import addresses, mime, notices, original, prose, standard
from rouage.mail.bounces.mime import Mail
from rouage.mail.bounces.report import Action, Confidence, Kind, Recipient, Report

_ORDER = (
    (Action.FAILED, Kind.FAILURE),
    (Action.DELAYED, Kind.DELAYED),
    (Action.DELIVERED, Kind.DELIVERED),
    (Action.RELAYED, Kind.RELAYED),
    (Action.EXPANDED, Kind.EXPANDED),
)
_WRAPPER_TEXT = 40  # characters: a mail that says no more than this only carries another one
_NESTED = 2


def parse(raw: bytes) -> Report:
    """Read a mail as it came over the wire. Never raises; looks at its first 1 MiB."""
    try:
        return _read(mime.read(raw), 0)
    except Exception:  # noqa: BLE001 -- a stranger's mail must not stop the intake; it shows up as unmatched
        return Report(kind=Kind.NO_REPORT)


def _read(mail: Mail, depth: int) -> Report:
    return (
        _complaint(mail)
        or _receipt(mail)
        or _delivery(mail)
        or _loose(mail)
        or _automatic(mail)
        or _prose(mail)
        or _nested(mail, depth)
        or _prose(mail, by_original=True)
        or _report(mail, Kind.NO_REPORT, ())
    )


def _complaint(mail: Mail) -> Report | None:
    part = next(mail.of_type(*standard.COMPLAINT_TYPES), None)
    about = original.headers(mail)
    if part is None:
        return None
    recipients = standard.complaint(part, mail, about)
    if recipients is None:
        return _report(mail, Kind.NO_REPORT, ())
    return _report(mail, Kind.COMPLAINT, recipients, confidence=Confidence.CERTAIN)


def _receipt(mail: Mail) -> Report | None:
    part = next(mail.of_type(*standard.RECEIPT_TYPES), None)
    if part is None:
        return None
    named = mime.fields(part.text).get("original-message-id", ())
    return _report(mail, Kind.READ_RECEIPT, standard.receipt(part), confidence=Confidence.CERTAIN, named=named)


def _delivery(mail: Mail) -> Report | None:
    blocks = standard.blocks(mail.of_type(*standard.STATUS_TYPES))
    recipients = standard.recipients(blocks, mail.text) if blocks else ()
    if not recipients:
        return None
    return _report(
        mail,
        _kind(recipients),
        recipients,
        confidence=Confidence.CERTAIN,
        envelope_id=standard.envelope_id(blocks),
    )


def _loose(mail: Mail) -> Report | None:
    """The fields of the standard in a mail whose parts are broken; a person who quotes them wrote no report."""
    if not notices.is_likely(mail):
        return None
    text = "\n\n".join(part.text for part in mail.parts if part.is_readable)
    blocks = standard.loose_blocks(text)
    recipients = standard.recipients(blocks, mail.text) if blocks else ()
    if not recipients:
        return None
    return _report(
        mail,
        _kind(recipients),
        recipients,
        confidence=Confidence.LIKELY,
        envelope_id=standard.envelope_id(blocks),
    )


def _automatic(mail: Mail) -> Report | None:
    writer = notices.writer(mail)
    if notices.is_challenge(mail, mail.text):
        kind, action = Kind.CHALLENGE, Action.CHALLENGED
    elif notices.is_auto_reply(mail):
        kind, action = Kind.AUTO_REPLY, Action.AUTO_REPLIED
    else:
        return None
    recipients = (Recipient(address=writer, action=action),) if writer else ()
    declared = mail.headers.get("auto-submitted").lower().startswith("auto-replied")
    return _report(mail, kind, recipients, confidence=Confidence.CERTAIN if declared else Confidence.GUESSED)


def _prose(mail: Mail, *, by_original: bool = False) -> Report | None:
    recipients = prose.read(mail, by_original=by_original)
    return _report(mail, _kind(recipients), recipients, confidence=Confidence.GUESSED) if recipients else None


def _nested(mail: Mail, depth: int) -> Report | None:
    """A report that a gateway or a list wrapped into a mail of its own. What a person passes on with words is none."""
    if depth >= _NESTED or not (notices.is_likely(mail) or len(mail.text.strip()) < _WRAPPER_TEXT):
        return None
    for part in mail.embedded[:2]:
        inner = _read(mime.read(part.decoded), depth + 1)
        if inner.kind is not Kind.NO_REPORT:
            return inner
    return None


def _kind(recipients: Iterable[Recipient]) -> Kind:
    actions = {each.action for each in recipients}
    return next((kind for action, kind in _ORDER if action in actions), Kind.NO_REPORT)


def _report(
    mail: Mail,
    kind: Kind,
    recipients: tuple[Recipient, ...],
    *,
    confidence: Confidence | None = None,
    envelope_id: str = "",
    named: Iterable[str] = (),
) -> Report:
    about = original.headers(mail, prose.quoted_headers(mail.text)) if kind is not Kind.NO_REPORT else {}
    return Report(
        kind=kind,
        confidence=confidence,
        recipients=recipients,
        message_id=original.message_id(about, mail, named) if kind is not Kind.NO_REPORT else "",
        rouage_id=original.rouage_id(about),
        envelope_id=envelope_id,
        returned_to=addresses.of_fields(
            value for name in ("to", "delivered-to", "x-original-to", "envelope-to") for value in mail.headers.all(name)
        )[: standard.RECIPIENTS],
    )
