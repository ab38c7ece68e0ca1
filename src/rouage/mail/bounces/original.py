"""Finds the mail that a report is about: its headers, and the names that we gave it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rouage.mail.bounces.mime import Mail, decode, fields, split

ID_HEADER = "x-rouage-id"  # compose.ID_HEADER, which this pure room cannot import
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_TOKEN = re.compile(r"[0-9A-Za-z_.-]{8,100}")
_LOOKED_AT = 20_000  # characters of quoted text


def headers(mail: Mail, quoted: str = "") -> Mapping[str, tuple[str, ...]]:
    """The headers of the original: of the mail that is attached, else those quoted in the text."""
    for part in mail.embedded:
        head, body = split(part.decoded.lstrip(b"\n "))
        found = dict(head.fields)
        # Some attach the headers in a mail without headers of its own.
        found = found or fields(decode(body[:_LOOKED_AT]))
        if found:
            return found
    return fields("\n".join(line.lstrip("> ") for line in quoted[:_LOOKED_AT].split("\n"))) if quoted else {}


def message_id(original: Mapping[str, tuple[str, ...]], mail: Mail, named: Iterable[str] = ()) -> str:
    """The original's Message-ID; without its headers, the mail that the report says it answers."""
    candidates = [*named, *original.get("message-id", ()), *mail.headers.all("original-message-id")]
    candidates += [*mail.headers.all("in-reply-to"), *(each[-300:] for each in mail.headers.all("references"))]
    return next((found[-1] for value in candidates if (found := _MESSAGE_ID.findall(value[:2000]))), "")


def rouage_id(original: Mapping[str, tuple[str, ...]]) -> str:
    found = _TOKEN.fullmatch(next(iter(original.get(ID_HEADER, ())), "").strip())
    return found[0] if found else ""
