"""Reads the fields of RFC 3464 (delivery reports), RFC 5965 (complaints) and RFC 8098 (receipts), tolerantly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rouage.mail.bounces import addresses, causes, codes, passages
from rouage.mail.bounces.mime import Mail, Part, fields
from rouage.mail.bounces.report import Action, Cause, Evidence, Recipient

RECIPIENTS = 100
JUDGED = 16  # different answers of one report whose words are read; further ones are judged by their codes
DIAGNOSTIC = 1000

STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
COMPLAINT_TYPES = ("message/feedback-report",)
RECEIPT_TYPES = ("message/disposition-notification", "message/global-disposition-notification")

type Block = Mapping[str, tuple[str, ...]]

_START = re.compile(
    r"^(?:Final-Recipient|Original-Recipient|Reporting-MTA|Original-Envelope-Id|Action|Status|Diagnostic-Code) ?:",
    re.IGNORECASE | re.MULTILINE,
)
_RECIPIENT = re.compile(r"^(?:Final|Original)-Recipient ?:", re.IGNORECASE | re.MULTILINE)
_OUTCOME = re.compile(r"^(?:Action|Status|Diagnostic-Code) ?:", re.IGNORECASE | re.MULTILINE)
_QUOTED = re.compile(
    r"^Content-Type ?: ?(?:message/(?:rfc822|global)|text/rfc822-headers)", re.IGNORECASE | re.MULTILINE
)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_ACTIONS: Mapping[str, Action] = {
    "failed": Action.FAILED,
    "failure": Action.FAILED,
    "fail": Action.FAILED,
    "error": Action.FAILED,
    "expired": Action.FAILED,
    "undeliverable": Action.FAILED,
    "delayed": Action.DELAYED,
    "delay": Action.DELAYED,
    "delivered": Action.DELIVERED,
    "deliverable": Action.DELIVERED,
    "success": Action.DELIVERED,
    "relayed": Action.RELAYED,
    "expanded": Action.EXPANDED,
}
_BY_CLASS: Mapping[str, Action] = {"2": Action.DELIVERED, "4": Action.DELAYED, "5": Action.FAILED}
# Exim writes "delivered" when the next server, which gives no receipts, took the mail.
_ONLY_RELAYED = re.compile(r"relayed to non-DSN-aware|relayed via non DSN", re.IGNORECASE)
# OpenSMTPD calls the end of its attempts a delay.
_EXPIRED = re.compile(r"envelope expired|delivery time expired|queue lifetime exceeded", re.IGNORECASE)
_TROUBLE = frozenset({Action.FAILED, Action.DELAYED})


def blocks(parts: Iterable[Part]) -> list[Block]:
    """The groups of fields of status parts: one for the mail, then one for each recipient."""
    return [fields(chunk.strip("\n")) for part in parts for chunk in part.text.split("\n\n") if chunk.strip()]


def loose_blocks(text: str) -> list[Block]:
    """The same groups where the parts are broken: anywhere in a text, but not in the mail that it quotes."""
    found: list[Block] = []
    quoted = _QUOTED.search(text)
    for chunk in (text[: quoted.start()] if quoted else text).split("\n\n"):
        start = _START.search(chunk)
        if start and _RECIPIENT.search(chunk) and _OUTCOME.search(chunk):
            found.append(fields(chunk[start.start() :]))
    return found


def recipients(found: Iterable[Block], prose: str) -> tuple[Recipient, ...]:
    """The outcome for each recipient that the groups name; of equal ones, the first."""
    outcomes: dict[tuple[str, str, str], Recipient] = {}
    for block in found:
        if len(outcomes) >= RECIPIENTS:
            break
        if outcome := _recipient(block):
            outcomes.setdefault((outcome.address, outcome.action, outcome.enhanced), outcome)
    unsaid = [each.address for each in outcomes.values() if not each.diagnostic]
    # OpenSMTPD and Exchange say why in their prose alone.
    told = {address: passages.answer(passage, 1) for address, passage in passages.passages(unsaid, prose)}
    judged: set[str] = set()
    return tuple(
        _with_cause(replace(each, diagnostic=each.diagnostic or told.get(each.address, "")), prose, judged)
        for each in outcomes.values()
    )


def envelope_id(found: Iterable[Block]) -> str:
    return next((_one(block, "original-envelope-id")[:200] for block in found if "original-envelope-id" in block), "")


def complaint(part: Part, mail: Mail, original: Mapping[str, tuple[str, ...]]) -> tuple[Recipient, ...] | None:
    """Who complained. None for the reports of the same form that are none (``not-spam``, DMARC's ``auth-failure``)."""
    report = fields(part.text)
    kind = _one(report, "feedback-type").strip().lower()
    if kind in {"not-spam", "auth-failure", "dmarc"}:
        return None
    named = [*report.get("original-rcpt-to", ()), *report.get("removal-recipient", ())]
    named = named or [*original.get("x-hmxmroriginalrecipient", ()), *original.get("to", ())]
    found = addresses.of_fields(named)[:RECIPIENTS]
    return tuple(
        Recipient(address=each, action=Action.COMPLAINED, cause=Cause.SPAM, evidence=Evidence.STATUS) for each in found
    )


def receipt(part: Part) -> tuple[Recipient, ...]:
    """Who read the mail, or had it deleted unread. A machine's "displayed" is none: no person is behind it."""
    report = fields(part.text)
    mode, _, kinds = _one(report, "disposition").lower().partition(";")
    words = set(re.findall(r"[a-z]{4,20}", kinds))
    action = Action.DISPLAYED if "displayed" in words and "automatic-action" not in mode else Action.NOT_DISPLAYED
    address, original = _addresses(report)
    return (Recipient(address=address, original=original, action=action),)


def _recipient(block: Block) -> Recipient | None:
    address, original = _addresses(block)
    if not address:
        return None
    diagnostic = " ".join(" ".join(block.get("diagnostic-code", ())).split())[:DIAGNOSTIC]
    stated = _STATUS.search(_one(block, "status"))
    status, smtp = stated[0] if stated else "", codes.smtp(diagnostic.partition(";")[2].strip() or diagnostic)
    return Recipient(
        address=address,
        original=original,
        action=_action(_one(block, "action"), status or smtp),
        enhanced=status,
        smtp=smtp,
        diagnostic=diagnostic,
        remote_mta=_one(block, "remote-mta").rpartition(";")[2].strip().partition(" ")[0][:253].lower(),
    )


def _addresses(block: Block) -> tuple[str, str]:
    final, original = (addresses.first(_one(block, name)) for name in ("final-recipient", "original-recipient"))
    return final or original, original if original != final else ""


def _action(text: str, code: str) -> Action:
    word = re.match(r"[a-z]*", text.strip().lower())
    return _ACTIONS.get(word[0] if word else "") or _BY_CLASS.get(code[:1], Action.FAILED)


def _with_cause(outcome: Recipient, prose: str, judged: set[str]) -> Recipient:
    """Take the more telling of the two codes, and say why where it did not arrive."""
    status, action = outcome.enhanced, _true_action(outcome, prose)
    inner = codes.enhanced(outcome.diagnostic, status[:1])
    telling = inner if inner and (not status or codes.is_empty(status)) and not codes.is_empty(inner) else ""
    smtp = outcome.smtp or codes.smtp(outcome.diagnostic)
    outcome = replace(outcome, action=action, smtp=smtp, enhanced=telling or status or inner)
    if action not in _TROUBLE:
        return outcome
    judged.add(outcome.diagnostic)
    spoken = outcome.diagnostic if len(judged) <= JUDGED else ""
    cause, evidence = causes.judge(spoken, prose[: causes.PROSE], status, outcome.smtp)
    if action is Action.DELAYED and evidence is Evidence.NONE:
        return outcome  # a warning often gives no reason: nobody has refused anything
    return replace(outcome, cause=cause, evidence=evidence)


def _true_action(outcome: Recipient, prose: str) -> Action:
    """What the words say, where they are known to contradict the field Action."""
    if outcome.action is Action.DELIVERED and _ONLY_RELAYED.search(prose[: causes.PROSE]):
        return Action.RELAYED
    if outcome.action is Action.DELAYED and _EXPIRED.search(outcome.diagnostic):
        return Action.FAILED
    return outcome.action


def _one(block: Block, name: str) -> str:
    return block.get(name, ("",))[0]
