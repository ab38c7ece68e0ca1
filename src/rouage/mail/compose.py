"""Writes a message as MIME: the same bytes on every attempt, and nothing in a value can become a header.

The standard library's EmailMessage is not used for writing: it folds long names so that they read differently, drops
Content-Language, and takes longer than the whole SMTP dialogue. Its parser reads our mails back in the tests.
"""

from __future__ import annotations

import html
import re
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from rouage.mail.accounts import Sender
from rouage.mail.states import RecipientKind

ID_HEADER = "X-Rouage-Id"  # the recipient's token: it finds the way back from any report that quotes the headers
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LINK = re.compile(r"https?://[^\s<>\"]+")
_AFTER_LINK = ".,;:!?)]'»"
_SHORT = 60  # characters of ASCII that need no folding
_FOLDED = 76


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be written; ``recipients`` are (kind, name, checked address), ``token`` names the message."""

    message_id: str
    token: str
    date: datetime
    zone: str
    sender: Sender
    recipients: Sequence[tuple[RecipientKind, str, str]]
    subject: str
    text: str
    html: str
    language: str


def compose(letter: Letter) -> bytes:
    """The mail, ASCII with CRLF lines, without the one header that differs between recipients (``for_recipient``)."""
    boundary = f"=_{letter.token}"  # no quoted-printable line can hold "=_"
    lines = [f"{name}: {value}" for name, value in _headers(letter)]
    lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"', ""]
    written = letter.html or as_html(letter.text, letter.language)
    for kind, content in (("plain", letter.text), ("html", written)):
        lines += [
            f"--{boundary}",
            f'Content-Type: text/{kind}; charset="utf-8"',
            "Content-Transfer-Encoding: quoted-printable",
            "",
            _quoted_printable(content),
        ]
    lines += [f"--{boundary}--", ""]
    return "\r\n".join(lines).encode("ascii")


def for_recipient(mail: bytes, token: str) -> bytes:
    """The mail as this recipient gets it."""
    return f"{ID_HEADER}: {token}\r\n".encode("ascii") + mail


def as_html(text: str, language: str) -> str:
    """A simple HTML page that says what the text says: paragraphs, line breaks, links."""
    paragraphs = (part.strip("\n") for part in re.split(r"\n[ \t]*\n", _LINE_BREAK.sub("\n", text)))
    body = "\n".join(f"<p>{_linked(part)}</p>" for part in paragraphs if part.strip())
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}">\n<head><meta charset="utf-8"></head>\n'
        f'<body style="font-family: sans-serif; line-height: 1.5">\n{body}\n</body>\n</html>\n'
    )


def _linked(paragraph: str) -> str:
    pieces, at = [], 0
    for found in _LINK.finditer(paragraph):
        address = found[0].rstrip(_AFTER_LINK)
        escaped = html.escape(address)
        pieces += [html.escape(paragraph[at : found.start()]), f'<a href="{escaped}">{escaped}</a>']
        at = found.start() + len(address)
    pieces.append(html.escape(paragraph[at:]))
    return "".join(pieces).replace("\n", "<br>\n")


def _headers(letter: Letter) -> Iterator[tuple[str, str]]:
    sender = letter.sender
    yield "Message-ID", letter.message_id
    yield "Date", format_datetime(letter.date.astimezone(ZoneInfo(letter.zone)))
    yield "From", _mailbox(sender.name, sender.address)
    if sender.reply_to:
        yield "Reply-To", _mailbox(sender.name, sender.reply_to)
    for kind, header in ((RecipientKind.TO, "To"), (RecipientKind.CC, "Cc")):
        people = [_mailbox(name, address) for each, name, address in letter.recipients if each is kind]
        if people:
            yield header, ",\r\n ".join(people)
    if not any(kind is RecipientKind.TO for kind, _, _ in letter.recipients):
        yield "To", "undisclosed-recipients:;"
    yield "Subject", _words(letter.subject, len("Subject: "))
    # RFC 3834: answering machines keep still, people do not see it.
    yield "Auto-Submitted", "auto-generated"
    yield "Content-Language", letter.language


def _mailbox(name: str, address: str) -> str:
    """``name <address>`` (RFC 5322); the address was checked, the name is anything."""
    visible = _UNSEEN.sub(" ", name).strip()
    return f"{_phrase(visible)} <{address}>" if visible else f"<{address}>"


def _phrase(name: str) -> str:
    if not name.isascii() or "=?" in name or len(name) > _SHORT:
        return _encoded(name, 0)
    if _ATOMS.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _words(text: str, before: int) -> str:
    """The value of a header for people, encoded (RFC 2047) and folded where it must be."""
    line = _UNSEEN.sub(" ", text).strip()
    if line.isascii() and "=?" not in line and len(line) <= _SHORT:
        return line
    return _encoded(line, before)


def _encoded(text: str, before: int) -> str:
    return Header(text, "utf-8", maxlinelen=_FOLDED - before).encode(linesep="\r\n")


def _quoted_printable(text: str) -> str:
    lines = _LINE_BREAK.sub("\r\n", text)
    # The first line break tells the encoder which kind it is to write, so there is always one.
    ended = lines if lines.endswith("\r\n") else f"{lines}\r\n"
    return b2a_qp(ended.encode("utf-8", "replace"), istext=True).decode("ascii")
