"""Files on their way to an import: between the choice of a file and the decision, on whichever machine."""

from __future__ import annotations

from django.db import models

from rouage.accounts.models import Member
from rouage.records.models.record import Owned


class Upload(Owned):
    """``mapped`` and ``lines_mapped``: the column of each target. It goes with the import, or after a day."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    data = models.BinaryField()
    mapped = models.JSONField(default=dict)
    lines_name = models.CharField(max_length=200, default="", blank=True)
    lines_data = models.BinaryField(default=b"", blank=True)
    lines_mapped = models.JSONField(default=dict)
    created_at = models.DateTimeField()
