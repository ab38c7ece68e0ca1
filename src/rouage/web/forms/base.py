"""What forms over records and settings share: choices of one organisation, the errors of commands, stale forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from rouage.accounts.models import Member
from rouage.records.kinds import KINDS
from rouage.web.choices import Choices

# Columns of references end in _id, the fields of a form do not.
REFERENCE = "_id"


def label(kind: str, field: str) -> StrOrPromise:
    """As the kind calls it: a form, a filter and an automation use one word for it."""
    return KINDS[kind].by_name[field].label


class NumberChoiceField(forms.TypedChoiceField):
    """A choice of one row by its number; gives int or None. The form fills in ``choices``."""

    def __init__(self, *, empty: StrOrPromise = "", **options: Any) -> None:
        self.empty = empty
        super().__init__(coerce=int, empty_value=None, **options)

    def offer(self, choices: Choices, *, chosen: int | None = None, name: str = "") -> None:
        """``chosen`` stays among them though it is no choice any more, such as somebody who has left."""
        offered = list(choices)
        if chosen is not None and name and str(chosen) not in dict(offered):
            offered.append((str(chosen), name))
        self.choices = [*([] if self.required else [("", self.empty or "—")]), *offered]


class CommandForm(forms.Form):
    """A form whose values a command takes and whose errors it may bring.

    ``quiet``: it is only being filled in, nobody has sent it yet; it shows what was typed and complains of nothing.
    """

    quiet = False

    def __init__(self, data: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, label_suffix="", **options)

    @property
    def errors(self) -> ErrorDict:
        return ErrorDict() if self.quiet else super().errors

    def take(self, errors: Mapping[str, str]) -> None:
        """Show what a command has refused: beside the field that it names, or above the form."""
        for name, text in errors.items():
            own = name.removesuffix(REFERENCE)
            self.add_error(own if own in self.fields else None, text)


class MemberForm(CommandForm):
    """A form that a member fills in: what it offers belongs to their organisation."""

    def __init__(self, member: Member, data: Mapping[str, Any] | None = None, **options: Any) -> None:
        self.member = member
        self.organisation_id = member.organisation_id
        super().__init__(data, **options)


def stale() -> str:
    return _(
        "Somebody else, or an automation, has changed this record since you opened the form. "
        "Your entries are below: check them, then save again."
    )
