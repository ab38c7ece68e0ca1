"""Form fields that read days, times and amounts as people write them in French and in English."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import ClassVar

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

_SPACES_AND_SYMBOLS = re.compile(r"[\s\u00a0\u202f€$£]")
_ENGLISH_THOUSANDS = re.compile(r",(?=\d{3}(?:\D|$))")
# The native pickers speak ISO whatever the language of the page: without a fixed format they would stay empty.
ISO_DAY, ISO_TIME, ISO_MOMENT = "%Y-%m-%d", "%H:%M", "%Y-%m-%dT%H:%M"


class DayInput(forms.DateInput):
    input_type = "date"

    def format_value(self, value: object) -> str | None:
        return value.strftime(ISO_DAY) if isinstance(value, date) else _as_typed(value)


class TimeOfDayInput(forms.TimeInput):
    input_type = "time"

    def format_value(self, value: object) -> str | None:
        return value.strftime(ISO_TIME) if isinstance(value, time) else _as_typed(value)


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def format_value(self, value: object) -> str | None:
        return value.strftime(ISO_MOMENT) if isinstance(value, datetime) else _as_typed(value)


class DayField(forms.DateField):
    """A calendar day; ISO from the picker, or typed as in the language."""

    widget = DayInput
    input_formats = (ISO_DAY, "%d/%m/%Y")
    default_error_messages: ClassVar = {"invalid": _("This is not a date. Write it as 31/12/2026.")}


class TimeOfDayField(forms.TimeField):
    """Hours and minutes, 24 hours."""

    widget = TimeOfDayInput
    input_formats = (ISO_TIME, "%H:%M:%S", "%Hh%M")
    default_error_messages: ClassVar = {"invalid": _("This is not a time of day. Write it as 09:00.")}


class MomentField(forms.DateTimeField):
    """A day and a time in the organisation's zone; gives an aware datetime."""

    widget = MomentInput
    input_formats = (ISO_MOMENT, "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M")
    default_error_messages: ClassVar = {"invalid": _("This is not a date and time. Write it as 31/12/2026 09:00.")}


class AmountField(forms.DecimalField):
    """An amount of money or another figure: « 1 284,50 € », "1,284.50", "1284.5"."""

    widget = forms.TextInput
    default_error_messages: ClassVar = {"invalid": _("This is not an amount. Write it as 1284.50.")}

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        return super().widget_attrs(widget) | {"inputmode": "decimal"}

    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override]  # the stubs keep the int of its base
        return super().to_python(plain_figure(value) if isinstance(value, str) else value)

    def prepare_value(self, value: object) -> object:
        if isinstance(value, Decimal) and get_language() == "fr":
            return str(value).replace(".", ",")
        return value


def plain_figure(text: str) -> str:
    """What Decimal reads. A comma is a decimal sign in French; in English too, unless three digits follow it."""
    figure = _SPACES_AND_SYMBOLS.sub("", text)
    if get_language() != "fr":
        figure = _ENGLISH_THOUSANDS.sub("", figure)
    return figure.replace(",", ".")


def _as_typed(value: object) -> str | None:
    return None if value is None else str(value)
