"""Making and editing records: one form a kind, with the lines of quotes and invoices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from rouage.accounts.models import Organisation
from rouage.accounts.privileges import Privilege
from rouage.journal.actors import Actor
from rouage.records import commands
from rouage.records.access import access_record, access_stage
from rouage.records.errors import Invalid, Refused
from rouage.records.models import Client, Invoice, Quote
from rouage.records.queries import client_choices
from rouage.records.rules import OPEN_QUOTE
from rouage.web.access import FORM, MemberRequest, actor, page
from rouage.web.choices import client_label
from rouage.web.forms.clients import ClientForm
from rouage.web.forms.fields import AmountField
from rouage.web.forms.lines import Lines
from rouage.web.forms.records import RecordForm
from rouage.web.listing import number
from rouage.web.responses import fragment, go, invalid, show, toast
from rouage.web.views.records import possible
from rouage.web.views.records.pages import PAGES, Pages

VALIDITY = timedelta(days=30)
RATES = ("20", "10", "5.5", "2.1", "0")  # VAT in France


@dataclass(kw_only=True)
class Draft:
    """A record in its form. ``record`` is None for a new one, ``lines`` is None where there are none to edit."""

    pages: Pages
    record: Any
    form: RecordForm
    lines: Lines | None

    def is_valid(self) -> bool:
        # Both are asked: a person wants to see all that is wrong at once.
        own, theirs = self.form.is_valid(), self.lines is None or self.lines.is_valid()
        return own and theirs and not self.form.is_stale()

    def hush(self) -> None:
        self.form.quiet = True
        if self.lines is not None:
            self.lines.hush()

    def take(self, errors: Mapping[str, str]) -> None:
        self.form.take(self.lines.take(errors) if self.lines is not None else errors)


@page(Privilege.EDIT_RECORDS, methods=FORM)
def create(request: MemberRequest, kind: str) -> HttpResponse:
    return _edit(request, PAGES[kind], None)


@page(Privilege.EDIT_RECORDS, methods=FORM)
def edit(request: MemberRequest, record_id: int, kind: str) -> HttpResponse:
    return _edit(request, PAGES[kind], access_record(request.member, kind, record_id, Privilege.EDIT_RECORDS))


@page(Privilege.EDIT_RECORDS)
def suggest(request: MemberRequest) -> HttpResponse:
    """Clients for the list below a form's field, while one types."""
    return fragment(request, "records/form.html#clients", {"suggested": _suggested(request)})


def _edit(request: MemberRequest, pages: Pages, record: Any) -> HttpResponse:  # noqa: ANN401 -- a record or None
    draft = _draft(request, pages, record)
    shown = _context(request, draft)
    fragments = {"editor": "editor"}
    if request.method != "POST":
        return show(request, "records/form.html", shown)
    if request.POST.get("do", "save") != "save":
        draft.form.full_clean()
        draft.hush()
        return show(request, "records/form.html", shown, fragments=fragments)
    if draft.is_valid():
        try:
            saved = _save(request, draft, timezone.now())
        except Invalid as error:
            draft.take(error.errors)
        except Refused as refusal:
            draft.form.add_error(None, refusal.sentence)
        else:
            toast(request, _("Saved"))
            return go(request, reverse(pages.kind.url_name, args=[saved.pk]))
    return invalid(request, "records/form.html", shown, fragments=fragments)


def _draft(request: MemberRequest, pages: Pages, record: Any) -> Draft:  # noqa: ANN401 -- same
    data = request.POST if request.method == "POST" else None
    form = pages.form(request.member, data, record=record, given=_given(request, pages))
    lines = None
    if pages.lines and _has_open_lines(record):
        stored = list(record.lines.all()) if record else ()
        lines = Lines.stored(stored) if data is None else Lines.sent(data, request.POST.get("do", ""))
        if data is None:
            lines.hush()
    return Draft(pages=pages, record=record, form=form, lines=lines)


