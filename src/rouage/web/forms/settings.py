"""The forms of the settings: the organisation, its calendar, its members, profiles, pipelines and stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rouage.accounts import queries
from rouage.accounts.models import LANGUAGES, Member, Organisation, Profile
from rouage.accounts.privileges import PRIVILEGE_LABELS
from rouage.accounts.validation import zones
from rouage.web.components.places import country_choices, region_choices
from rouage.web.components.words import OUTCOMES
from rouage.web.forms.base import CommandForm, MemberForm, NumberChoiceField
from rouage.web.forms.fields import DayField, TimeOfDayField


class OrganisationForm(CommandForm):
    name = forms.CharField(label=_("Name of the organisation"), max_length=100)
    email = forms.CharField(
        label=_("Sender's address"),
        max_length=254,
        required=False,
        help_text=_("Emails to your clients leave from this address."),
    )
    language = forms.ChoiceField(
        label=_("Language of the organisation"),
        choices=LANGUAGES,
        help_text=_("New members and clients begin with it; each member chooses their own."),
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("Three letters, such as EUR."))

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class CalendarForm(CommandForm):
    zone = forms.ChoiceField(label=_("Time zone"))
    working_days = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one working day.")},
    )
    opens = TimeOfDayField(label=pgettext_lazy("sending window", "From"))
    closes = TimeOfDayField(label=pgettext_lazy("sending window", "To"))
    country = forms.ChoiceField(label=_("Country"))
    region = forms.CharField(label=_("Region"), required=False, widget=forms.Select)

    def __init__(self, organisation: Organisation, data: Mapping[str, Any] | None = None) -> None:
        names = ("zone", "working_days", "opens", "closes", "country", "region")
        super().__init__(data, initial={name: getattr(organisation, name) for name in names})
        country = str(self.data.get("country") or organisation.country)
        self._offer("zone", [(zone, zone.replace("_", " ")) for zone in sorted(zones())])
        self._offer("country", country_choices())
        self._regions = [("", str(_("The whole country"))), *region_choices(country)]
        box = self.fields["region"].widget
        assert isinstance(box, forms.Select)  # noqa: S101 -- for the type checker
        box.choices = self._regions

    def clean_region(self) -> str:
        """Another country takes the former region away, instead of complaining of it."""
        asked, known = str(self.cleaned_data["region"]), dict(self._regions)
        if asked in known or "country" in self.changed_data:
            return asked if asked in known else ""
        raise forms.ValidationError(_("Choose a region of the country, or none."))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for the type checker
        field.choices = choices


class ClosingForm(CommandForm):
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"), required=False)
    label = forms.CharField(label=_("Occasion"), max_length=100, required=False)

    def clean(self) -> dict[str, Any]:
        """One day needs no second."""
        cleaned = super().clean() or {}
        cleaned["last_day"] = cleaned.get("last_day") or cleaned.get("first_day")
        return cleaned


class AddMemberForm(MemberForm):
    email = forms.CharField(label=_("Email address"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=100)
    profile = NumberChoiceField(label=_("Profile"))
    password = forms.CharField(
        label=_("First password"),
        max_length=1000,
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. Somebody who has an account already keeps their own password."),
    )

    def __init__(self, member: Member, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(member, data)
        field = self.fields["profile"]
        assert isinstance(field, NumberChoiceField)  # noqa: S101 -- for the type checker
        field.offer(profile_choices(member))


class ProfileForm(CommandForm):
    name = forms.CharField(label=_("Name of the profile"), max_length=60)
    privileges = forms.MultipleChoiceField(
        label=_("Privileges"),
        choices=[(privilege.value, label) for privilege, label in PRIVILEGE_LABELS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, profile: Profile | None = None) -> None:
        given = {"name": queries.profile_label(profile), "privileges": profile.privileges} if profile else {}
        super().__init__(data, initial=given)


class NameForm(CommandForm):
    """A pipeline or a stage is called."""

    name = forms.CharField(label=_("Name"), max_length=60)


class StageForm(NameForm):
    outcome = forms.ChoiceField(label=_("An opportunity in it is"), choices=list(OUTCOMES.items()))


def profile_choices(member: Member) -> list[tuple[str, str]]:
    return [(str(one.pk), queries.profile_label(one)) for one in queries.profiles(member.organisation_id)]
