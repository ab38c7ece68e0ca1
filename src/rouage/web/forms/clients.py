"""The forms of clients and their contacts (REC-1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from rouage.accounts.models import Member
from rouage.records.kinds import KINDS
from rouage.records.models import Contact
from rouage.web.forms.base import MemberForm, label
from rouage.web.forms.fields import DayField
from rouage.web.forms.records import RecordForm, person_field

LANGUAGES = [("fr", "Français"), ("en", "English")]
TYPES = [(choice.key, choice.label) for choice in KINDS["client"].by_name["type"].choices]


class ClientForm(RecordForm):
    kind = "client"
    type = forms.ChoiceField(label=label("client", "type"), choices=TYPES, widget=forms.RadioSelect, initial="company")
    name = forms.CharField(label=label("client", "name"), max_length=200)
    code = forms.CharField(
        label=label("client", "code"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("Your own short name for the client; imports find it by this code."),
    )
    email = forms.CharField(label=label("client", "email"), max_length=254, required=False)
    phone = forms.CharField(label=label("client", "phone"), max_length=40, required=False)
    address = forms.CharField(label=label("client", "address"), max_length=300, required=False)
    postal_code = forms.CharField(label=label("client", "postal_code"), max_length=20, required=False)
    city = forms.CharField(label=label("client", "city"), max_length=100, required=False)
    country = forms.CharField(label=label("client", "country"), max_length=60, required=False)
    language = forms.ChoiceField(
        label=label("client", "language"),
        choices=LANGUAGES,
        help_text=gettext_lazy("The language of the emails that the client receives."),
    )
    payment_days = forms.IntegerField(label=label("client", "payment_days"), min_value=0, max_value=365, initial=30)
    owner = person_field(label("client", "owner.id"))
    contact_name = forms.CharField(label=label("client", "contact.main.name"), max_length=150, required=False)
    contact_email = forms.CharField(label=label("client", "contact.main.email"), max_length=254, required=False)

    aside = ("seen", "contact_name", "contact_email")

    def _adapt(self) -> None:
        if self.record is not None:
            del self.fields["contact_name"], self.fields["contact_email"]

    def contacts(self) -> list[dict[str, str]]:
        """The first contact of a new client, when one is given."""
        contact = {"name": self.cleaned_data["contact_name"], "email": self.cleaned_data["contact_email"]}
        return [contact] if any(contact.values()) else []


class ContactForm(MemberForm):
    """The address may be missing or wrong: the card takes it, and says so (REC-1)."""

    name = forms.CharField(label=label("client", "name"), max_length=150, required=False)
    position = forms.CharField(label=gettext_lazy("Position"), max_length=100, required=False)
    email = forms.CharField(label=label("client", "email"), max_length=254, required=False)
    phone = forms.CharField(label=label("client", "phone"), max_length=40, required=False)
    language = forms.ChoiceField(label=label("client", "language"), choices=LANGUAGES)
    is_main = forms.BooleanField(
        label=gettext_lazy("Main contact"),
        required=False,
        help_text=gettext_lazy("Answers for the other roles where nobody has them."),
    )
    is_billing = forms.BooleanField(label=gettext_lazy("Billing contact"), required=False)
    is_dunning = forms.BooleanField(
        label=gettext_lazy("Dunning contact"), required=False, help_text=gettext_lazy("Receives payment reminders.")
    )

    def __init__(
        self, member: Member, data: Mapping[str, Any] | None = None, *, contact: Contact | None = None, language: str
    ) -> None:
        names = list(self.base_fields)
        given = {name: getattr(contact, name) for name in names} if contact else {"language": language}
        super().__init__(member, data, initial=given)


class PauseForm(MemberForm):
    """Until when no automation writes to a client."""

    until = DayField(label=pgettext_lazy("date", "Until"))

    def clean_until(self) -> datetime:
        """The pause ends when that day begins."""
        day = self.cleaned_data["until"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day to come."))
        if day > timezone.localdate() + timedelta(days=3650):
            raise forms.ValidationError(_("Choose a day within the next ten years."))
        return timezone.make_aware(datetime.combine(day, time.min))
