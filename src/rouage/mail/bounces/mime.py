"""Takes a mail of any shape apart: bounded in size, depth and time, and without an error for whatever is broken.

The standard library's parser recurses into parts and compares each line with every open boundary; what comes to a
return path is written by strangers, so this one is iterative and reads at most ``CAP`` bytes.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

CAP = 1 << 20  # bytes of a mail that are read
TEXT = 1 << 16  # characters of a text that are read
HEAD = 1 << 16
DEPTH = 8
PARTS = 64
_FIRST_LINES = 4  # a stray line may stand before the headers
LINE = 4000  # characters of one header

EMBEDDED = frozenset(
    {"message/rfc822", "message/global", "text/rfc822", "text/rfc822-headers", "message/rfc822-headers"}
    | {"message/global-headers", "message/partial"}
)
# Codecs of texts alone: "punycode" or "idna" take quadratic time, "unicode_escape" warns.
_CHARSETS = re.compile(
    r"(?:utf[_-]?(?:7|8|16)|ascii|iso8859|latin|cp(?:125|437|850|932|949|950)|koi8|gb|big5|shift_jis|euc_"
    r"|iso2022|mac_|johab|tis)"
)
_FIELD = re.compile(r"([!-9;-~]{1,80})[ \t]{0,9}:[ \t]*(.*)", re.DOTALL)
_FOLD = re.compile(r"\n[ \t]+")
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\n]{0,800})\?=")
_WORDS_GAP = re.compile(r"\?=[ \t]{1,9}=\?(?=[^?\s]{1,40}\?[bBqQ]\?)")
_PARAM = re.compile(
    r";[ \t\n]{0,9}([a-z*0-9-]{1,30})[ \t]{0,9}=[ \t]{0,9}(?:\"([^\"\n]{0,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE
)
_GUESSED_BOUNDARY = re.compile(rb"(?:^|\n)--([!-~]{1,70})[ \t]{0,9}\ncontent-[a-z]", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9:]{0,20}(?:[\s/][^<>]{0,4000})?>|<![^<>]{0,400}>")
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h\d|/?table|/?pre|hr)\b[^<>]{0,400}>", re.IGNORECASE)
_RUN = re.compile(r"(\S{250})\S+")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n(?: ?\n)+ ?")


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields by lower-case name, decoded."""

    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.fields.get(name, ("",))[0]

    def all(self, name: str) -> tuple[str, ...]:
        return self.fields.get(name, ())

    def __contains__(self, name: str) -> bool:
        return name in self.fields


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf: a text, the fields of a report, an attachment, or a whole mail that is not opened."""

    headers: Headers
    body: bytes

    @property
    def type(self) -> str:
        value = self.headers.get("content-type").split(";", 1)[0].strip().lower()
        return value if "/" in value else "text/plain"

    @property
    def is_readable(self) -> bool:
        """No attachment, and not the mail that is reported on."""
        return self.type.startswith(("text/", "message/", "multipart/")) and self.type not in EMBEDDED

    @property
    def decoded(self) -> bytes:
        """The bytes without their transfer encoding; as they are when the encoding is broken."""
        coding = self.headers.get("content-transfer-encoding").strip().lower()
        data = self.body[: TEXT * 4]
        try:
            if coding == "base64":
                return base64.b64decode(data[: len(data) // 4 * 4])
            return quopri.decodestring(data) if coding == "quoted-printable" else data
        except (binascii.Error, ValueError):
            return data

    @property
    def text(self) -> str:
        """The readable text, bounded: no run over 250 characters, no two empty lines, at most 64 Ki characters."""
        value = decode(self.decoded, params(self.headers.get("content-type")).get("charset", ""))[: TEXT * 2]
        return bounded(_without_tags(value) if self.type == "text/html" else value)


@dataclass(frozen=True, slots=True)
class Mail:
    headers: Headers
    parts: tuple[Part, ...]

    def of_type(self, *types: str) -> Iterator[Part]:
        return (part for part in self.parts if part.type in types)

    @property
    def embedded(self) -> tuple[Part, ...]:
        """The mails that it carries, as a rule the one that is reported on."""
        return tuple(part for part in self.parts if part.type in EMBEDDED)

    @property
    def text(self) -> str:
        """All that a person reads before the mail that is quoted; the plain version where there are both."""
        texts = [part for part in self.parts if part.type.startswith("text/") and part.type not in EMBEDDED]
        plain = [part.text for part in texts if part.type != "text/html"]
        marked_up = [part.text for part in texts if part.type == "text/html"]
        return "\n".join(plain if any(each.strip() for each in plain) else marked_up)[:TEXT]


def read(raw: bytes) -> Mail:
    """Read a mail as it came: CRLF, LF or CR, with or without an mbox line."""
    data = raw[:CAP].replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n\0 ")
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    headers, body = split(data)
    return Mail(headers, tuple(_leaves(Part(headers, body))))


def split(data: bytes) -> tuple[Headers, bytes]:
    """Separate a head from its body; no head at all when none of its first lines is a header."""
    if data.startswith(b"\n"):
        return Headers(), data[1:]
    head, _, body = data.partition(b"\n\n")
    if not any(_FIELD.match(line) for line in head[:LINE].decode("latin-1").split("\n")[:_FIRST_LINES]):
        return Headers(), data
    return Headers(fields(decode(head[:HEAD]))), body


def fields(text: str) -> dict[str, tuple[str, ...]]:
    """Read header fields, or the like fields of a report; lines that are none are left out."""
    found: dict[str, list[str]] = {}
    for line in _FOLD.sub(" ", text).split("\n"):
        if match := _FIELD.match(line[:LINE]):
            found.setdefault(match[1].lower(), []).append(_words(match[2].strip()))
    return {name: tuple(values[:PARTS]) for name, values in found.items()}


def params(value: str) -> dict[str, str]:
    """Read the parameters of a Content-Type; the RFC 2231 forms are not needed for what we look at."""
    return {each[1].lower().rstrip("*"): each[2] or each[3] or "" for each in _PARAM.finditer(value[:LINE])}


def decode(data: bytes, charset: str = "") -> str:
    """Decode with the charset that is named; else UTF-8, else Latin-1. Never fails."""
    try:
        known = codecs.lookup(charset).name if charset else ""
    except (LookupError, ValueError):
        known = ""
    if known not in {"", "ascii", "utf-8"} and _CHARSETS.match(known):
        return data.decode(known, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # A text cut in the middle of a letter is still UTF-8.
        return data.decode("utf-8", "replace") if known == "utf-8" else data.decode("latin-1")


def bounded(text: str) -> str:
    """Make a stranger's text safe to search: bounded length, bounded runs, single blanks."""
    return _LINES.sub("\n\n", _BLANKS.sub(" ", _RUN.sub(r"\1", text[: TEXT * 2])))[:TEXT]


