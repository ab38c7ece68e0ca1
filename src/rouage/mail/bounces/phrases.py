"""What servers say when they refuse a mail, in the languages in which they say it, in the order in which to look."""

from __future__ import annotations

import re

from rouage.mail.bounces.report import Cause


def _near(these: str, those: str, words: int = 6) -> str:
    """``these`` and then ``those``, with at most so many words between: disjoint classes, bounded repeats."""
    return rf"\b(?:{these})\b\W{{1,12}}(?:\w{{1,40}}\W{{1,12}}){{0,{words}}}?(?:{those})"


_PLACE = "mail ?box|inbox|boite|boîte|account|compte|quota|storage|maildir|mail ?folder|postfach|buzón|casella|caixa"
_PERSON = (
    r"user|recipient|mail ?box|address|account|e-?mail|destinataire|destinatario|adresse|adresses|alias|name|customer"
    r"|local part|addressee|inbox|utilisateur|usager|compte|boite|boîte|empfänger|benutzer|usuario|utente|dirección"
    r"|indirizzo|mailaccount|recipients|users|endereço|gebruiker"
)
_UNKNOWN = (
    r"unknown|not (?:been )?(?:found|exist|known|listed|available|valid|our|a valid|a known|in|recogni[sz]ed"
    r"|active)\b"
    r"|does ?n[o'’]t exist|does not exist|non-?existent|n[ '’]existe|inexist|inconnu|invalid|unavailable"
    r"|undeliverable"
    r"|no longer (?:valid|available|exist|here|in use|with)|could ?n[o'’]?t be found|couldn't be found"
    r"|wasn[ '’]t found"
    r"|unroutable|incorrect|introuvable|non valide|pas (?:été )?trouvé|nicht (?:gefunden|bekannt)|unbekannt|ungültig"
    r"|desconocid|no existe|sconosciut|inesistente|existiert nicht|n[aã]o existe|bestaat niet|has been deleted"
    r"|supprimé"
)

