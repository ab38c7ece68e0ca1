"""The kinds of records that automations act on, in the order of the navigation and by its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from rouage.records.kinds import KINDS, RecordKind

_WORDS: Mapping[str, StrOrPromise] = {
    "quote": _("Quotes"),
    "invoice": _("Invoices"),
    "event": _("Events"),
    "intervention": _("Interventions"),
    "contract": _("Contracts"),
    "opportunity": _("Opportunities"),
}


def automatable() -> Sequence[RecordKind]:
    """A kind that was added later comes last."""
    order = [*_WORDS]
    found = [kind for kind in KINDS.values() if kind.automatable]
    return sorted(found, key=lambda kind: order.index(kind.key) if kind.key in order else len(order))


def plural(kind: RecordKind) -> StrOrPromise:
    """The short word of the navigation: "Contracts" rather than "Maintenance contracts"."""
    return _WORDS.get(kind.key, kind.plural)