def _leaves(top: Part) -> Iterator[Part]:
    waiting, count = [(top, 0)], 0
    while waiting and count < PARTS:
        part, depth = waiting.pop()
        children = _children(part) if depth < DEPTH else []
        if children:
            waiting.extend((child, depth + 1) for child in reversed(children))
        else:
            count += 1
            yield part


def _children(part: Part) -> list[Part]:
    if not part.type.startswith("multipart/"):
        return []
    boundary = params(part.headers.get("content-type")).get("boundary", "").encode("utf-8", "replace").strip()
    pieces = _pieces(part.body, boundary) if boundary else []
    if not pieces and (guess := _GUESSED_BOUNDARY.search(part.body[:HEAD])):
        pieces = _pieces(part.body, guess[1])
    return [Part(*split(piece)) for piece in pieces]


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """Cut at the lines of a boundary; a missing last one does no harm."""
    pieces = (b"\n" + body).split(b"\n--" + boundary, PARTS)[1:]
    # Behind the boundary stand blanks, or "--" for the end; anything else is a longer boundary that begins alike.
    return [piece.partition(b"\n")[2] for piece in pieces if not piece.partition(b"\n")[0].strip()]


def _words(value: str) -> str:
    """Decode the words of RFC 2047."""
    if "=?" not in value:
        return value
    return _WORD.sub(_word, _WORDS_GAP.sub("?==?", value))


def _word(match: re.Match[str]) -> str:
    data = match[3].encode("utf-8", "replace")
    try:
        if match[2] in "bB":
            plain = base64.b64decode(data + b"=" * (-len(data) % 4))
        else:
            plain = quopri.decodestring(data.replace(b"_", b" "))
    except (binascii.Error, ValueError):
        return match[0]
    return _BLANKS.sub(" ", decode(plain, match[1].split("*")[0]).replace("\n", " "))


def _without_tags(text: str) -> str:
    for name in ("style", "script"):
        text = _without_element(text, name)
    return html.unescape(_TAG.sub(" ", _BREAK.sub("\n", text)))


def _without_element(text: str, name: str) -> str:
    """Drop an element with its content, in one pass; a regex would search for its end from each of its beginnings."""
    lower, kept, at = text.lower(), [], 0
    if len(lower) != len(text):  # a letter whose small form is longer: the places would not agree
        return text
    while (start := lower.find(f"<{name}", at)) >= 0:
        kept.append(text[at:start])
        end = lower.find(f"</{name}", start)
        if end < 0:
            return "".join(kept)
        at = end
        if (close := lower.find(">", at)) >= 0:
            at = close + 1
    return "".join([*kept, text[at:]])
