"""Reads reports without the parts of the standard: qmail, old Exim and Exchange, Domino, gateways, providers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rouage.mail.bounces import addresses, causes, codes, notices, original, passages
from rouage.mail.bounces.addresses import ADDRESS
from rouage.mail.bounces.mime import Mail
from rouage.mail.bounces.report import Action, Cause, Evidence, Recipient

NAMED = 20  # recipients of a report without fields
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
_ABOUT_MAIL = re.compile(r"\b(?:messages?|e-?mails?|mails?|courriels?|mailbox)\b", re.IGNORECASE)
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
_STRICT = 3  # the patterns with a word or a place that makes the address a recipient
_EXACT = 2  # the patterns that name every recipient; from the looser ones only the first is taken


def read(mail: Mail, *, by_original: bool = False) -> tuple[Recipient, ...]:
    """The recipients of a report in prose; none when the mail does not look like one.

    ``by_original``: where it names none, the one to whom the mail that it quotes was written.
    """
    subject, body = mail.headers.get("subject")[:400], mail.text
    report = before_quote(body)
    listed = addresses.of_fields(mail.headers.all("x-failed-recipients"))
    if not listed and not is_report(mail, report):
        return ()
    named = list(listed) or _named(mail, report)
    if not named and by_original:
        named = _quoted(mail, body[len(report) :])
    if not named:
        return ()
    delayed = bool(_DELAYED.search(subject + "\n" + report[:4000])) and not _GAVE_UP.search(report[:4000])
    action = Action.DELAYED if delayed else Action.FAILED
    shared = f"{subject}\n{report}"
    return tuple(
        _outcome(address, action, passage, passage if len(named) > 1 and passage else shared)
        for address, passage in passages.passages(named[:NAMED], report)
    )


def is_report(mail: Mail, report: str) -> bool:
    """Does it look like a report? Words alone never suffice: people and shops write about failed deliveries too."""
    opening = mail.headers.get("subject")[:400] + "\n" + report[:6000]
    answered = bool(codes.smtp(opening) and codes.enhanced(opening))
    if not answered and not _FAILING.search(opening):
        return False
    named, postmaster = notices.names_a_report(mail), notices.from_postmaster(mail)
    return (
        notices.is_certain(mail)
        or (named and _quotes(mail, report))
        or (named and postmaster and (answered or bool(_ABOUT_MAIL.search(opening))))
        or (postmaster and answered and _quotes(mail, report))
    )


def _quotes(mail: Mail, report: str) -> bool:
    return bool(mail.embedded) or len(report) < len(mail.text)


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

    sure = notices.is_certain(mail) or _quotes(mail, report)
    for place, pattern in enumerate(_NAMES if sure else _NAMES[:_STRICT]):
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


def _outcome(address: str, action: Action, passage: str, whole: str) -> Recipient:
    """``whole`` is all that may be about this recipient; it is asked what the answer behind the address leaves open."""
    said = passages.answer(passage)
    enhanced, smtp = codes.enhanced(said) or codes.enhanced(whole), codes.smtp(said) or codes.smtp(whole)
    cause, evidence = causes.judge(said, whole, "", codes.smtp(said))
    if cause is Cause.OTHER:
        cause, evidence = causes.judge("", whole, enhanced, smtp)
    if action is Action.DELAYED and evidence is Evidence.NONE:
        return Recipient(address=address, action=action, enhanced=enhanced, smtp=smtp, diagnostic=said)
    return Recipient(
        address=address,
        action=action,
        enhanced=enhanced,
        smtp=smtp,
        diagnostic=said or " ".join(whole.split())[: passages.SAID],
        cause=cause,
        evidence=evidence,
    )
