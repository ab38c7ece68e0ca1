"""The gapless numbers of documents."""

from __future__ import annotations

from django.db import models

from rouage.records.models.record import Owned


class Counter(Owned):
    """``last`` number given in a series and year (0: the series does not begin anew each year), and its document's day.

    Taking a number is an upsert in the transaction that issues the document: the row's lock puts issuers in a line, and
    a transaction that fails gives its number back.
    """

    series = models.CharField(max_length=20)
    year = models.IntegerField()
    last = models.IntegerField()
    last_date = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "series", "year"], name="counter_once")]
