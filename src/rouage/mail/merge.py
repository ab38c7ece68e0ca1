"""Merge fields: ``{{ client.name | upper }}``. An allow-listed mini-language that looks up and evaluates nothing.

A text is parsed once into literals and slots; a slot names one key of a flat snapshot and a few filters of a fixed
table. There are no attributes, calls, loops or conditions: whatever is not this form is an error with its place.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Any

from rouage.mail.merge_filters import DEFAULT, FILTERS, Filter, Setting, Unfit, plain

__all__ = ["MergeCode", "MergeError", "Output", "Setting", "Template", "check", "fields_of", "parse", "render"]

OPENING, CLOSING = "{{", "}}"
_LONGEST = 300  # characters between the braces
_CACHED = 20_000  # longer texts are parsed each time rather than kept
_REPORTED = 20  # faults of one text that are worth telling at once
_ABSENT = object()

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_FIELD = re.compile(rf"\s*({_NAME}(?:\.{_NAME})*)\s*")
_FILTER = re.compile(
    rf"\|\s*({_NAME})\s*"
    # Word processors set quotation marks of their own.
    r"""(?::\s*(?:"([^"]*)"|'([^']*)'|“([^”]*)”|«([^»]*)»|([^\s|"'“«:]+)))?\s*"""
)
# Control characters, line and paragraph separators, and the marks that turn the direction of writing.
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_LINE = re.compile(rf"[{_UNSEEN}]+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Output(StrEnum):
    """Where the text goes, so that a value cannot become anything else there."""

    TEXT = "text"
    LINE = "line"  # a subject: line breaks and control characters become blanks
    HTML = "html"  # values are escaped


class MergeCode(StrEnum):
    """What is wrong; the sentences are in mail.merge_errors."""

    UNKNOWN_FIELD = "unknown_field"
    MISSING_VALUE = "missing_value"
    UNKNOWN_FILTER = "unknown_filter"
    BAD_ARGUMENT = "bad_argument"
    UNFIT_VALUE = "unfit_value"
    SYNTAX = "syntax"
    UNCLOSED = "unclosed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeError:
    """Why a text cannot be merged. ``position`` counts characters from 0, ``field`` is what stands there."""

    code: MergeCode
    field: str
    position: int
    filter: str = ""
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a value. ``default`` stands in for a missing one."""

    field: str
    position: int
    filters: tuple[tuple[str, Filter, str | None], ...]
    default: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text."""

    parts: tuple[str | Slot, ...]


def parse(text: str) -> Template | MergeError:
    """The parsed text, from a bounded cache; the first fault in it otherwise."""
    return _parse_once(text) if len(text) <= _CACHED else _parse(text)


def _parse(text: str) -> Template | MergeError:
    parts: list[str | Slot] = []
    for part in _scan(text):
        if isinstance(part, MergeError):
            return part
        parts.append(part)
    return Template(tuple(parts))


_parse_once = lru_cache(maxsize=1024)(_parse)


def fields_of(template: Template) -> frozenset[str]:
    return frozenset(part.field for part in template.parts if isinstance(part, Slot))


def check(text: str, fields: Collection[str]) -> tuple[MergeError, ...]:
    """The faults of a text that may use ``fields``, the first twenty: for the editor and for saving."""
    known, names = frozenset(fields), set[str]()
    faults: list[MergeError] = []
    for part in _scan(text):
        if isinstance(part, MergeError):
            faults.append(part)
        elif isinstance(part, Slot) and part.field not in known and part.field not in names:
            names.add(part.field)
            faults.append(_unknown(part, known))
        if len(faults) == _REPORTED:
            break
    return tuple(faults)


def render(
    template: Template, snapshot: Mapping[str, Any], setting: Setting, output: Output = Output.TEXT
) -> str | MergeError:
    """The text with the values of a flat snapshot; a field that it does not hold, or holds empty, is an error."""
    protect = _PROTECT[output]
    written: list[str] = []
    for part in template.parts:
        if isinstance(part, str):
            written.append(part)
            continue
        value = snapshot.get(part.field, _ABSENT)
        if value is _ABSENT:
            return _unknown(part, frozenset(snapshot))
        text = _value(part, value, setting)
        if isinstance(text, MergeError):
            return text
        written.append(protect(text))
    merged = "".join(written)
    # The whole line, not the values alone: a template's own text may hold a line break too.
    return _LINE.sub(" ", merged).strip() if output is Output.LINE else merged


def _value(slot: Slot, value: object, setting: Setting) -> str | MergeError:
    if value is None or (isinstance(value, str) and not value.strip()):
        return _missing(slot) if slot.default is None else slot.default
    name = ""
    try:
        for name, found, argument in slot.filters:  # noqa: B007 -- read below, to say which one did not fit
            value = found.apply(value, argument, setting)
        return value if isinstance(value, str) else plain(value, setting)
    except Unfit:
        return MergeError(code=MergeCode.UNFIT_VALUE, field=slot.field, position=slot.position, filter=name)


def _scan(text: str) -> Iterator[str | Slot | MergeError]:
    """Literals, slots and faults in their order. Each character is looked at a bounded number of times."""
    position = 0
    while (start := text.find(OPENING, position)) >= 0:
        if start > position:
            yield text[position:start]
        end = text.find(CLOSING, start + 2)
        if end < 0:
            yield MergeError(code=MergeCode.UNCLOSED, field=_excerpt(text[start + 2 : start + 42]), position=start)
            return
        yield _slot(text[start + 2 : end], start) if end - start <= _LONGEST else _syntax(text[start + 2 :], start)
        position = end + 2
    if position < len(text):
        yield text[position:]


def _slot(inside: str, position: int) -> Slot | MergeError:
    found = _FIELD.match(inside)
    if not found:
        return _syntax(inside, position)
    field, at = found[1], found.end()
    filters: list[tuple[str, Filter, str | None]] = []
    default: str | None = None
    while at < len(inside):
        bar = _FILTER.match(inside, at)
        if not bar:
            return _syntax(inside, position)
        name, argument = bar[1], next((group for group in bar.groups()[1:] if group is not None), None)
        if fault := _fault(field, position, name, argument):
            return fault
        if name == DEFAULT:
            default = argument
        else:
            filters.append((name, FILTERS[name], argument))
        at = bar.end()
    return Slot(field, position, tuple(filters), default)


def _fault(field: str, position: int, name: str, argument: str | None) -> MergeError | None:
    known = FILTERS.get(name)
    if known is None and name != DEFAULT:
        near = tuple(get_close_matches(name, [*FILTERS, DEFAULT], n=3))
        return MergeError(code=MergeCode.UNKNOWN_FILTER, field=field, position=position, filter=name, suggestions=near)
    if known.accepts(argument) if known else argument is not None:
        return None
    return MergeError(code=MergeCode.BAD_ARGUMENT, field=field, position=position, filter=name)


def _syntax(inside: str, position: int) -> MergeError:
    return MergeError(code=MergeCode.SYNTAX, field=_excerpt(inside), position=position)


def _excerpt(text: str) -> str:
    return _LINE.sub(" ", text[:40]).strip()


def _missing(slot: Slot) -> MergeError:
    return MergeError(code=MergeCode.MISSING_VALUE, field=slot.field, position=slot.position)


def _unknown(slot: Slot, known: frozenset[str]) -> MergeError:
    return MergeError(
        code=MergeCode.UNKNOWN_FIELD,
        field=slot.field,
        position=slot.position,
        suggestions=_near(slot.field, known),
    )


@lru_cache(maxsize=256)
def _near(field: str, known: frozenset[str]) -> tuple[str, ...]:
    """Cached: one broken template may stand in a thousand due runs."""
    return tuple(get_close_matches(field[:100], sorted(known), n=3))


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text)


_PROTECT: Mapping[Output, Callable[[str], str]] = {
    Output.TEXT: _printable,
    Output.LINE: _printable,
    Output.HTML: lambda text: html.escape(_printable(text)),
}