def _given(request: MemberRequest, pages: Pages) -> dict[str, Any]:
    """What a new record begins with."""
    today = timezone.localdate()
    return {
        "client": number(request.GET.get("client", "")),
        "owner": request.member.pk,
        "language": request.member.organisation.language,
        "issue_date": today,
        "validity_date": today + VALIDITY,
        "start_date": today,
        **{name: field.initial for name, field in pages.form.base_fields.items() if field.initial is not None},
    }


def _has_open_lines(record: Any) -> bool:  # noqa: ANN401 -- same
    match record:
        case Invoice():
            return not record.number
        case Quote():
            return record.status in OPEN_QUOTE
        case _:
            return True


def _context(request: MemberRequest, draft: Draft) -> dict[str, Any]:
    pages, record = draft.pages, draft.record
    address = reverse(pages.kind.url_name, args=[record.pk]) if record else reverse(pages.path)
    return {
        "draft": draft,
        "pages": pages,
        "record": record,
        "form": draft.form,
        "lines": draft.lines,
        "fields": f"records/forms/{pages.key}.html",
        "title": possible.title(pages.key, record) if record else pages.new,
        "name": possible.name(pages.key, record) if record else pages.new,
        "list_address": reverse(pages.path),
        "back_address": address,
        "form_address": request.get_full_path(),
        "suggested": _suggested(request),
        "currency": record.currency if record and pages.lines else request.member.organisation.currency,
        "rates": [AmountField().prepare_value(Decimal(rate)) for rate in RATES],
        "stands": bool(record and pages.lines and draft.lines is None),
    }


def _suggested(request: MemberRequest) -> list[str]:
    text = request.GET.get("client", "") or request.POST.get("client", "")
    typed = "" if text.isdigit() else text[:200]
    return [client_label(client) for client in client_choices(request.member.organisation_id, typed)]


def _save(request: MemberRequest, draft: Draft, now: datetime) -> Any:  # noqa: ANN401 -- the record
    by, values = actor(request), draft.form.values()
    if draft.record is None:
        return _CREATE[draft.pages.key](request, by, draft, values, now)
    with transaction.atomic():
        if isinstance(draft.record, Client):
            commands.change_client(by, draft.record, values, now=now)
        else:
            commands.change_fields(by, draft.record, values, now=now)
        if draft.lines is not None and draft.lines.differ_from(list(draft.record.lines.all())):
            commands.replace_lines(by, draft.record, draft.lines.values(), now=now)
    return draft.record


type Values = dict[str, Any]
type Create = Callable[[MemberRequest, Actor, Draft, Values, datetime], Any]


def _document(command: Callable[..., Quote | Invoice]) -> Create:
    def make(request: MemberRequest, by: Actor, draft: Draft, values: Values, now: datetime) -> Quote | Invoice:
        lines = draft.lines.values() if draft.lines is not None else ()
        return command(by, request.member.organisation, values, lines, now=now)

    return make


def _plain(command: Callable[..., Any]) -> Create:
    def make(request: MemberRequest, by: Actor, _draft: Draft, values: Values, now: datetime) -> Any:  # noqa: ANN401 -- the record
        organisation: Organisation = request.member.organisation
        return command(by, organisation, values, now=now)

    return make


def _client(request: MemberRequest, by: Actor, draft: Draft, values: Values, now: datetime) -> Client:
    assert isinstance(draft.form, ClientForm)  # noqa: S101 -- for the type checker
    return commands.create_client(by, request.member.organisation, values, contacts=draft.form.contacts(), now=now)


def _opportunity(request: MemberRequest, by: Actor, _draft: Draft, values: Values, now: datetime) -> Any:  # noqa: ANN401 -- same
    stage_id = number(request.GET.get("stage", ""))
    stage = access_stage(request.member, stage_id) if stage_id else None
    return commands.create_opportunity(by, request.member.organisation, values, stage=stage, now=now)


_CREATE: Mapping[str, Create] = {
    "quote": _document(commands.create_quote),
    "invoice": _document(commands.create_invoice),
    "event": _plain(commands.create_event),
    "intervention": _plain(commands.create_intervention),
    "contract": _plain(commands.create_contract),
    "client": _client,
    "opportunity": _opportunity,
}
