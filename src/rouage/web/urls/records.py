"""The addresses of records: seven kinds, with the same pages for each."""

from __future__ import annotations

from django.urls import URLPattern, path

from rouage.records.conversion import SOURCES
from rouage.web.views.records import actions, board, clients, details, editing, lists, payments
from rouage.web.views.records.pages import PAGES, Pages


def _pages(pages: Pages) -> list[URLPattern]:
    place, one, kind = pages.path, f"{pages.path}/<int:record_id>", {"kind": pages.key}
    listed = place if pages.key != "opportunity" else f"{place}/list"
    return [
        path(listed, lists.listing, kind, name=place if listed == place else pages.name("list")),
        path(f"{place}/new", editing.create, kind, name=pages.name("new")),
        path(one, details.detail, kind, name=pages.kind.url_name),
        path(f"{one}/edit", editing.edit, kind, name=pages.name("edit")),
        path(f"{one}/activity", details.log, kind, name=pages.name("activity")),
        path(f"{one}/note", actions.note, kind, name=pages.name("note")),
        path(f"{one}/delete", actions.delete, kind, name=pages.name("delete")),
    ]


def _automatable(pages: Pages) -> list[URLPattern]:
    one, kind = f"{pages.path}/<int:record_id>", {"kind": pages.key}
    return [
        path(f"{one}/status", actions.status, kind, name=pages.name("status")),
        path(f"{one}/press", actions.press, kind, name=pages.name("press")),
        path(f"{pages.path}/press", actions.press_many, kind, name=pages.name("press-many")),
    ]


def _conversions() -> list[URLPattern]:
    return [
        path(
            f"{PAGES[source].path}/<int:record_id>/{new}",
            actions.convert,
            {"kind": source, "new": new},
            name=f"{source}-to-{new}",
        )
        for source, new in SOURCES
    ]


urlpatterns = [
    path("opportunities", board.board, name="opportunities"),
    path("clients/suggest", editing.suggest, name="clients-suggest"),
    *(pattern for pages in PAGES.values() for pattern in _pages(pages)),
    *(pattern for pages in PAGES.values() if pages.kind.automatable for pattern in _automatable(pages)),
    *_conversions(),
    path("quotes/<int:record_id>/issue", actions.issue, {"kind": "quote"}, name="quote-issue"),
    path("invoices/<int:record_id>/issue", actions.issue, {"kind": "invoice"}, name="invoice-issue"),
    path("invoices/<int:record_id>/payments", payments.record, name="invoice-payments"),
    path("invoices/<int:record_id>/payments/<int:payment_id>/remove", payments.remove, name="invoice-payment-remove"),
    path("contracts/<int:record_id>/renew", actions.renew, name="contract-renew"),
    path("opportunities/<int:record_id>/stage", actions.stage, name="opportunity-stage"),
    path("clients/<int:record_id>/contacts", clients.save_contact, name="client-contacts"),
    path("clients/<int:record_id>/contacts/<int:contact_id>", clients.save_contact, name="client-contact"),
    path(
        "clients/<int:record_id>/contacts/<int:contact_id>/remove",
        clients.remove_contact,
        name="client-contact-remove",
    ),
    path("clients/<int:record_id>/pause", clients.pause, name="client-pause"),
    path("clients/<int:record_id>/resume", clients.resume, name="client-resume"),
]
