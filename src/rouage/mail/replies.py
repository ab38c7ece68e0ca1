"""What a mail server's answer means: its three figures, its enhanced code and its words, as one of our reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rouage.mail.reasons import Code

_LONGEST = 2000  # characters of an answer that are kept and looked at
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """``text`` is cleaned for display; ``enhanced`` is RFC 3463's code or empty."""

    code: int
    enhanced: str
    text: str

    @property
    def passing(self) -> bool:
        return 400 <= self.code < 500  # noqa: PLR2004 -- RFC 5321, 4.2.1

    @property
    def final(self) -> bool:
        return 500 <= self.code < 600  # noqa: PLR2004 -- RFC 5321, 4.2.1

    @property
    def positive(self) -> bool:
        return 200 <= self.code < 300  # noqa: PLR2004 -- RFC 5321, 4.2.1

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


def reply_of(code: int, raw: bytes) -> Reply:
    text = _CONTROL.sub(" ", raw.decode("utf-8", "replace"))[:_LONGEST].strip()
    found = _ENHANCED.match(text)
    return Reply(code, found[0] if found else "", text)


# Providers' own codes first, for they are exact; then words, for servers are careless with codes. No pattern has nested
# repetition, so that no answer can make it slow.
_BOX = "(account|mailbox|user|recipient|compte|bo[iî]te)"
_PERSON = "(user|recipient|mailbox|address|account|destinataire|adresse)"
_PATTERNS: tuple[tuple[Code, tuple[str, ...]], ...] = (
    (Code.USER_UNKNOWN, (r"\b(OFR|LPN)\w{0,4}_416\b",)),
    (Code.MAILBOX_FULL, (r"\b(OFR|LPN)\w{0,4}_417\b",)),
    (Code.SPAM, (r"\b(OFR|LPN)\w{0,4}_506\b",)),
    (
        Code.NO_PTR,
        (r"\b5\.7\.25\b", r"reverse (dns|name|hostname)", r"\bptr\b", r"cannot find your (reverse )?hostname"),
    ),
    (
        Code.AUTH,
        (r"\b5\.7\.(2[0-46-9]|509|515)\b", r"\b(spf|dkim|dmarc)\b", r"unauthenticated (mail|email|sender)"),
    ),
    (
        Code.SIGN_IN,
        (r"\b5\.7\.(0|8|9|30|57)\b.{0,80}authenti", r"authentication (is )?required", r"must authenticate"),
    ),
    (Code.RELAY, (r"relay(ing)? (access )?(denied|not|prohib|refus)", r"(not permitted|unable|not allowed) to relay")),
    (
        Code.SENDER,
        (
            r"\b5\.1\.[78]\b",
            r"sender (address )?(rejected|refused|invalid|unknown|denied)",
            r"invalid sender",
            r"not allowed to send as",
            r"not owned by user",
        ),
    ),
    (Code.GREYLIST, (r"gr[ea]y-?list",)),
    (
        Code.MAILBOX_FULL,
        (
            r"(mailbox|mail box|inbox|quota|bo[iî]te)[^.]{0,40}(full|exceed|over|pleine|d[ée]pass)",
            r"over ?quota",
            r"out of storage",
            r"not enough (storage|space)",
        ),
    ),
    (
        Code.TOO_BIG,
        (r"(message|mail) (is )?(too (big|large)|size exceeds)", r"exceeds[^.]{0,30}size", r"max(imum)? message size"),
    ),
    (Code.VIRUS, (r"\b(virus|malware)\b",)),
    (Code.MOVED, (r"\b5\.1\.6\b", r"has (moved|changed address)")),
    (Code.LOOP, (r"mail loop", r"loops back", r"too many hops", r"hop count")),
    (
        Code.DISABLED,
        (rf"{_BOX}[^.]{{0,40}}(disabled|suspended|deactivated|inactive|d[ée]sactiv|archiv|locked|closed)",),
    ),
    (
        Code.USER_UNKNOWN,
        (
            rf"{_PERSON}[^.]{{0,60}}(unknown|not found|does ?n[o']t exist|n.existe pas|inconnu|invalid|no such)",
            rf"(no such|unknown|invalid) {_PERSON}",
        ),
    ),
    (
        Code.DOMAIN_UNKNOWN,
        (
            r"(host|domain|domaine)[^.]{0,50}(not found|unknown|does ?n[o']t exist|inconnu)",
            r"unknown (host|domain)",
            r"null mx",
            r"nxdomain",
        ),
    ),
    (Code.SPAM, (r"\bspam\b", r"\bjunk\b", r"unsolicited", r"ind[ée]sirable", r"spam(haus|assassin)")),
    (
        Code.BLOCKED,
        (
            r"block ?list",
            r"black ?list",
            r"\b(rbl|dnsbl)\b",
            r"reputation",
            r"(client|ip|host|server)[^.]{0,40}(blocked|banned)",
        ),
    ),
    (Code.RATE, (r"too many", r"rate.?limit", r"throttl", r"slow down", r"try again later", r"quota of messages")),
    (Code.UNREACHABLE, (r"connection (refused|timed out|reset)", r"no route to host", r"network is unreachable")),
)
_WORDS = tuple((code, re.compile("|".join(patterns), re.IGNORECASE)) for code, patterns in _PATTERNS)

