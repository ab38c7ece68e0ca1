"""Reads reports without the parts of the standard: qmail, old Exim and Exchange, Domino, gateways, providers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rouage.mail.bounces import addresses, causes, codes, original
from rouage.mail.bounces.addresses import ADDRESS
from rouage.mail.bounces.mime import Mail
from rouage.mail.bounces.report import Action, Recipient

NEEDED = 3  # points, see ``score``
NAMED = 20  # recipients of a report without fields
_MAX_DIAGNOSTIC = 800
_OPENING = 60  # characters: a report says something before it quotes

_QUOTE = re.compile(
    r"^[ >]{0,4}(?:[-=_*]{2,60}[^\n]{0,80}(?:original|copy of|below this line|unsent|returned|message header"
    r"|header|message text|undelivered|message body"
    r"|copie|en-t[eê]tes|transcript of (?:the )?message)|[^\n]{0,80}(?:original message (?:follows|headers?"
    r"|is attached)|below this line is a copy|included is a copy"
    r"|this is a copy of (?:the|your) message|headers? of the (?:original|message)|la copie du message"
    r"|message d[ '’]origine (?:suit|:)|en-t[eê]tes du message"
    r"|your (?:original )?message (?:reads|headers|follows|was)|message contents follow"
    r"|text of (?:the )?(?:original )?message)"
    r"|received: (?:from|by) |return-path: <|(?:message-id|mime-version|dkim-signature): )[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_FAILING = re.compile(
    r"(?:could|can|was|were|has|have|had|did|is|been|be|n[ '’]?a) ?(?:not|n[ '’]t|pas)\b[^\n]{0,60}(?:deliver"
    r"|reach|sent|remis|distribu|d[eé]livr|achemin|transmis|processed|accept)"
    r"|(?:un(?:able|successful)|fail(?:ed|ure|s)?|impossible|wasn[ '’]t able|not able)\b[^\n]{0,80}(?:deliver"
    r"|send|remet|remise|distribu|d[eé]livr|recipient|envoi|achemin|reach|livr)"
    r"|(?:deliver|send|remise|distribu|sending|delivery)\w{0,6}\b[^\n]{0,80}(?:fail|unsuccessful|not possible"
    r"|impossible|error|échou|aborted|delayed|retard)"
    r"|undeliver|non[- ]?deliver|permanent (?:fatal )?error|returned (?:to (?:you|sender)|mail|message)"
    r"|non remis|this is a permanent error|gave me this error|giving up on"
    r"|(?:recipient|destinataire|address|adresse|user|mailbox|account|boite|boîte)s?\b[^\n]{0,80}(?:rejected"
    r"|unknown|invalid|does ?n[ '’o]t exist|not exist|inconnu|full|pleine|disabled)"
    r"|(?:konnte|kann|wurde) nicht[^\n]{0,60}zugestellt|unzustellbar|no (?:se )?ha podido"
    r"|no pudo (?:ser )?entreg|non (?:è stato|può essere) (?:possibile )?(?:consegn|recapit)|não (?:foi|pôde)"
    r"|(?:said|answered|responded|replied|error|reason|because|erreur|motif"
    r"|raison)\W{1,6}(?:\w{1,30}\W{1,3}){0,3}?[45]\d\d\b",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"\bdelayed\b|still (?:being )?(?:retr|try)|will (?:keep|continue|be retried|retry|try again)"
    r"|not (?:yet )?(?:been )?delivered (?:yet|after)|has not (?:yet )?been delivered"
    r"|warning: (?:message|could not|mail)|temporar\w{1,6} (?:unable|delay|problem)|retard[eé]|(?:essais"
    r"|tentatives) (?:vont|seront|se)|no action is required|continuer[ao]\w? "
    r"|(?:do not|don't) need to resend|queued for|next (?:retry|attempt)|this is (?:just )?a warning|keep trying",
    re.IGNORECASE,
)
_GAVE_UP = re.compile(
    r"giving up|given up|gave up|too long|has expired|i'm not going to try again|permanent"
    r"|no further (?:attempt|deliver)|will not (?:be )?(?:retr|try)|(?:could|can) ?not be delivered"
    r"|returned to (?:you|sender)|abandonn|definitive|d[eé]finiti|undeliverable|have failed|has failed"
    r"|failed permanently",
    re.IGNORECASE,
)
_NAMES = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"^[ >*\"']{{0,6}}<({ADDRESS})>[ \"']{{0,3}}(?::|\.\.\.|$|\(|;|,$|-)",
        (
            rf"^[ >*\"'\[(•-]{{0,6}}(?:(?:to|à|a|recipient|destinataire|address|adresse"
            rf"|e-?mail)s? ?:? ?)?<?({ADDRESS})>?[\"'\])]{{0,3}} ?"
            r"(?:$|:|;|,$|\(|on \d|le \d|\.\.\.|[-\u2013] |\.$|<mailto:)"
        ),
        (
            rf"(?:recipients?|destinataires?|rcpt to|to|à|users?|address|adresse|account|compte|mailbox|bo[iî]te"
            rf"|empfänger|utilisateur|destinatario|for|pour)"
            rf"(?: address| e-?mail)?(?: ?\(s\))?(?: (?:is|was|est|named?|aux?|of"
            rf"|following))?[ :=]{{1,4}}[<\"'(\[]{{0,2}}({ADDRESS})"
        ),
        rf"<({ADDRESS})>",
        rf"({ADDRESS})",
    )
)
_EXACT = 2  # the patterns that name every recipient; from the looser ones only the first is taken


def read(mail: Mail, machine: int) -> tuple[Recipient, ...]:
    """The recipients of a report in prose; none when the mail does not look like one."""
    subject, body = mail.headers.get("subject")[:400], mail.text
    report = before_quote(body)
    listed = addresses.of_fields(mail.headers.all("x-failed-recipients"))
    if not listed and score(mail, report, machine) < NEEDED:
        return ()
    named = list(listed) or _named(mail, report) or _quoted(mail, body[len(report) :])
    if not named:
        return ()
    delayed = bool(_DELAYED.search(subject + "\n" + report[:4000])) and not _GAVE_UP.search(report[:4000])
    action = Action.DELAYED if delayed else Action.FAILED
    return tuple(_outcome(address, action, passage, subject) for address, passage in _passages(named[:NAMED], report))


def score(mail: Mail, report: str, machine: int) -> int:
    """How much speaks for a report. Words alone never suffice: people and shops write about failed deliveries too."""
    words = bool(_FAILING.search(mail.headers.get("subject")[:400] + "\n" + report[:6000]))
    answer = bool(codes.smtp(report[:6000]) and codes.enhanced(report[:6000]))
    if not machine or not (words or answer):
        return 0
    quotes = bool(mail.embedded) or len(report) < len(mail.text)
    return min(machine, 2) + 1 + answer + (words and quotes)


def before_quote(body: str) -> str:
    """The report without the mail that it quotes: that may hold reports of its own."""
    for cut in _QUOTE.finditer(body):
        if cut.start() > _OPENING:
            return body[: cut.start()]
    return body


def quoted_headers(body: str) -> str:
    """The text behind the report, where the headers of the original may stand."""
    return body[len(before_quote(body)) :]


def _named(mail: Mail, report: str) -> list[str]:
    headers = mail.headers
    own = set(
        addresses.of_fields(
            [headers.get("to"), headers.get("from"), headers.get("return-path"), headers.get("delivered-to")]
        )
    )

    def fits(address: str) -> bool:
        return address not in own and not addresses.is_daemon(address) and "." in address.partition("@")[2]

    for place, pattern in enumerate(_NAMES):
        found = list(_matches(pattern, report, fits))
        if found:
            return addresses.unique(found) if place < _EXACT else found[:1]
    return []


def _matches(pattern: re.Pattern[str], text: str, fits: Callable[[str], bool]) -> Iterator[str]:
    return (address for match in pattern.finditer(text) if fits(address := addresses.clean(match[1])))


def _quoted(mail: Mail, quoted: str) -> list[str]:
    """Whom the original was written to, when that is one address alone."""
    found = addresses.of_fields(original.headers(mail, quoted).get("to", ()))
    return list(found) if len(found) == 1 else []


def _passages(named: list[str], report: str) -> Iterator[tuple[str, str]]:
    """Each address with what is said about it: from its place to the next one's."""
    lower = report.lower()
    places = sorted((lower.find(address), address) for address in named)
    for place, (start, address) in enumerate(places):
        following = next((other for other, _ in places[place + 1 :] if other > start), len(report))
        yield address, report if start < 0 or len(places) == 1 else report[start:following]


def _outcome(address: str, action: Action, passage: str, subject: str) -> Recipient:
    at = max(passage.lower().find(address), 0)
    said = " ".join(passage[at : at + _MAX_DIAGNOSTIC].split())
    answer = codes.enhanced(said, "") or codes.enhanced(passage, "")
    whole = " ".join(f"{subject}\n{passage}".split())
    cause, evidence = causes.judge(said[:_MAX_DIAGNOSTIC], whole, "", codes.smtp(passage))
    if cause == "other":
        cause, evidence = causes.judge("", whole, answer, codes.smtp(passage))
    return Recipient(
        address=address,
        action=action,
        enhanced=answer,
        smtp=codes.smtp(said) or codes.smtp(passage),
        diagnostic=said,
        cause=cause,
        evidence=evidence,
    )
