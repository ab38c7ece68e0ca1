"""Values of conditions and fields as people type them in a form, and as a draft keeps them in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rouage.planner.operators import FieldType
from rouage.web.forms.automations.environment import Environment, Options, Readable
from rouage.web.forms.fields import ISO_MOMENT, plain_figure

NUMBERS = frozenset({FieldType.NUMBER, FieldType.MONEY})
CHOSEN = frozenset({FieldType.CHOICE, FieldType.PERSON})
_SHOWN = 30  # of a number typed wrongly


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input: ``kind`` is select, date, datetime-local, decimal or text."""

    kind: str
    value: str = ""
    options: Options = ()


def to_json(text: str, readable: Readable, env: Environment) -> Any:  # noqa: ANN401 -- JSON
    """What was typed, in the JSON of the field's type; what cannot be read stays as it was typed. None for nothing."""
    text = text.strip()
    if not text:
        return None
    if readable.type in NUMBERS:
        return figure(text)
    match readable.type:
        case FieldType.BOOLEAN:
            return text == "true" if text in {"true", "false"} else text
        case FieldType.MOMENT:
            return _moment(text, env)
        case FieldType.PERSON:
            return int(text) if text.isdigit() else text
        case FieldType.CHOICE if not readable.choices:
            # Stages and pipelines are known by their number.
            return int(text) if text.isdigit() else text
    return text


def draw(value: Any, readable: Readable | None, env: Environment) -> Input:  # noqa: ANN401 -- JSON
    """The input for a value of that field."""
    if readable is None:
        return Input(kind="text", value=_plain(value))
    if readable.type in CHOSEN:
        return Input(kind="select", value=_plain(value), options=_with(env.choices(readable), value))
    if readable.type in NUMBERS:
        return Input(kind="decimal", value=shown_figure(value))
    match readable.type:
        case FieldType.BOOLEAN:
            return Input(kind="select", value=_plain(value), options=[("true", _("yes")), ("false", _("no"))])
        case FieldType.DATE:
            return Input(kind="date", value=_plain(value))
        case FieldType.MOMENT:
            return Input(kind="datetime-local", value=_local(value, env))
        case _:
            return Input(kind="text", value=_plain(value))


def figure(text: str) -> str:
    """A figure with a point, exact; what is none stays as it is, and is named as the mistake that it is."""
    plain = plain_figure(text)
    try:
        return str(Decimal(plain)) if Decimal(plain).is_finite() else text
    except InvalidOperation:
        return text


def shown_figure(value: Any) -> str:  # noqa: ANN401 -- JSON
    text = _plain(value)
    return text.replace(".", ",") if get_language() == "fr" and len(text) <= _SHOWN else text


def whole(text: str) -> int | str | None:
    """A whole number; what is none as it was typed, nothing for nothing."""
    text = text.strip()
    if not text:
        return None
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= _SHOWN else text


def _moment(text: str, env: Environment) -> str:
    """Typed in the company's time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) == len("2026-01-31"):
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=env.clock)).isoformat()


def _local(value: Any, env: Environment) -> str:  # noqa: ANN401 -- JSON
    text = _plain(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) == len("2026-01-31"):
        moment = datetime.combine(date.fromisoformat(text), datetime.min.time(), env.clock)
    return (moment.astimezone(env.clock) if moment.tzinfo else moment).strftime(ISO_MOMENT)


def _plain(value: Any) -> str:  # noqa: ANN401 -- JSON
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _with(options: Options, value: Any) -> Options:  # noqa: ANN401 -- JSON
    """A value that is none of them any more is shown, so that it is seen and changed."""
    text = _plain(value)
    known: Sequence[str] = [key for key, _label in options]
    gone = [] if not text or text in known else [(text, _("%(value)s (gone)") % {"value": text})]
    return [("", _("Choose…")), *options, *gone]
