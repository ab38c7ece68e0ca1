"""Finds addresses in fields and in prose."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

# Letters beyond ASCII are allowed (RFC 6531). The parts are bounded: a run of letters costs its length once.
LOCAL = r"(?<![\w.!#$%&'*+/=?^`{|}~-])(?:\"[^\"\n@]{1,64}\"|[\w!#$%&'*+/=?^`{|}~-][\w.!#$%&'*+/=?^`{|}~-]{0,127})"
ADDRESS = LOCAL + r"@(?:[^\W_][\w-]{0,62}(?:\.[\w-]{1,63}){0,9}|\[[0-9A-Fa-f.:]{3,60}\])"
_ADDRESS = re.compile(ADDRESS)
_DAEMON = re.compile(
    r"mailer-?daemon|post-?master|mail-?delivery|delivery-?(?:system|subsystem)|microsoftexchange"
    r"|mail-?server|mailadm|mdaemon|bounce|no-?reply|do-?not-?reply|abuse@|symantec|mailscanner"
)


def clean(address: str) -> str:
    """An address as it is compared: lower case, without what clings to it in prose."""
    return address.strip(" .'\"<>`").lower() if not address.startswith('"') else address.lower()


def first(value: str) -> str:
    """The address of a field such as ``rfc822; <anna@example.org>``; empty when there is none."""
    kind, semicolon, rest = value.partition(";")
    text = rest if semicolon and "@" not in kind else value
    if "\\x{" in text:
        text = _unescape(text)
    found = _ADDRESS.search(text[:1000])
    return clean(found[0]) if found else ""


def every(text: str) -> list[str]:
    """All the addresses, each once, in their order."""
    return unique(clean(each) for each in _ADDRESS.findall(text))


def of_fields(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(unique(each for value in values for each in every(value)))


def unique(values: Iterable[str]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value]


def is_daemon(address: str) -> bool:
    """A machine's address, which no bounce is about."""
    return bool(_DAEMON.search(address))


def _unescape(text: str) -> str:
    r"""RFC 6533 writes letters beyond ASCII as ``\x{e9}``."""
    return re.sub(r"\\x\{([0-9A-Fa-f]{2,6})\}", lambda each: _letter(int(each[1], 16)), text)


def _letter(number: int) -> str:
    """A letter by its number; the numbers that name none (half a surrogate, too high) become a question mark."""
    return chr(number).encode("utf-16", "replace").decode("utf-16") if number <= sys.maxunicode else "?"
