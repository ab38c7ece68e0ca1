"""When a step comes ("Quand déclencher"): at once, later, before or after a date of the record (AUT-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from rouage.automations.catalogue import UNITS
from rouage.planner.model import Unit
from rouage.web.forms.automations.environment import Environment, Options
from rouage.web.forms.automations.posted import Node
from rouage.web.forms.automations.values import whole

NOW, LATER, BEFORE, AFTER = "immediately", "later", "before", "after"
DAYS = frozenset({Unit.DAYS.value, Unit.WORKING_DAYS.value})
type Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The timing of a step as it is drawn. ``whens``: the choices, in the order of the bar."""

    name: str
    ident: str
    when: str
    whens: Options
    amount: str
    unit: str
    units: Options
    field: str
    dates: Options
    at: str
    past: str
    pasts: Options
    errors: list[str]


def read(node: Node) -> Json:
    when = node.text("when", NOW)
    if when not in {LATER, BEFORE, AFTER}:
        return {"type": NOW}
    amount, at = whole(node.text("amount")), node.text("at").strip()
    unit = node.text("unit", Unit.DAYS.value)
    common: Json = {"amount": 0 if amount is None else amount, "unit": unit, "at": at or None}
    if when == LATER:
        # A time of day goes with days alone.
        return {"type": LATER, **common, "at": common["at"] if unit in DAYS else None}
    return {
        "type": "around",
        **common,
        "field": node.text("field"),
        "direction": when,
        "past": node.text("past", "skip"),
    }


def draw(given: Any, name: str, env: Environment) -> Timing:  # noqa: ANN401 -- JSON
    timing: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    kind = timing.get("type", NOW)
    when = str(timing.get("direction", BEFORE)) if kind == "around" else str(kind)
    dates = date_options(env)
    field = str(timing.get("field") or (dates[0][0] if dates else ""))
    gone = [] if not field or field in dict(dates) else [(field, _("%(value)s (gone)") % {"value": field})]
    whens = [(NOW, _("Immediately")), (LATER, pgettext("timing", "Later"))]
    if dates:
        whens += [(BEFORE, _("Before a date")), (AFTER, _("After a date"))]
    return Timing(
        name=name,
        ident=env.drawn(name),
        when=when,
        whens=whens,
        amount=str(timing.get("amount", 7 if when == NOW else 0)),
        unit=str(timing.get("unit", Unit.DAYS.value)),
        units=unit_options(),
        field=field,
        dates=[*dates, *gone],
        at=str(timing.get("at") or "")[:5],
        past=str(timing.get("past", "skip")),
        pasts=[("skip", _("Skip the step and note why")), ("run", _("Act at once"))],
        errors=env.errors(name, whole=True),
    )


def unit_options(only: Any = None) -> Options:  # noqa: ANN401 -- a list out of a schema, or None
    return [(unit.value, _(label)) for unit, label in UNITS.items() if not only or unit.value in only]


def date_options(env: Environment) -> Options:
    return [(field.name, str(field.label)) for field in env.kind.date_fields]
