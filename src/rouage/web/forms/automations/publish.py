"""The question of publishing: what changes, what becomes of waiting runs, which records it acts on (AUT-6, AUT-7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rouage.automations.candidates import Count
from rouage.automations.commands import Waiting
from rouage.web.forms.automations.small import confirmed, offer_existing
from rouage.web.forms.base import CommandForm

NOTE = 300


class PublishForm(CommandForm):
    """``former``: the version that runs now, 0 for none. ``waiting``: how many runs are open on it."""

    waiting = forms.ChoiceField(label=gettext_lazy("What becomes of the runs that wait?"), widget=forms.RadioSelect)
    existing = forms.ChoiceField(label=gettext_lazy("Which records does it act on?"), widget=forms.RadioSelect)
    confirmed = forms.IntegerField(min_value=0, widget=forms.HiddenInput, required=False)
    note = forms.CharField(label=gettext_lazy("What has changed, in a few words"), max_length=NOTE, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        former: int,
        waiting: int,
        matching: Count | None,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        if former and waiting:
            choices = [
                (Waiting.FINISH.value, _("Let them finish on version %(number)s") % {"number": former}),
                (Waiting.MOVE.value, _("Move them to version %(number)s") % {"number": former + 1}),
                (Waiting.CANCEL.value, _("Cancel them")),
            ]
            self.fields["waiting"].choices = choices  # type: ignore[attr-defined]  # a choice field
            self.fields["waiting"].initial = Waiting.FINISH.value
        else:
            del self.fields["waiting"]
        offer_existing(self, matching)

    notes: Mapping[str, Any] = {
        Waiting.FINISH.value: gettext_lazy("Nothing changes for the records that are under way."),
        Waiting.MOVE.value: gettext_lazy("Their next step is planned anew, by the new version."),
        Waiting.CANCEL.value: gettext_lazy("Nothing more leaves for them. The journal keeps their trace."),
    }

    def wish(self) -> Waiting:
        return Waiting(self.cleaned_data.get("waiting") or Waiting.FINISH)

    def taken(self) -> int | None:
        return confirmed(self)
