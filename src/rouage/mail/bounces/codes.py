"""What the codes of RFC 3463, of the large providers and of SMTP mean.

Sources: RFC 3463, 5248, 7372, 7504, 7505 and the registry of enhanced codes; the postmaster pages of Orange, La Poste,
Google and Microsoft.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rouage.mail.bounces.report import Cause

# The codes that say by themselves what is wrong, wherever they come from.
SPECIFIC: Mapping[str, Cause] = {
    "1.1": Cause.USER_UNKNOWN,
    "1.2": Cause.DOMAIN_UNKNOWN,
    "1.3": Cause.USER_UNKNOWN,
    "1.6": Cause.MOVED,
    "1.7": Cause.SENDER,
    "1.8": Cause.SENDER,
    "1.90": Cause.RATE,
    "2.2": Cause.MAILBOX_FULL,
    "2.3": Cause.TOO_BIG,
    "3.4": Cause.TOO_BIG,
    "4.6": Cause.LOOP,
    "4.14": Cause.LOOP,
    "4.310": Cause.DOMAIN_UNKNOWN,
    "4.312": Cause.DOMAIN_UNKNOWN,
    "4.316": Cause.UNREACHABLE,
    "4.317": Cause.UNREACHABLE,
    "7.20": Cause.AUTH,
    "7.21": Cause.AUTH,
    "7.22": Cause.AUTH,
    "7.23": Cause.AUTH,
    "7.24": Cause.AUTH,
    "7.25": Cause.NO_PTR,
    "7.26": Cause.AUTH,
    "7.28": Cause.RATE,
    "7.29": Cause.AUTH,
    "7.30": Cause.SENDER,
    "7.57": Cause.SENDER,
    "7.60": Cause.SENDER,
    "7.64": Cause.RELAY,
    "7.509": Cause.AUTH,
    "7.515": Cause.AUTH,
}
# What the vague codes mean when no text says it better.
VAGUE: Mapping[str, Cause] = {
    "1.0": Cause.USER_UNKNOWN,
    "1.4": Cause.USER_UNKNOWN,
    "1.10": Cause.DOMAIN_UNKNOWN,
    "2.0": Cause.DISABLED,
    "2.1": Cause.DISABLED,
    "2.4": Cause.USER_UNKNOWN,
    "3.0": Cause.SYSTEM,
    "3.1": Cause.SYSTEM,
    "3.2": Cause.SYSTEM,
    "3.3": Cause.SYSTEM,
    "3.5": Cause.SYSTEM,
    "4.0": Cause.UNREACHABLE,
    "4.1": Cause.UNREACHABLE,
    "4.2": Cause.UNREACHABLE,
    "4.3": Cause.DOMAIN_UNKNOWN,
    "4.4": Cause.DOMAIN_UNKNOWN,
    "4.5": Cause.RATE,
    "4.7": Cause.EXPIRED,
    "5.3": Cause.RATE,
    "6.0": Cause.POLICY,
    "6.1": Cause.POLICY,
    "6.3": Cause.POLICY,
    "7.27": Cause.SENDER,
}
# The rest of a class; 7.5xx and 7.6xx are Microsoft's.
_CLASSES: Mapping[str, Cause] = {"3": Cause.SYSTEM, "4": Cause.UNREACHABLE, "5": Cause.SYSTEM, "7": Cause.POLICY}
_MICROSOFT_BLOCKS = re.compile(r"7\.(?:5(?:0[1-8]|1[0-4])|6\d\d|70[0-9]|750)")
SMTP: Mapping[str, Cause] = {
    "421": Cause.UNREACHABLE,
    "450": Cause.GREYLIST,
    "452": Cause.MAILBOX_FULL,
    "550": Cause.USER_UNKNOWN,
    "551": Cause.MOVED,
    "552": Cause.MAILBOX_FULL,
    "553": Cause.USER_UNKNOWN,
    "556": Cause.DOMAIN_UNKNOWN,
}

# Orange, Wanadoo (OFR), La Poste (LPN) and their like write the same numbers behind their own letters.
_FRENCH = re.compile(r"\b(?:OFR|LPN|OUK|SFR)(?:_?[A-Z]{2}|\d{1,4})?_(\d{3})\b", re.IGNORECASE)
_FRENCH_CODES: Mapping[str, Cause] = {
    "102": Cause.BLOCKED,
    "103": Cause.BLOCKED,
    "104": Cause.RATE,
    "105": Cause.RATE,
    "107": Cause.NO_PTR,
    "108": Cause.BLOCKED,
    "109": Cause.RATE,
    "397": Cause.AUTH,
    "398": Cause.AUTH,
    "403": Cause.SENDER,
    "405": Cause.SENDER,
    "415": Cause.USER_UNKNOWN,
    "416": Cause.USER_UNKNOWN,
    "417": Cause.MAILBOX_FULL,
    "426": Cause.DISABLED,
    "505": Cause.SYSTEM,
    "506": Cause.SPAM,
    "510": Cause.BLOCKED,
    "514": Cause.TOO_BIG,
    "515": Cause.AUTH,
    "517": Cause.BLOCKED,
    "535": Cause.AUTH,
    "536": Cause.SPAM,
    "988": Cause.RATE,
    "989": Cause.RATE,
    "990": Cause.RATE,
    "999": Cause.BLOCKED,
}
_WORDS: tuple[tuple[re.Pattern[str], Cause], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), cause)
    for pattern, cause in (
        (r"Recip(?:ient)?NotFound|answer/6596\b|p=NoSuchUser|CAN-?NOT-?FIND-?RECIPIENT", Cause.USER_UNKNOWN),
        (
            (
                r"p=OverQuota|ADR\.Mailbox(?:Quota|Full)|STOREDRV\.Deliver[^\n]{0,40}quota"
                r"|answer/6558\b"
            ),
            Cause.MAILBOX_FULL,
        ),
        (r"p=DisabledUser|answer/(?:6596#disabled|14490)\b", Cause.DISABLED),
        (r"\bRecip(?:ient)?Size|SendSizeLimit|RecipSizeLimit", Cause.TOO_BIG),
        (r"\b(?:S3140|S3150|AS\(?4[38]\d{2,3}\)?|S77719)\b", Cause.BLOCKED),
        (r"p=UnsolicitedMessageError|p=BlockedMessage\b", Cause.SPAM),
        (r"5\.4\.1 Recipient address rejected: Access denied", Cause.USER_UNKNOWN),
        (r"RESOLVER\.RST\.(?:NotAuthorized|RestrictedToRecipients|AuthRequired)", Cause.POLICY),
        (r"SMTPSEND\.DNS\.(?:NonExistentDomain|InvalidData)", Cause.DOMAIN_UNKNOWN),
    )
)

# A code of its own, no part of an address (192.0.2.5), of a version (4.96.2-1) or of a longer number.
_ENHANCED = re.compile(r"(?<![\w.:/-])#?([245]\.\d{1,3}\.\d{1,3})(?!\.?\d|[-_]\d)")
_ENHANCED_AFTER_REPLY = re.compile(r"\b[245]\d\d[- ]#?([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_REPLY = re.compile(r"(?<![\w.\[:/#-])([245][0-7]\d)(?:[ -](?=[245]\.\d|#|[A-Za-z<'\"(\[])|(?=[ ]?$))", re.MULTILINE)


def of_provider(text: str) -> Cause | None:
    """The meaning of a provider's own code; None for one that is not known."""
    for found in _FRENCH.finditer(text):
        if cause := _FRENCH_CODES.get(found[1]):
            return cause
    return next((cause for pattern, cause in _WORDS if pattern.search(text)), None)


def specific(enhanced: str) -> Cause | None:
    detail = enhanced[2:]
    return SPECIFIC.get(detail) or (Cause.BLOCKED if _MICROSOFT_BLOCKS.fullmatch(detail) else None)


def vague(enhanced: str) -> Cause | None:
    detail = enhanced[2:]
    return None if is_empty(enhanced) else VAGUE.get(detail) or _CLASSES.get(detail[:1])


def is_empty(enhanced: str) -> bool:
    """5.0.0 and 5.5.0 are what a server writes when it has nothing to say."""
    return enhanced[1:] in {"", ".0.0", ".5.0"}


def enhanced(text: str, of_class: str = "") -> str:
    """The first telling enhanced code of a text, else its first; of one class ("5") where it is known."""
    found = [*_ENHANCED_AFTER_REPLY.findall(text), *_ENHANCED.findall(text)]
    fitting = [code for code in found if code[0] == of_class or not of_class]
    return next((code for code in fitting if not is_empty(code)), next(iter(fitting), ""))


def smtp(text: str) -> str:
    """The first SMTP reply code of a text."""
    found = _REPLY.search(text)
    return found[1] if found else ""
