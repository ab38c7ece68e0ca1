"""The forms of records: what people enter about a quote, an event, a client ...; the commands do the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rouage.accounts.models import Member
from rouage.records.models import Client
from rouage.web.choices import (
    client_label,
    contact_choices,
    contract_choices,
    find_client,
    find_clients,
    member_choices,
)
from rouage.web.forms.base import REFERENCE, MemberForm, NumberChoiceField, label, stale
from rouage.web.forms.fields import AmountField, DayField, MomentField

LARGEST_ID = 2**63 - 1
PEOPLE = ("owner", "lead", "assignee")


def client_field() -> forms.CharField:
    attributes = {"list": "clients", "autocomplete": "off"}
    return forms.CharField(
        label=gettext_lazy("Client"),
        max_length=240,
        widget=forms.TextInput(attrs=attributes),
        error_messages={"required": gettext_lazy("Type the beginning of the client's name, then choose.")},
    )


def person_field(text: Any) -> NumberChoiceField:  # noqa: ANN401 -- a label, translated when it is shown
    return NumberChoiceField(label=text, required=False, empty=gettext_lazy("Nobody"))


def contact_field() -> NumberChoiceField:
    return NumberChoiceField(
        label=gettext_lazy("Contact"), required=False, empty=gettext_lazy("Main contact of the client")
    )


class RecordForm(MemberForm):
    """``record`` is None for a new one. ``seen`` says which state of the record the person has in front of them."""

    kind: ClassVar[str]
    aside: ClassVar[Sequence[str]] = ("seen", "client_known")  # fields that are no columns
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        member: Member,
        data: Mapping[str, Any] | None = None,
        *,
        record: Any = None,  # noqa: ANN401 -- the model object of the kind
        given: Mapping[str, Any] | None = None,
    ) -> None:
        self.record = record
        super().__init__(member, data, initial=self._initial(record) if record else dict(given or {}))
        self._adapt()
        self._offer_people()

    def _adapt(self) -> None:
        """Take away the fields that this record does not have, or that stand."""

    @property
    def columns(self) -> list[str]:
        """The fields that are columns of the record, or references without their _id."""
        return [name for name in self.fields if name not in self.aside]

    def values(self) -> dict[str, Any]:
        """By column, for the commands."""
        names = self._column_names()
        return {names[name]: self._value(name) for name in self.columns if name in self.cleaned_data}

    def _value(self, name: str) -> Any:  # noqa: ANN401 -- a field's value
        """The boxes of moments show no seconds: one that nobody has touched keeps its own."""
        value, kept = self.cleaned_data[name], getattr(self.record, name, None)
        if isinstance(value, datetime) and isinstance(kept, datetime):
            return kept if value == kept.replace(second=0, microsecond=0) else value
        return value

    def is_stale(self) -> bool:
        """Whether the record has changed since the form was opened; then the form says so, once."""
        if self.record is None or not self.record.updated_at:
            return False
        now = stamp(self.record)
        if self.cleaned_data.get("seen", "") in {"", now}:
            return False
        self.data = {**_plain(self.data), "seen": now}
        self.add_error(None, stale())
        return True

    def _column_names(self) -> Mapping[str, str]:
        return {
            name: name + REFERENCE if isinstance(self.fields[name], NumberChoiceField) or name == "client" else name
            for name in self.columns
        }

    def _initial(self, record: models.Model) -> dict[str, Any]:
        found = {
            name: getattr(record, name + REFERENCE if hasattr(record, name + REFERENCE) else name)
            for name in self.base_fields
            if name not in self.aside
        }
        return {**found, "seen": stamp(record)}

    def _offer_people(self) -> None:
        asked = [name for name in PEOPLE if name in self.fields]
        if not asked:
            return
        members = member_choices(self.organisation_id)
        for name in asked:
            person: Member | None = getattr(self.record, name, None) if self.record else None
            field = self.fields[name]
            assert isinstance(field, NumberChoiceField)  # noqa: S101 -- for the type checker
            field.offer(members, chosen=person.pk if person else None, name=person.user.name if person else "")


class ClientRecordForm(RecordForm):
    """A record of a client. The client is typed and found by name; ``client_known`` is the one that the form shows."""

    client_known = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)
    field_order: Sequence[str] = ("seen", "client_known", "client", "contact")

    def __init__(
        self,
        member: Member,
        data: Mapping[str, Any] | None = None,
        *,
        record: Any = None,  # noqa: ANN401 -- the model object of the kind
        given: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(member, data, record=record, given=given)
        self.chosen = self._chosen()
        if not self.is_bound and self.chosen:
            self.initial.update(client=client_label(self.chosen), client_known=self.chosen.pk)
        self._offer_of_client()

    def clean_client(self) -> int | None:
        if self.chosen:
            return self.chosen.pk
        found = find_clients(self.organisation_id, self.cleaned_data["client"])
        if not found:
            raise forms.ValidationError(_("No client is called so. Check the name, or create the client first."))
        names = " · ".join(client_label(client) for client in found[:3])
        raise forms.ValidationError(_("Several clients fit. Choose one of them: %(names)s.") % {"names": names})

    def _chosen(self) -> Client | None:
        """The client that the text means; a text left as it was keeps the client that it stood for."""
        if "client" not in self.fields:
            known: Client = self.record.client
            return known
        if not self.is_bound:
            return find_client(self.organisation_id, _number(self.initial.get("client")))
        text = str(self.data.get("client") or "").strip()
        shown = find_client(self.organisation_id, _number(self.data.get("client_known")))
        if not text or (shown and client_label(shown) == text):
            return shown if text else None
        found = find_clients(self.organisation_id, text)
        return found[0] if len(found) == 1 else None

    def _offer_of_client(self) -> None:
        offers = {"contact": contact_choices, "contract": contract_choices}
        for name, choices in offers.items():
            field = self.fields.get(name)
            if isinstance(field, NumberChoiceField):
                field.offer(choices(self.chosen))


class QuoteForm(ClientRecordForm):
    kind = "quote"
    client = client_field()
    contact = contact_field()
    subject = forms.CharField(label=label("quote", "subject"), max_length=200, required=False)
    issue_date = DayField(label=label("quote", "issue_date"))
    validity_date = DayField(label=label("quote", "validity_date"), required=False)
    owner = person_field(label("quote", "owner.id"))
    sent_at = MomentField(label=label("quote", "sent_at"), required=False)

    def _adapt(self) -> None:
        if self.record is None or self.record.status == "draft":
            del self.fields["sent_at"]


class InvoiceForm(ClientRecordForm):
    kind = "invoice"
    client = client_field()
    contact = contact_field()
    subject = forms.CharField(label=label("invoice", "subject"), max_length=200, required=False)
    issue_date = DayField(label=label("invoice", "issue_date"))
    due_date = DayField(
        label=label("invoice", "due_date"),
        required=False,
        help_text=gettext_lazy("Left empty, it follows the client's payment term when the invoice is issued."),
    )
    owner = person_field(label("invoice", "owner.id"))
    sent_at = MomentField(label=label("quote", "sent_at"), required=False)

    def _adapt(self) -> None:
        if self.record is None or self.record.status == "draft":
            del self.fields["sent_at"]
        if self.record is not None and self.record.number:
            # Issued: what the client has received stands.
            for name in ("client", "client_known", "issue_date"):
                del self.fields[name]
            self.fields["due_date"].help_text = ""


class EventForm(ClientRecordForm):
    kind = "event"
    name = forms.CharField(label=label("event", "name"), max_length=200)
    client = client_field()
    contact = contact_field()
    start_at = MomentField(label=label("event", "start_at"), required=False)
    end_at = MomentField(label=label("event", "end_at"), required=False)
    location = forms.CharField(label=label("event", "location"), max_length=300, required=False)
    lead = person_field(label("event", "lead.id"))
    owner = person_field(label("event", "owner.id"))
    brief = forms.CharField(label=label("event", "brief"), required=False, widget=forms.Textarea, max_length=20_000)
    field_order = ("seen", "client_known", "name", "client", "contact")


class InterventionForm(ClientRecordForm):
    kind = "intervention"
    title = forms.CharField(label=label("intervention", "title"), max_length=200)
    client = client_field()
    contact = contact_field()
    planned_start = MomentField(label=label("intervention", "planned_start"), required=False)
    planned_end = MomentField(label=label("intervention", "planned_end"), required=False)
    assignee = person_field(label("intervention", "assignee.id"))
    owner = person_field(label("intervention", "owner.id"))
    address = forms.CharField(label=label("intervention", "address"), max_length=400, required=False)
    contract = NumberChoiceField(label=gettext_lazy("Maintenance contract"), required=False)
    report = forms.CharField(
        label=label("intervention", "report"), required=False, widget=forms.Textarea, max_length=20_000
    )
    field_order = ("seen", "client_known", "title", "client", "contact")


class ContractForm(ClientRecordForm):
    kind = "contract"
    name = forms.CharField(label=label("contract", "name"), max_length=200)
    client = client_field()
    contact = contact_field()
    start_date = DayField(label=label("contract", "start_date"), required=False)
    renewal_date = DayField(label=label("contract", "renewal_date"), required=False)
    term_months = forms.IntegerField(label=label("contract", "term_months"), min_value=1, max_value=120, initial=12)
    notice_days = forms.IntegerField(
        label=label("contract", "notice_days"),
        min_value=0,
        max_value=1000,
        initial=30,
        help_text=gettext_lazy("Notice can be given until this many days before the renewal."),
    )
    amount = AmountField(label=label("contract", "amount"), required=False, max_digits=14, decimal_places=2)
    owner = person_field(label("contract", "owner.id"))
    field_order = ("seen", "client_known", "name", "client", "contact")


class OpportunityForm(ClientRecordForm):
    kind = "opportunity"
    name = forms.CharField(label=label("opportunity", "name"), max_length=200)
    client = client_field()
    contact = contact_field()
    amount = AmountField(label=label("opportunity", "amount"), required=False, max_digits=14, decimal_places=2)
    close_date = DayField(label=label("opportunity", "close_date"), required=False)
    owner = person_field(label("opportunity", "owner.id"))
    field_order = ("seen", "client_known", "name", "client", "contact")


def stamp(record: Any) -> str:  # noqa: ANN401 -- the model object of the kind
    """Which state of the record this is."""
    moment: datetime = record.updated_at
    return moment.isoformat()


def _number(value: object) -> int | None:
    text = str(value if value is not None else "")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST_ID else None


def _plain(data: Any) -> dict[str, Any]:  # noqa: ANN401 -- a QueryDict, or a dictionary
    return dict(data.items())
