"""The lines of a quote or invoice while they are edited: typed, added, removed and moved with or without script.

Every button of the form sends all of it; what is not "save" gives the form back, changed and counted up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from rouage.records.commands import LineIn
from rouage.records.models import Line
from rouage.records.totals import Totals, line_net, totals
from rouage.web.forms.base import CommandForm
from rouage.web.forms.fields import AmountField

MOST = 1000
_NAME = re.compile(r"line-(\d{1,6})-description")
_PRESSED = re.compile(r"(remove|up|down)-(\d{1,6})")
BLANK: Mapping[str, str] = {"quantity": "1", "vat_rate": "20"}
_BOX = {"class": "input", "autocomplete": "off"}
_FIGURE = {**_BOX, "class": "input r"}


def _figure(label: StrOrPromise, *, whole: int, places: int, required: bool = True, **attributes: str) -> AmountField:
    box = forms.TextInput(attrs={**_FIGURE, **attributes})
    return AmountField(label=label, max_digits=whole + places, decimal_places=places, required=required, widget=box)


class LineForm(CommandForm):
    description = forms.CharField(
        label=_("Description"),
        max_length=2000,
        widget=forms.Textarea(attrs={**_BOX, "rows": "1"}),
        error_messages={"required": _("Describe what the line is for.")},
    )
    quantity = _figure(_("Quantity"), whole=9, places=3)
    unit = forms.CharField(
        label=_("Unit"), max_length=20, required=False, widget=forms.TextInput(attrs={**_BOX, "list": "units"})
    )
    unit_price = _figure(_("Unit price"), whole=10, places=4)
    discount = _figure(_("Discount"), whole=3, places=2, required=False)
    vat_rate = _figure(_("VAT"), whole=3, places=2, list="rates")

    @property
    def net(self) -> Decimal | None:
        """None as long as the figures are not there."""
        found = getattr(self, "cleaned_data", {})
        if not all(found.get(name) is not None for name in ("quantity", "unit_price", "vat_rate")):
            return None
        return line_net(found["quantity"], found["unit_price"], found.get("discount") or Decimal(0))

    def line(self) -> LineIn:
        data = self.cleaned_data
        return LineIn(**{**data, "discount": data.get("discount") or Decimal(0)})


class Lines:
    """All lines of the form, in order; ``typed`` are the texts of their boxes."""

    def __init__(self, typed: Iterable[Mapping[str, str]]) -> None:
        self.forms = [
            LineForm({f"line-{number}-{name}": text for name, text in row.items()}, prefix=f"line-{number}")
            for number, row in enumerate(typed)
        ]
        for form in self.forms:
            form.full_clean()

    @classmethod
    def stored(cls, lines: Sequence[Line]) -> Lines:
        return cls(_typed(line) for line in lines) if lines else cls([BLANK])

    @classmethod
    def sent(cls, data: QueryDict, pressed: str = "") -> Lines:
        """As they stood in the form, after the button that was pressed; empty ones are left out of what is saved."""
        numbers = sorted(int(match[1]) for name in data if (match := _NAME.fullmatch(name)))[:MOST]
        rows = [
            {name: str(data.get(f"line-{number}-{name}") or "") for name in LineForm.base_fields} for number in numbers
        ]
        if pressed in {"", "save"}:
            return cls([row for row in rows if not _is_blank(row)])
        return cls(_pressed(rows, pressed))

    def is_valid(self) -> bool:
        return all(form.is_valid() for form in self.forms)

    def hush(self) -> None:
        """Nobody has sent the form yet."""
        for form in self.forms:
            form.quiet = True

    @property
    def totals(self) -> Totals:
        """What the lines that can be counted come to."""
        return totals((form.net, form.cleaned_data["vat_rate"]) for form in self.forms if form.net is not None)

    def values(self) -> list[LineIn]:
        return [form.line() for form in self.forms]

    def differ_from(self, lines: Sequence[Line]) -> bool:
        return [_compared(line) for line in self.values()] != [_compared(line) for line in lines]

    def take(self, errors: Mapping[str, str]) -> Mapping[str, str]:
        """Put what a command refused ("lines.3.unit_price") beside its line; gives back the rest."""
        rest = dict(errors)
        for name, text in errors.items():
            part, _dot, field = name.removeprefix("lines.").partition(".")
            if name.startswith("lines.") and part.isdigit() and 0 < int(part) <= len(self.forms):
                self.forms[int(part) - 1].add_error(field, text)
                del rest[name]
        return rest


def _typed(line: Line) -> dict[str, str]:
    """What the boxes show: no zeros that nobody has typed."""
    return {
        "description": line.description,
        "quantity": _short(line.quantity),
        "unit": line.unit,
        "unit_price": _short(line.unit_price, places=2),
        "discount": _short(line.discount) if line.discount else "",
        "vat_rate": _short(line.vat_rate),
    }


def _short(figure: Decimal, *, places: int = 0) -> str:
    text = f"{figure:f}"
    whole, _dot, part = text.partition(".")
    part = part.rstrip("0").ljust(places, "0")
    written = f"{whole}.{part}" if part else whole
    return str(AmountField().prepare_value(Decimal(written)))


def _is_blank(row: Mapping[str, str]) -> bool:
    return not (row["description"].strip() or row["unit_price"].strip())


def _pressed(rows: list[dict[str, str]], pressed: str) -> Sequence[Mapping[str, str]]:
    if pressed == "add":
        last = rows[-1] if rows else BLANK
        return [*rows, {**BLANK, "vat_rate": last["vat_rate"]}][:MOST]
    match = _PRESSED.fullmatch(pressed)
    place = int(match[2]) if match else len(rows)
    if match is None or place >= len(rows):
        return rows or [BLANK]
    row = rows.pop(place)
    if match[1] != "remove":
        rows.insert(max(place - 1, 0) if match[1] == "up" else place + 1, row)
    return rows or [BLANK]


def _compared(line: LineIn | Line) -> tuple[object, ...]:
    figures = (Decimal(getattr(line, name)) for name in ("quantity", "unit_price", "discount", "vat_rate"))
    return (line.description.strip(), line.unit.strip(), *figures)
