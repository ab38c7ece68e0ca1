"""Checks what people type into records: types, lengths, and that what it refers to belongs to the organisation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from rouage.accounts.models import Member
from rouage.records.errors import Invalid
from rouage.records.kinds import RecordKind
from rouage.records.models import Client, Contact, Contract, Opportunity, Quote
from rouage.records.reading import Row, fields_of

_MEMBERS = frozenset({"owner_id", "lead_id", "assignee_id"})
_RECORDS: Mapping[str, type[models.Model]] = {
    "client_id": Client,
    "contact_id": Contact,
    "contract_id": Contract,
    "quote_id": Quote,
    "opportunity_id": Opportunity,
}


def clean(
    kind: RecordKind, organisation_id: int, values: Mapping[str, Any], *, allowed: Collection[str], present: Row
) -> dict[str, Any]:
    """``values`` by column, as the columns hold them. ``present``: the row they go into. Raises Invalid."""
    cleaned, errors = clean_columns(kind.model, values, allowed)
    references = {column: value for column, value in cleaned.items() if column in _MEMBERS or column in _RECORDS}
    client_id = cleaned.get("client_id", present.get("client_id"))
    for column, number in references.items():
        if number is not None and not _exists(column, number, organisation_id, client_id):
            errors[column] = _("This choice no longer exists. Choose another one.")
    if errors:
        raise Invalid(errors)
    return cleaned


def clean_columns(
    model: type[models.Model], values: Mapping[str, Any], allowed: Collection[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """What the columns hold, and a sentence for each value that does not fit."""
    fields = fields_of(model)
    cleaned: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in values.items():
        if name not in allowed:
            errors[name] = _("This cannot be changed here.")
            continue
        try:
            cleaned[name] = _clean_one(fields[name], value)
        except ValidationError as error:
            errors[name] = " ".join(error.messages)
    return cleaned, errors


def _clean_one(field: models.Field[Any, Any], value: Any) -> Any:  # noqa: ANN401 -- a column's value
    if isinstance(value, str):
        value = value.strip()
        if value == "" and field.null:
            return None
    if isinstance(field, models.ForeignKey):
        # Whether it exists in this organisation is looked up afterwards; Django's own check would ask everywhere.
        return None if value is None else int(field.target_field.to_python(value))
    if value is None and not field.null and isinstance(field, models.CharField | models.TextField):
        value = ""
    cleaned = field.clean(value, None)
    if isinstance(field, models.DecimalField) and cleaned is not None:
        # As it will be read: the journal shows 20.00, not 20.
        return cleaned.quantize(Decimal(1).scaleb(-field.decimal_places))
    return cleaned


def _exists(column: str, number: int, organisation_id: int, client_id: int | None) -> bool:
    if column in _MEMBERS:
        return Member.objects.filter(organisation_id=organisation_id, id=number, is_active=True).exists()
    found = _RECORDS[column]._default_manager.filter(
        organisation_id=organisation_id, id=number, deleted_at__isnull=True
    )
    return found.filter(client_id=client_id).exists() if column == "contact_id" else found.exists()
