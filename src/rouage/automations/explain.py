"""Reasons as people read them: the sentence, what to do, and the technical text, in the current language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from rouage.automations.names import NAMELESS, Names
from rouage.automations.phrases import Phrases
from rouage.automations.reasons import ADVICE, SENTENCES
from rouage.automations.registry import OPERATORS
from rouage.mail import reasons as mail_reasons
from rouage.planner import reasons as planner_reasons
from rouage.planner.model import Reason
from rouage.planner.reasons import from_json
from rouage.records import errors as record_errors
from rouage.records.kinds import KINDS

_TABLE = {**planner_reasons.SENTENCES, **SENTENCES}
_MAIL = "mail."


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """``text`` is a sentence with its full stop; ``advice`` and ``technical`` may be empty."""

    code: str
    text: str
    advice: str = ""
    technical: str = ""


def explain(reason: Reason | Mapping[str, Any] | None, kind: str = "", names: Names = NAMELESS) -> Explanation | None:
    """What a stored reason (or none) says about a record of ``kind``."""
    if not reason:
        return None
    found = reason if isinstance(reason, Reason) else from_json(reason)
    advice = _advice(found)
    return Explanation(
        code=found.code, text=_stopped(_text(found, kind, names)), advice=advice, technical=_technical(found)
    )


def sentence(reason: Reason | Mapping[str, Any], kind: str = "", names: Names = NAMELESS) -> str:
    """The sentence alone."""
    explained = explain(reason, kind, names)
    return explained.text if explained else ""


def _text(reason: Reason, kind: str, names: Names) -> str:
    if reason.code.startswith(_MAIL):
        return mail_reasons.sentence(reason.code.removeprefix(_MAIL))
    if reason.code not in _TABLE and record_errors.knows(reason.code):
        return record_errors.sentence(reason)
    return planner_reasons.sentence(reason, gettext, _Presenter(kind, names), _TABLE)


def _advice(reason: Reason) -> str:
    """That of the cause inside, if it has one of its own: it is nearer to what is wrong."""
    if reason.code.startswith(_MAIL):
        return mail_reasons.advice(reason.code.removeprefix(_MAIL))
    inner = reason.data.get("because")
    if isinstance(inner, Mapping):
        found = _advice(Reason(code=inner["code"], data=inner["data"]))
        if found:
            return found
    return gettext(ADVICE[reason.code]) if reason.code in ADVICE else ""


def _technical(reason: Reason) -> str:
    inner = reason.data.get("because")
    if isinstance(inner, Mapping):
        return _technical(Reason(code=inner["code"], data=inner["data"]))
    parts = [str(reason.data[name]) for name in ("diagnostic", "error", "detail") if reason.data.get(name)]
    return " · ".join(parts) if reason.code.startswith((_MAIL, "call.", "action.")) else ""


def _stopped(text: str) -> str:
    return text if not text or text[-1] in ".!?…" else f"{text}."


class _Presenter:
    """Writes the values of a reason: labels for fields and operators, local dates, amounts, names."""

    def __init__(self, kind: str, names: Names) -> None:
        self._phrases = Phrases(KINDS[kind], names) if kind in KINDS else None
        self._kind = kind
        self._zone = ZoneInfo(names.zone)

    def __call__(self, name: str, value: Any, data: Mapping[str, Any]) -> str:  # noqa: ANN401 -- a reason's value
        if self._phrases is None:
            return self._plain(value)
        match name:
            case "field":
                return self._phrases.field(self._kind, str(value))
            case "operator":
                return gettext(OPERATORS[value].label) if value in OPERATORS else str(value)
            case "role":
                return self._role(value)
            case "status":
                return str(KINDS[self._kind].status_label(str(value)))
            case "value" | "found" if isinstance(data.get("field"), str) and not isinstance(value, datetime):
                return self._phrases.value(self._kind, data["field"], value)
        return self._plain(value)

    def _role(self, value: Any) -> str:  # noqa: ANN401 -- same
        found = next((role for role in KINDS[self._kind].roles if role.key == value), None)
        return str(found.label) if found else str(value)

    def _plain(self, value: Any) -> str:  # noqa: ANN401 -- same
        match value:
            case datetime():
                return f"{value.astimezone(self._zone):%d/%m/%Y %H:%M}"
            case date():
                return f"{value:%d/%m/%Y}"
            case time():
                return f"{value:%H:%M}"
            case timedelta():
                return _duration(value)
            case list() | tuple() | set() | frozenset():
                return ", ".join(self._plain(item) for item in value)
        return self._phrases.plain(value) if self._phrases else str(value)


def _duration(value: timedelta) -> str:
    days, seconds = value.days, value.seconds
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    parts = ((days, gettext("%d d")), (hours, gettext("%d h")), (minutes, gettext("%d min")))
    return " ".join(text % number for number, text in parts if number) or gettext("%d min") % 0
