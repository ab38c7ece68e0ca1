"""The small forms beside the list of automations: rename, what becomes of runs when one is switched off or on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from rouage.automations.candidates import Count
from rouage.automations.commands import Off
from rouage.planner.model import Resume
from rouage.web.forms.base import CommandForm

NEW, TOO = "new", "too"
NAME = 100


class NameForm(CommandForm):
    name = forms.CharField(label=_("Name of the automation"), max_length=NAME)


class SwitchOffForm(CommandForm):
    """``waiting``: how many runs are open."""

    runs = forms.ChoiceField(
        label=_("What becomes of the runs that wait?"),
        choices=[(Off.HOLD.value, _("Hold them")), (Off.CANCEL.value, _("Cancel them"))],
        initial=Off.HOLD.value,
        widget=forms.RadioSelect,
    )
    notes: Mapping[str, Any] = {
        Off.HOLD.value: _("They go on when you switch it on again."),
        Off.CANCEL.value: _("Nothing more leaves for them. The journal keeps their trace."),
    }


class SwitchOnForm(CommandForm):
    """``held``: how many runs the switch has held. ``matching``: the records that exist already.

    None where that means nothing for the trigger.
    """

    resume = forms.ChoiceField(
        label=_("How do the held runs go on?"),
        choices=[
            (Resume.KEEP_DATES.value, _("Keep the dates")),
            (Resume.RESTART_DELAYS.value, _("Start the delays again")),
            (Resume.ACTIVE_TIME.value, _("Count active time only")),
        ],
        initial=Resume.KEEP_DATES.value,
        widget=forms.RadioSelect,
    )
    existing = forms.ChoiceField(label=_("Which records does it act on?"), widget=forms.RadioSelect)
    confirmed = forms.IntegerField(min_value=0, widget=forms.HiddenInput, required=False)
    notes: Mapping[str, Any] = {
        Resume.KEEP_DATES.value: _("What was due meanwhile comes at the next opening."),
        Resume.RESTART_DELAYS.value: _("Each waits its whole delay once more."),
        Resume.ACTIVE_TIME.value: _("The time during which it was off does not count."),
    }

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, held: int, matching: Count | None, **options: Any
    ) -> None:
        super().__init__(data, **options)
        if not held:
            del self.fields["resume"]
        offer_existing(self, matching)

    def taken(self) -> int | None:
        """How many existing records the person has confirmed; None: new ones only."""
        return confirmed(self)


def offer_existing(form: forms.Form, matching: Count | None) -> None:
    """New ones only, or these too, with their number; without a choice where there is none."""
    if matching is None or not matching.number:
        del form.fields["existing"], form.fields["confirmed"]
        return
    number = f"{matching.number}" if matching.exact else f"{matching.number}+"
    too = ngettext(
        "Also the %(number)s record that matches already",
        "Also the %(number)s records that match already",
        matching.number,
    )
    form.fields["existing"].choices = [  # type: ignore[attr-defined]  # a choice field
        (NEW, _("New ones only")),
        (TOO, too % {"number": number}),
    ]
    form.fields["existing"].initial = NEW
    form.fields["confirmed"].initial = matching.number


def confirmed(form: forms.Form) -> int | None:
    if form.cleaned_data.get("existing") != TOO:
        return None
    return form.cleaned_data.get("confirmed") or 0