_TABLE: tuple[tuple[Cause, tuple[str, ...]], ...] = (
    (
        Cause.SENDER,
        (
            (
                r"sender (?:address |e-?mail )?(?:rejected|invalid|does not exist|unknown|refused|not (?:exist"
                r"|found|allowed))"
            ),
            (
                r"(?:domain of sender|sender domain|sender'?s? address|mail ?from domain)\b[^\n]{0,60}(?:not|n't"
                r"|invalid|reject)"
            ),
            r"[eé]metteur (?:invalide|inconnu|refus)|exp[eé]diteur (?:invalide|inconnu|refus|rejet)|invalid sender",
            (
                r"sender (?:verify|verification|callout) fail|unroute?able sender"
                r"|MAIL FROM[^\n]{0,60}(?:not exist|invalid)"
            ),
        ),
    ),
    (Cause.GREYLIST, (r"gr[ea]y-?list", r"liste grise", r"try again in \d{1,4} (?:sec|min)")),
    (
        Cause.NO_PTR,
        (
            (
                r"reverse[- ]?dns|\brdns\b|\bptr\b|\bfcrdns\b|(?:no|missing|invalid|without) reverse\b"
                r"|r[eé]solution inverse"
            ),
            r"cannot (?:find|resolve) your (?:reverse )?(?:host ?name|address)|client host rejected: cannot find",
        ),
    ),
    (
        Cause.AUTH,
        (
            (
                r"\b(?:spf|dkim|dmarc)\b[^\n]{0,80}(?:fail|pass|reject|not|unauth|align|invalid|verif|échec|echec"
                r"|required|policy)"
            ),
            r"(?:fail|reject|due to|against|violat)[^\n]{0,60}\b(?:spf|dkim|dmarc)\b",
            (
                r"unauthenticated (?:e-?mail|mail|sender|message)|(?:sender|message|email)[^\n]{0,20} (?:is "
                r"|was )?not authenticated"
            ),
            r"sender policy framework|not authorized (?:by|to send)[^\n]{0,40}(?:domain|spf)",
        ),
    ),
    (
        Cause.RELAY,
        (
            (
                r"relay(?:ing)?\W{1,12}(?:\w{1,40}\W{1,12}){0,4}?(?:denied|not|prohibited|refused|rejected|interdit"
                r"|disabled)"
            ),
            (
                r"(?:unable|not permitted|not allowed|prohibited|cannot|refus\w{1,6}|not configured"
                r"|not authorized) (?:to |de )?relay"
            ),
            (
                r"relais (?:refus|interdit|non autoris)|we do(?: not|n't) relay|not (?:a |an )?(?:open )?relay\b"
                r"|authentication required"
            ),
        ),
    ),
    (
        Cause.VIRUS,
        (
            r"\b(?:virus|malware|trojan|ransomware|infected|infecté)\b",
            (
                r"(?:attachment|pièce jointe|attached file)\b[^\n]{0,40}(?:block|not allowed|prohibit|banned"
                r"|interdit|refus|executable)"
            ),
            r"banned[- ]?(?:file|content|attachment|extension)",
        ),
    ),
    (
        Cause.LOOP,
        (
            (
                r"too many hops|mail(?:er)? loop|loops? back to (?:me|my)|loop(?:ing)? detected|hop count"
                r"|forwarding loop|routing loop"
            ),
        ),
    ),
    (
        Cause.TOO_BIG,
        (
            (
                r"(?:message|mail|size|e-?mail|body|taille)\W{1,12}(?:\w{1,40}\W{1,12}){0,5}?too (?:big|large|long)"
                r"|too large message"
            ),
            (
                r"(?:message|mail|e-?mail|size|header)\b[^\n]{0,40}\bexceed\w{0,3}\b[^\n]{0,50}\b(?:size|maximum"
                r"|limit of \d)"
            ),
            (
                r"(?:exceeds|larger than|greater than|maximum|max)\b[^\n]{0,30}(?:message|mail) ?size"
                r"|message size (?:exceeds|limit)"
            ),
            (
                r"(?:taille|message|mail|courriel)\b[^\n]{0,40}(?:trop (?:gros|grand|volumineux|importante)"
                r"|taille maxim)"
            ),
            r"taille (?:limite|maxim)\w{0,5} [^\n]{0,30}(?:dépass|depass|atteinte)|nachricht (?:ist )?zu gro",
        ),
    ),
    (
        Cause.MAILBOX_FULL,
        (
            _near(
                _PLACE,
                r"full\b|exceed|over\b|pleine?\b|satur|dépass|depass|exhaust|quota|voll\b|llen[oa]|pien[ao]"
                r"|cheia|vol\b",
            ),
            (
                r"over ?quota|quota (?:exceed|is full|dépass|depass|violation)"
                r"|exceed\w{0,3} (?:\w{1,20} ){0,4}?quota|mail ?box full"
            ),
            (
                r"out of (?:storage|disk|mailbox)|(?:not enough|insufficient|no) (?:disk |system |mailbox "
                r"|storage )?(?:space|storage)"
            ),
            (
                r"would exceed (?:the )?(?:mailbox|quota|storage)|boite? [^\n]{0,30}pleine|mailbox size limit"
                r"|disk quota|no space left"
            ),
        ),
    ),
    (
        Cause.RATE,
        (
            (
                r"too many (?:connections|messages|recipients|e-?mails|errors|mails|concurrent|sessions|invalid)"
                r"|throttl|slow down"
            ),
            (
                r"(?:rate|volume)[- ]?(?:limit|control|exceed)|receiving (?:e-?)?mail at a rate"
                r"|trop de (?:connexions|messages|destinataires)"
            ),
            (
                r"exceed\w{0,3} [^\n]{0,40}(?:\brate\b|number of|per (?:hour|day|minute))|(?:hourly"
                r"|daily)[^\n]{0,20}(?:limit|quota)"
            ),
            (
                r"unusual rate|temporarily (?:rate )?(?:limited|deferred)|user complaints|envois? trop (?:rapide"
                r"|nombreux)"
            ),
        ),
    ),
    (
        Cause.BLOCKED,
        (
            (
                r"block[- ]?list|black[- ]?list|deny ?list|\brbl\b|dnsbl|\bd?rbl|spamhaus|spamcop|barracuda|sorbs\b"
                r"|uceprotect|senderbase"
            ),
            r"(?:poor|bad|low|your|ip|domain|sender)\W{1,3}(?:\w{1,20}\W){0,2}?reputation|liste noire|blacklist",
            (
                r"\b(?:ip|client|host|server|connection|sender|network|site|serveur"
                r"|adresse ip)\b\W{1,12}(?:\w{1,40}\W{1,12}){0,5}?"
                r"(?:blocked|banned|denied|listed|not allowed|bloqué|bloque\b|block listed|rejected due)"
            ),
            (
                r"service refus|\bgo away\b|we do not accept mail from|no access from mail server"
                r"|not accepting (?:mail|connections) from"
            ),
        ),
    ),
    (
        Cause.DOMAIN_UNKNOWN,
        (
            (
                r"(?:host|domain|domaine|hostname)\b[^\n]{0,60}(?:not found|does(?: not|n't) exist|n[ '’]existe"
                r"|unknown|inconnu|invalid)"
            ),
            (
                r"unknown (?:mail )?(?:host|domain)|host unknown|bad destination (?:host|system)|illegal (?:host"
                r"|domain)|nxdomain|name service"
            ),
            (
                r"unroute?able (?:mail )?(?:domain|address)|couldn[ '’]t find any host|unable to look ?up"
                r"|name or service not known|no such domain"
            ),
            (
                r"(?:no|null|without|pas d[e'’]) ?mx\b|mx (?:record )?(?:lookup )?(?:fail|not found|error)"
                r"|dns (?:error|lookup|fail|query)"
            ),
            (
                r"all relevant mx records|does not (?:accept|receive) (?:e-?)?mail"
                r"|domaine? [^\n]{0,30}(?:introuvable|inexistant)|no (?:valid )?mail exchanger"
            ),
        ),
    ),
    (
        Cause.DISABLED,
        (
            _near(
                r"account|mail ?box|user|recipient|compte|boite|boîte|address|adresse|e-?mail|inbox|konto|cuenta",
                r"(?:been |is )?(?:disabled|suspend|locked|inactive|de-?activated|archiv|discontinued|désactiv"
                r"|desactiv|expired"
                r"|not active|terminated|frozen|closed|ferm[ée]|bloqu|dormant|no longer active|over-?due"
                r"|administratively)",
            ),
            (
                r"inactive (?:user|account|mailbox|recipient)|disabled (?:user|account|mailbox|recipient)"
                r"|mailbox not accepting|compte inactif"
            ),
        ),
    ),
    (
        Cause.MOVED,
        (
            (
                r"user has moved|has changed (?:his|her|their|e-?mail|address)|new (?:e-?mail )?address is"
                r"|please (?:use|note)[^\n]{0,20} new address"
                r"|address (?:has )?changed|changed? d[ '’]adresse|nouvelle adresse|user not local; please try"
                r"|moved to another"
            ),
        ),
    ),
    (
        Cause.USER_UNKNOWN,
        (
            _near(_PERSON, _UNKNOWN),
            (
                r"(?:no|unknown|invalid|bad|illegal|undefined|non-?existent|unroute?able|unable to find"
                r"|no valid|not our|incorrect)"
                r" (?:such )?(?:local )?(?:user|recipient|mail ?box|address|account|customer|person|destinataire"
                r"|addressee|alias|name\b)"
            ),
            (
                r"no mail ?box here|not listed in|there is no one (?:here|at)|no such (?:user|person|mailbox"
                r"|account|recipient|address|alias|id)"
                r"|not (?:a )?(?:known|valid|local) (?:user|recipient|address|mailbox|alias)|user unknown"
                r"|user doesn't|doesn't have an? "
            ),
            (
                r"recipient (?:address )?rejected|adresse [^\n]{0,60}invalide|invalid (?:final )?(?:delivery )?user"
                r"|who are you looking for"
            ),
            (
                r"(?:utilisateur|destinataire|adresse|boite|boîte|compte) [^\n]{0,40}(?:inconnu|inexistant"
                r"|introuvable|n[ '’]existe)"
            ),
            (
                r"(?:isn[ '’]t|is not|aren[ '’]t) (?:a )?(?:valid|known|in our|on our)|verify the (?:address"
                r"|recipient)|address(?:ee)? unknown"
            ),
        ),
    ),
    (
        Cause.SPAM,
        (
            (
                r"\bspam\b|\bjunk\b|bulk (?:e-?)?mail|unsolicited|ind[eé]sirable|phish|suspicious|\buce\b|\bsurbl\b"
                r"|\buribl\b|spamassassin"
            ),
            (
                r"content\b[^\n]{0,40}(?:reject|refus|block|denied|filter|not accept)|(?:message|mail|e-?mail"
                r"|courriel) (?:was |has been |a été )?"
                r"(?:rejected|blocked|refused|rejet[eé]|bloqué)[^\n]{0,40}(?:content|filter|contenu|filtr)"
                r"|mail rejet[eé]"
            ),
        ),
    ),
    (
        Cause.UNREACHABLE,
        (
            (
                r"connection (?:was )?(?:refused|timed out|reset|dropped|lost|closed|fail)|connexion (?:refus"
                r"|impossible|interrompue)"
            ),
            (
                r"(?:no route to|could(?: not|n[ '’]t) (?:connect|reach|contact)|unable to (?:connect|reach"
                r"|contact)|can(?:not|'t) connect)"
                r"|network (?:is )?(?:unreachable|error)|host (?:is )?(?:down|unreachable)|lost connection|(?:not"
                r"|isn't) responding|unreachable"
                r"|no (?:answer|response) from|did ?n[o'’]t respond|connect(?:ion)? (?:attempt )?fail"
                r"|establish an smtp connection|conversation with"
            ),
            (
                r"(?:ne répond pas|injoignable|délai (?:d[ '’]attente )?dépassé|operation timed out"
                r"|timed out (?:while|after))"
            ),
        ),
    ),
    (
        Cause.EXPIRED,
        (
            (
                r"(?:message|delivery|retry|queue|mail)\W{1,12}(?:\w{1,40}\W{1,12}){0,4}?(?:expired|time ?out"
                r"|time exceeded|too long|timed out)"
            ),
            (
                r"in (?:the )?queue (?:for )?too long|giving up|given up|retry (?:time|timeout) (?:not reached"
                r"|exceeded)|max(?:imum)? (?:retry|queue) time"
                r"|delivery time expired|unable to deliver[^\n]{0,50}(?:days|hours)"
                r"|not accepted [^\n]{0,30} for \d{1,3} (?:days|hours)|expiré"
            ),
        ),
    ),
    (
        Cause.POLICY,
        (
            (
                r"\bpolic(?:y|ies)\b|politique|not (?:authori[sz]ed|permitted|allowed|accepted)|prohibit|restrict"
                r"|administrative"
                r"|unauthori[sz]ed|non autoris|permission|access denied|\brefus[eé]\b|only accepts? (?:mail"
                r"|messages) from|moderated"
            ),
        ),
    ),
    (
        Cause.SYSTEM,
        (
            (
                r"(?:local|internal|server|system|software|configuration|mailer|i/o|resource|temporary)\W(?:error"
                r"|problem|failure|resources|fault)"
                r"|misconfig|(?:program|command|process)\b[^\n]{0,40}(?:fail|died|crash|exit)|can(?:not|'t) (?:open"
                r"|create|append)|erreur (?:interne|syst)"
                r"|(?:service|temporarily) (?:un|not )available|try again later|temporar\w{1,6} (?:fail|error"
                r"|problem|lookup)|réessayer plus tard"
            ),
        ),
    ),
)
TABLE = tuple((cause, tuple(re.compile(each, re.IGNORECASE) for each in patterns)) for cause, patterns in _TABLE)
# They say that something went wrong, not what: a specific code says more.
WEAK = frozenset({Cause.POLICY, Cause.SYSTEM, Cause.EXPIRED, Cause.SPAM})

# What would mislead: addresses (spam@...), links, the reporter's own standing sentences, server addresses.
_NOISE = re.compile(
    r"<?[\w.!#$%&'*+/=?^`{|}~-]{1,128}@[\w.-]{1,250}>?|https?://[^\s]{1,250}|\[[0-9a-f.:]{3,45}\]"
    r"|(?:recipient|sender) address rejected:"
    r"|delivery to the following recipients?\s(?:has )?(?:been )?failed(?: permanently)?"
    r"|technical details of (?:permanent|temporary) failure|mail delivery failed|permanent fatal errors"
    r"|this (?:message|e-?mail) (?:was|has been) (?:created|sent|generated) automatically[^.\n]{0,200}"
    r"|the following address(?:es)? (?:had|failed|have)[^\n]{0,80}|in reply to [^\n)]{1,40}"
    r"|delivery status notification",
    re.IGNORECASE,
)


def cause(text: str) -> Cause | None:
    """The first cause whose words stand in a text."""
    readable = _NOISE.sub(" ", text)
    return next((each for each, patterns in TABLE if any(pattern.search(readable) for pattern in patterns)), None)