_ENHANCED_CODES: Mapping[str, Code] = {
    "1.0": Code.USER_UNKNOWN, "1.1": Code.USER_UNKNOWN, "1.2": Code.DOMAIN_UNKNOWN, "1.3": Code.USER_UNKNOWN,
    "1.4": Code.USER_UNKNOWN, "1.6": Code.MOVED, "1.7": Code.SENDER, "1.8": Code.SENDER, "1.10": Code.DOMAIN_UNKNOWN,
    "2.0": Code.DISABLED, "2.1": Code.DISABLED, "2.2": Code.MAILBOX_FULL, "2.3": Code.TOO_BIG,
    "3.0": Code.SYSTEM, "3.1": Code.SYSTEM, "3.2": Code.SYSTEM, "3.3": Code.SYSTEM, "3.4": Code.TOO_BIG,
    "3.5": Code.SYSTEM, "4.0": Code.EXPIRED, "4.1": Code.UNREACHABLE, "4.2": Code.UNREACHABLE,
    "4.3": Code.DOMAIN_UNKNOWN, "4.4": Code.DOMAIN_UNKNOWN, "4.5": Code.RATE, "4.6": Code.LOOP, "4.7": Code.EXPIRED,
    "5.3": Code.RATE, "7.0": Code.POLICY, "7.1": Code.POLICY, "7.2": Code.POLICY, "7.20": Code.AUTH, "7.21": Code.AUTH,
    "7.22": Code.AUTH, "7.23": Code.AUTH, "7.24": Code.AUTH, "7.25": Code.NO_PTR, "7.26": Code.AUTH,
    "7.27": Code.DOMAIN_UNKNOWN, "7.28": Code.RATE, "7.29": Code.AUTH,
}  # fmt: skip
_EXACT = frozenset({"1.1", "1.2", "1.6", "1.10", "2.2", "2.3", "3.4", "7.25"})
_PLAIN_CODES: Mapping[int, Code] = {
    421: Code.RATE, 450: Code.GREYLIST, 451: Code.SYSTEM, 452: Code.SYSTEM, 454: Code.SYSTEM, 530: Code.SIGN_IN,
    535: Code.SIGN_IN, 550: Code.OTHER, 551: Code.MOVED, 552: Code.MAILBOX_FULL, 553: Code.USER_UNKNOWN,
}  # fmt: skip
# A greylisting server says "4.7.1", which as a final answer would be a rule of the house.
_PASSING: Mapping[str, Code] = {"7.0": Code.GREYLIST, "7.1": Code.GREYLIST, "7.28": Code.RATE, "2.1": Code.RATE}


def reason_of(reply: Reply) -> Code:
    """Our word for a refusal, passing or final."""
    key = ".".join(reply.enhanced.split(".")[1:])
    if key in _EXACT:
        return _ENHANCED_CODES[key]
    for code, pattern in _WORDS:
        if pattern.search(reply.text):
            return code
    if reply.passing and key in _PASSING:
        return _PASSING[key]
    return _ENHANCED_CODES.get(key) or _PLAIN_CODES.get(reply.code, Code.OTHER)


# Refusals that concern our own side: nothing is wrong with the recipient (Non envoyé, not Non réceptionné).
OURS = frozenset({Code.SENDER, Code.RELAY, Code.SIGN_IN, Code.TLS, Code.CONNECTION, Code.ACCOUNT_INCOMPLETE})
