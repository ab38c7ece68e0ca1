"""The list of a kind of record: tabs by status, search and filters in the address, pages by the last row shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.records.kinds import KINDS
from rouage.records.queries import Filters, Mark, Summary, records, summaries
from rouage.web.access import MemberRequest, may, page
from rouage.web.choices import find_client, member_choices
from rouage.web.components.amounts import money
from rouage.web.components.parts import Chip, Tab
from rouage.web.listing import Listing
from rouage.web.responses import show
from rouage.web.views.records import periods
from rouage.web.views.records.buttons import buttons
from rouage.web.views.records.pages import PAGES, Pages

_DOTS = {"": "off", "paused": "off"}


@dataclass(frozen=True)
class RecordListing(Listing):
    """What the address asks of a list of records."""

    pages: Pages
    member: Member

    @property
    def text(self) -> str:
        return self.get("q")

    @property
    def status(self) -> str:
        """Empty for all."""
        return self.choice("status", [status.key for status in self.pages.kind.statuses])

    @property
    def period(self) -> str:
        return self.choice("period", self.pages.periods)

    @property
    def owner(self) -> str:
        return str(self.owner_id or "")

    @property
    def owner_id(self) -> int | None:
        return self.number("owner")

    @cached_property
    def client(self) -> Any:  # noqa: ANN401 -- a client or None
        return find_client(self.member.organisation_id, self.number("client"))

    @cached_property
    def filters(self) -> Filters:
        since, until = periods.span(self.period, timezone.localdate())
        return Filters(
            statuses=(self.status,) if self.status else (),
            client_id=self.client.pk if self.client else None,
            owner_id=self.owner_id,
            search=self.text,
            since=since,
            until=until,
            zone=self.member.organisation.zone,
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.status or self.period or self.owner_id or self.client)

    def tabs(self, found: Mapping[str, Summary]) -> list[Tab]:
        """All, then every status that some record has."""
        total = sum(summary.count for summary in found.values())
        shown = [Tab(label=_("All"), address=self.address(status=""), is_current=not self.status, count=total)]
        for status in self.pages.kind.statuses:
            summary = found.get(status.key)
            if summary or status.key == self.status:
                shown.append(
                    Tab(
                        label=self.pages.kind.status_label(status.key),
                        address=self.address(status=status.key),
                        is_current=self.status == status.key,
                        count=summary.count if summary else 0,
                        is_failure=status.css == "fail",
                        dot=_DOTS.get(status.css, status.css),
                    )
                )
        return shown

    def chips(self) -> list[Chip]:
        if not self.client:
            return []
        label = _("Client: %(name)s") % {"name": self.client.name}
        return [Chip(label=label, address=self.address(client=""), removes=True)]

    def shown(self, found: Mapping[str, Summary]) -> Summary:
        """How many records the tab has, and their sum."""
        if self.status:
            return found.get(self.status, Summary(count=0, amount=Decimal(0)))
        return Summary(
            count=sum(one.count for one in found.values()),
            amount=sum((one.amount for one in found.values()), Decimal(0)),
        )


@page(Privilege.SEE_RECORDS)
def listing(request: MemberRequest, kind: str) -> HttpResponse:
    """One page of the list; asked by htmx, the results alone."""
    state = RecordListing(request.GET, PAGES[kind], request.member)
    return show(request, "records/list.html", context(request, state), fragments={"results": "results"})


def context(request: MemberRequest, state: RecordListing) -> dict[str, Any]:
    organisation_id, kind = request.member.organisation_id, state.pages.key
    found = records(organisation_id, kind, state.filters, after=Mark.read(request.GET.get("after", "")))
    counted = summaries(organisation_id, kind, state.filters)
    may_edit = may(request.member, Privilege.EDIT_RECORDS)
    return {
        "pages": state.pages,
        "state": state,
        "records": found.rows,
        "table": f"records/tables/{kind}.html",
        "tabs": state.tabs(counted) if state.pages.kind.statuses else (),
        "chips": state.chips(),
        "summary": state.shown(counted),
        "owners": member_choices(organisation_id),
        "periods": [(name, periods.label(name)) for name in state.pages.periods],
        "older": state.older(found.next),
        "newer": state.newer(),
        "is_empty": not found.rows and not state.is_narrowed and "after" not in request.GET,
        "may_edit": may_edit,
        "new_address": reverse(state.pages.name("new")) if may_edit else "",
        "buttons": buttons(request.member, kind) if found.rows and state.pages.kind.automatable else (),
        "press_address": reverse(state.pages.name("press-many")) if state.pages.kind.automatable else "",
        "board_address": reverse("opportunities") if kind == "opportunity" else "",
        "selected_one": _("record selected"),
        "selected_many": _("records selected"),
        "here": request.get_full_path(),
        "foot": foot(request.member, kind, state.shown(counted)),
        "today": timezone.localdate(),
    }


def foot(member: Member, kind: str, shown: Summary) -> str:
    """How many and how much, such as "58 invoices · €21,640.80"."""
    known = KINDS[kind]
    noun = str(known.label if shown.count == 1 else known.plural).lower()
    text = f"{number_format(shown.count, force_grouping=True)} {noun}"
    if not shown.amount:
        return text
    amount = money(shown.amount, member.organisation.currency)
    if "total_gross" in known.by_name:
        amount = _("%(amount)s incl. VAT") % {"amount": amount}
    return f"{text} · {amount}"
