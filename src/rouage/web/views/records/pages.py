"""The pages of each kind of record as data: their words, form, filters and commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from rouage.records.kinds import KINDS, RecordKind
from rouage.web.forms.clients import ClientForm
from rouage.web.forms.records import (
    ContractForm,
    EventForm,
    InterventionForm,
    InvoiceForm,
    OpportunityForm,
    QuoteForm,
    RecordForm,
)
from rouage.web.views.records.periods import FUTURE, PAST


@dataclass(frozen=True, kw_only=True)
class Pages:
    """``path`` is the first part of the addresses and the name of the list; ``lines``: it has lines to edit.

    ``nothing`` and ``hint``: what the list says before the first record. ``periods``: the spans that it offers.
    """

    key: str
    path: str
    title: StrOrPromise
    new: StrOrPromise
    nothing: StrOrPromise
    hint: StrOrPromise
    search: StrOrPromise
    form: type[RecordForm]
    periods: Sequence[str] = PAST
    importable: bool = False
    lines: bool = False

    @property
    def kind(self) -> RecordKind:
        return KINDS[self.key]

    def name(self, action: str) -> str:
        """The name of an address: "quote-edit"."""
        return f"{self.key}-{action}"


_ALL = (
    Pages(
        key="quote",
        path="quotes",
        title=_("Quotes"),
        new=_("New quote"),
        nothing=_("No quote yet"),
        hint=_(
            "Import the quotes that wait for an answer, or write the first one. Nothing leaves without your consent."
        ),
        search=_("Number, client, amount"),
        form=QuoteForm,
        importable=True,
        lines=True,
    ),
    Pages(
        key="invoice",
        path="invoices",
        title=_("Invoices"),
        new=_("New invoice"),
        nothing=_("No invoice yet"),
        hint=_(
            "Import your open invoices: Rouage finds those that are overdue and offers to send reminders. "
            "Nothing leaves without your consent."
        ),
        search=_("Number, client, amount"),
        form=InvoiceForm,
        importable=True,
        lines=True,
    ),
    Pages(
        key="event",
        path="events",
        title=_("Events"),
        new=_("New event"),
        nothing=_("No event yet"),
        hint=_("With its start and end, an event can remind the client, the team and the suppliers by itself."),
        search=_("Name, place, client"),
        form=EventForm,
        periods=FUTURE,
        importable=True,
    ),
    Pages(
        key="intervention",
        path="interventions",
        title=_("Interventions"),
        new=_("New intervention"),
        nothing=_("No intervention yet"),
        hint=_("Plan the first visit; an automation can announce it to the client."),
        search=_("Number, title, client"),
        form=InterventionForm,
        periods=FUTURE,
    ),
    Pages(
        key="contract",
        path="contracts",
        title=_("Maintenance contracts"),
        new=_("New contract"),
        nothing=_("No contract yet"),
        hint=_("With its renewal date and notice period, no contract renews itself unseen."),
        search=_("Number, name, client"),
        form=ContractForm,
        periods=FUTURE,
    ),
    Pages(
        key="opportunity",
        path="opportunities",
        title=_("Opportunities"),
        new=_("New opportunity"),
        nothing=_("No opportunity yet"),
        hint=_("An opportunity goes through the stages of a pipeline; each stage can start an automation."),
        search=_("Name, client, amount"),
        form=OpportunityForm,
    ),
    Pages(
        key="client",
        path="clients",
        title=_("Clients"),
        new=_("New client"),
        nothing=_("No client yet"),
        hint=_("Import your address book from a spreadsheet, or add the first client by hand."),
        search=_("Name, code, town, email"),
        form=ClientForm,
        periods=(),
        importable=True,
    ),
)
PAGES: Mapping[str, Pages] = {pages.key: pages for pages in _ALL}
