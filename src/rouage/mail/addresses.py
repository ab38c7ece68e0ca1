"""Can a mail be sent to this address? Asked when it is sent: a card may hold anything (REC-1)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rouage.mail.reasons import Code

_LOCAL_MAX, _DOMAIN_MAX, _WHOLE_MAX = 64, 253, 254  # RFC 5321, 4.5.3.1; a path holds two brackets more
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])*"')
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_SEVERAL = re.compile(r"@[^@]*[,;\s][^@]*@")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address in the form that goes on the wire: ASCII, an international domain in punycode."""

    address: str


def check_address(written: str) -> Mailbox | Code:
    """The mailbox, or why there is none. Blanks around it, as copying brings them, are forgiven."""
    address = written if written.isascii() and written == written.strip() else _trimmed(written)
    if not address:
        return Code.ADDRESS_MISSING
    local, at, domain = address.rpartition("@")
    if len(address) > 4 * _WHOLE_MAX or not (at and local and domain):
        return Code.ADDRESS_MALFORMED
    if fault := _local_fault(local, address):
        return fault
    ascii_domain = _ascii_domain(domain)
    if isinstance(ascii_domain, Code):
        return ascii_domain
    whole = f"{local}@{ascii_domain}"
    return Mailbox(whole) if len(whole) <= _WHOLE_MAX else Code.ADDRESS_MALFORMED


def _trimmed(written: str) -> str:
    start = _INVISIBLE.match(written)
    text = written[start.end() :] if start else written
    return text.rstrip().rstrip("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff").rstrip()


def _local_fault(local: str, address: str) -> Code | None:
    if len(local) <= _LOCAL_MAX and (_DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local)):
        return None
    if _SEVERAL.search(address):
        return Code.ADDRESS_SEVERAL
    # A server of the recipient's that takes such addresses (SMTPUTF8) exists hardly anywhere.
    only_letters = not local.isascii() and _DOT_ATOM.fullmatch("".join(_plain(letter) for letter in local))
    return Code.ADDRESS_NON_ASCII if only_letters else Code.ADDRESS_MALFORMED


def _plain(letter: str) -> str:
    return "x" if not letter.isascii() and letter.isalnum() else letter


def _ascii_domain(domain: str) -> str | Code:
    if len(domain) > _DOMAIN_MAX:
        return Code.ADDRESS_MALFORMED
    try:
        name = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return Code.ADDRESS_MALFORMED
    labels = name.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        return Code.ADDRESS_MALFORMED
    if len(labels) == 1:
        return Code.ADDRESS_NO_DOT
    # A last label of digits is an IP address, which is no mail domain.
    return Code.ADDRESS_MALFORMED if labels[-1].isdigit() or len(name) > _DOMAIN_MAX else name
