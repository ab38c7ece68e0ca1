"""Forms of what people do with runs: relaunch, pause until a moment, cancel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rouage.automations.commands import On, Wish
from rouage.planner.commands import Origin
from rouage.planner.model import Resume, RunStatus
from rouage.web.forms.base import CommandForm
from rouage.web.forms.fields import MomentField

STEP = "step"
NOTE = 500


class NoteForm(CommandForm):
    """``note`` goes into the journal beside what was done."""

    note = forms.CharField(label=gettext_lazy("Note for the journal"), max_length=NOTE, required=False)


class PauseUntilForm(NoteForm):
    until = MomentField(
        label=gettext_lazy("Pause until"),
        required=False,
        help_text=gettext_lazy("Empty: until somebody resumes it. Then its next step comes as planned."),
    )
    field_order = ("until", "note")


class ResumeForm(NoteForm):
    mode = forms.ChoiceField(
        label=gettext_lazy("How its wait goes on"),
        choices=[
            (Resume.KEEP_DATES.value, gettext_lazy("Keep the dates")),
            (Resume.RESTART_DELAYS.value, gettext_lazy("Start the delays again")),
            (Resume.ACTIVE_TIME.value, gettext_lazy("Count active time only")),
        ],
        initial=Resume.KEEP_DATES.value,
        widget=forms.RadioSelect,
        required=False,
    )


class RelaunchForm(NoteForm):
    """``steps``: position and title of each step of the run's version. ``versions``: the numbers of own and current."""

    origin = forms.ChoiceField(label=gettext_lazy("Where to begin"), widget=forms.RadioSelect)
    step = forms.TypedChoiceField(label=gettext_lazy("Step"), coerce=int, empty_value=None, required=False)
    on = forms.ChoiceField(label=gettext_lazy("On which version"), widget=forms.RadioSelect)
    repeat = forms.BooleanField(
        label=gettext_lazy("Do again what was already done"),
        help_text=gettext_lazy("Emails that have left are sent a second time."),
        required=False,
    )
    field_order = ("origin", "step", "on", "repeat", "note")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        steps: Sequence[tuple[int, str]],
        versions: tuple[int, int],
        status: RunStatus,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        reached = {
            RunStatus.FAILED: _("From the step that failed"),
            RunStatus.CANCELLED: _("From the step that it had reached"),
        }
        origins = [(Origin.FAILED_STEP.value, reached[status])] if status in reached else []
        origins.append((Origin.START.value, _("From the start")))
        if steps:
            origins.append((STEP, _("From a step that I choose")))
        self._choose("origin", origins)
        self._choose("step", [(number, f"{number + 1}. {title}") for number, title in steps])
        own, current = versions
        if current == own:
            del self.fields["on"]
        else:
            ours = (On.OWN.value, _("Version %(number)s, the run's own") % {"number": own})
            newest = (On.CURRENT.value, _("Version %(number)s, the current one") % {"number": current})
            self._choose("on", [ours, newest])
            self.fields["on"].initial = On.OWN.value
        self.fields["origin"].initial = origins[0][0]

    def _choose(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]  # each of them is a choice field

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned and cleaned.get("origin") == STEP and cleaned.get("step") is None:
            self.add_error("step", _("Choose the step to begin with."))
        return cleaned

    def wish(self) -> Wish:
        values = self.cleaned_data
        origin = values["step"] if values["origin"] == STEP else Origin(values["origin"])
        return Wish(origin=origin, on=On(values.get("on") or On.OWN), repeat=values["repeat"])
