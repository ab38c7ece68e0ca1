"""Decides why a mail was refused, by the order of trust: what a server says counts more than what a reporter sums up.

A provider's own code, the enhanced code in the remote server's answer, the words, the field Status, the SMTP code.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rouage.mail.bounces import codes, phrases
from rouage.mail.bounces.report import Cause, Evidence

ANSWER = 1000  # characters of an answer that are searched
PROSE = 3000
_BARE = re.compile(r"(?:[\w-]{1,40}\s?;)?[\s\d.#:-]{0,80}")

type Judgement = tuple[Cause, Evidence]


@lru_cache(maxsize=256)
def judge(diagnostic: str, prose: str, status: str, smtp: str) -> Judgement:
    """Judge by the server's answer; by the prose around it only when the answer has no words."""
    answer = diagnostic[:ANSWER]
    spoken = prose[:PROSE] if _BARE.fullmatch(answer) else answer
    if cause := codes.of_provider(answer) or codes.of_provider(spoken):
        return cause, Evidence.PROVIDER_CODE
    if cause := codes.specific(codes.enhanced(answer)):
        return cause, Evidence.DIAGNOSTIC_CODE
    return _by_words(spoken, status) or _by_codes(codes.enhanced(answer), status, smtp)


def _by_words(spoken: str, status: str) -> Judgement | None:
    cause = phrases.cause(spoken)
    if cause is None:
        return None
    if cause in phrases.WEAK and (better := codes.specific(status)):
        return better, Evidence.STATUS
    return cause, Evidence.TEXT


def _by_codes(in_answer: str, status: str, smtp: str) -> Judgement:
    if cause := codes.vague(in_answer):
        return cause, Evidence.DIAGNOSTIC_CODE
    if cause := codes.specific(status) or codes.vague(status):
        return cause, Evidence.STATUS
    if cause := codes.SMTP.get(smtp):
        return cause, Evidence.SMTP_CODE
    return Cause.OTHER, Evidence.NONE
