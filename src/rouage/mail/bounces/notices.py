"""Tells automatic answers and challenges, and how much a mail looks like the work of a mail server."""

from __future__ import annotations

import re

from rouage.mail.bounces import addresses
from rouage.mail.bounces.mime import Mail

_DAEMON = re.compile(
    r"mailer-?daemon|mail ?delivery (?:sub)?system|microsoft ?exchange|mail ?delivery (?:service|agent)|mailadm"
    r"|mdaemon"
    r"|mail administrator|system administrator|internet mail delivery|delivery ?(?:sub)?system|bounce ?notification",
    re.IGNORECASE,
)
_POSTMASTER = re.compile(r"post-?master|mail-?delivery|mail-?server|mail system|administrateur", re.IGNORECASE)
_SUBJECT = re.compile(
    r"^\W{0,10}(?:\w{1,20}\W{1,3}){0,4}?(?:undeliver|un-?delivered|failure notice|returned (?:mail|e-?mail"
    r"|message)|returning (?:mail|message)"
    r"|delivery (?:status|failure|failed|report|notif|problem|unsuccessful|error|delayed|has failed|expired)"
    r"|mail (?:delivery|status|failure|system error)|(?:mail|message"
    r"|e-?mail) (?:could )?not (?:be )?(?:delivered|sent)|nondeliverable"
    r"|non[- ](?:remis|distribu|d[eé]livr)|[ée]chec de (?:la )?(?:remise|distribution|livraison|l[ '’]envoi"
    r"|d[eé]livrance)|impossible de remettre"
    r"|message (?:delayed|retard)|avis de non[- ]remise|retour de (?:courrier|mail)"
    r"|notification d[ '’][eé]tat de remise|non recapitabil"
    r"|unzustellbar|r(?:ü|ue)ckläufer|zustellung|no se puede entregar|mensaje no entregado|onbestelbaar"
    r"|não entregue|mancata consegna"
    r"|warning: (?:message|could not|mail)|could not (?:deliver|send)|unable to deliver|message status"
    r"|permanent delivery)",
    re.IGNORECASE,
)
_OTHER_REPORT = re.compile(r"disposition|feedback|tlsrpt")
_REPLY_OR_FORWARD = re.compile(r"^\s{0,5}(?:re|fwd?|tr|rép|rv|aw|wg|i)\s?:", re.IGNORECASE)
_AUTO_SUBJECT = re.compile(
    r"^\W{0,5}(?:r[eé]ponse automatique|automatic reply|auto(?:matic|mated|matische)?[- ]?(?:reply|response"
    r"|antwort|respon[ds]e?r?)\b"
    r"|out[- ]of[- ](?:the[- ])?office|absence du bureau|absente?(?:\(e\))? du bureau|message d[ '’]absence"
    r"|abwesen|notification d[ '’]absence"
    r"|vacation|risposta automatica|respuesta autom[aá]tica|auto: |autosvar)",
    re.IGNORECASE,
)
_ABSENCE = re.compile(
    r"\b(?:absen[ct]|vacation|holiday|cong[eé]s|out of (?:the )?office|away|urlaub|accus[eé] de r[eé]ception)",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"mailinblack|boxbe\.com|spamarrest|sendio|bluebottle\.com|mail-in-black|challenge[- ]?response", re.IGNORECASE
)
_HELD = re.compile(
    r"(?:your|votre) (?:e-?mail|message|mail|courriel|adresse|address)\b[^\n]{0,160}"
    r"(?:held|waiting|quarantin|pending|not (?:yet )?(?:been )?delivered|en attente|bloqu[eé]"
    r"|mis en quarantaine|retenu|(?:ne sera|pas encore) \w{0,8})",
    re.IGNORECASE,
)
_PROVE = re.compile(
    r"(?:click|clique|visit|follow|suivre|r[eé]pond|reply|captcha|confirm|authentif|v[eé]rifi)\w{0,8}\b[^\n]{0,160}"
    r"(?:link|lien|here|ici|identit|human|humain|robot|person|exp[eé]diteur|sender|https?:)",
    re.IGNORECASE,
)
_VERIFY_SUBJECT = re.compile(
    r"(?:confirm|v[eé]rif|authenti|valid)\w{0,12}\b[^\n]{0,40}(?:votre|your|exp[eé]diteur|sender|message"
    r"|e-?mail|identit)"
    r"|(?:sender|exp[eé]diteur)[^\n]{0,20}(?:verif|confirm|v[eé]rif|authenti)",
    re.IGNORECASE,
)


def from_daemon(mail: Mail) -> bool:
    return bool(_DAEMON.search(mail.headers.get("from")[:1000]))


def null_sender(mail: Mail) -> bool:
    return mail.headers.get("return-path").replace(" ", "") == "<>"


def names_a_report(mail: Mail) -> bool:
    """Is the subject that of a report? An answer to a report, or one passed on by a person, is none."""
    subject = mail.headers.get("subject")[:400]
    return not _REPLY_OR_FORWARD.match(subject) and bool(_SUBJECT.search(subject))


def is_certain(mail: Mail) -> bool:
    """Did a mail server write this? People and shops have none of these signs."""
    kind = mail.headers.get("content-type").lower()
    return (
        from_daemon(mail)
        or null_sender(mail)
        or "x-failed-recipients" in mail.headers
        or (kind.startswith("multipart/report") and not _OTHER_REPORT.search(kind))
    )


def from_postmaster(mail: Mail) -> bool:
    """A weak sign: people and newsletters write under this name too."""
    return bool(_POSTMASTER.search(mail.headers.get("from")[:1000]))


def is_likely(mail: Mail) -> bool:
    return is_certain(mail) or from_postmaster(mail) or names_a_report(mail)


def is_auto_reply(mail: Mail) -> bool:
    """RFC 3834, and what came before it."""
    headers = mail.headers
    if from_daemon(mail) and names_a_report(mail):
        return False
    declared = (
        headers.get("auto-submitted").lower().startswith("auto-replied")
        or any(name in headers for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation"))
        or headers.get("precedence").strip().lower() in {"auto_reply", "auto-reply"}
    )
    subject = headers.get("subject")[:400]
    answers = any(name in headers for name in ("in-reply-to", "references"))
    machine = null_sender(mail) or (answers and ("x-auto-response-suppress" in headers or "auto-submitted" in headers))
    by_subject = bool(_AUTO_SUBJECT.search(subject)) or (machine and bool(_ABSENCE.search(subject)))
    return (declared or by_subject) and not names_a_report(mail)


def is_challenge(mail: Mail, text: str) -> bool:
    """Does a server ask us to prove that we are a person? The sign-up of a shop asks too, but not for our message."""
    if from_daemon(mail) and names_a_report(mail):
        return False
    headers = mail.headers
    link = "http://" in text or "https://" in text
    if _SERVICE.search(headers.get("from")[:1000] + " " + headers.get("message-id")[:300]):
        return link or bool(_PROVE.search(text[:4000]))
    answers = null_sender(mail) or any(name in headers for name in ("in-reply-to", "references"))
    asks = bool(_HELD.search(text[:4000])) and bool(_PROVE.search(text[:4000]))
    return link and asks and (answers or bool(_VERIFY_SUBJECT.search(headers.get("subject")[:400])))


def writer(mail: Mail) -> str:
    return addresses.first(mail.headers.get("from")[:1000].replace(";", ","))
