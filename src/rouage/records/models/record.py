"""What every record has in common: its organisation, its owner, its moments; deletion keeps the row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models

from rouage.accounts.models import Member, Organisation


def money(*, null: bool = False) -> models.DecimalField[Any, Any]:
    """An amount in the record's currency, to the cent."""
    return models.DecimalField(
        max_digits=14, decimal_places=2, null=null, blank=null, default=None if null else Decimal("0.00")
    )


class Owned(models.Model):
    """A row of one organisation, which comes first in the row's own indexes."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, db_index=False, related_name="+")

    class Meta:
        abstract = True


class Record(Owned):
    """A business record. ``last_activity_at``: the last change by anybody, or a note by a person.

    ``deleted_at``: gone for every query and snapshot; the row stays, since the journal and runs name it.
    ``search_text``: its own number, name and subject, folded (no accents, lower case) by ``records.search.fold``.
    """

    owner = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    search_text = models.CharField(max_length=600, default="", blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    last_activity_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
