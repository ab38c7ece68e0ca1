"""Writes a batch at once, and finds the rows that cannot be written when that fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from django.db import InterfaceError, OperationalError, transaction

_log = logging.getLogger(__name__)

MANY = 10  # below this a fault of the whole cannot be told from poisoned rows


class Outage(Exception):
    """Most of a batch was refused: a fault of ours or of the database. Nothing was written, no row pays a try."""


def write_all[T](rows: Sequence[T], write: Callable[[Sequence[T]], None], park: Callable[[T, Exception], None]) -> None:
    """Write the batch inside the caller's transaction; park the rows that cannot be written. Raises Outage.

    A lost or locked database is no row's fault and passes through.
    """
    refused = _isolate(rows, write)
    if len(refused) > len(rows) // 2 and len(rows) >= MANY:
        raise Outage(f"{len(refused)} of {len(rows)} rows refused") from refused[0][1]
    for row, error in refused:
        _log.error("a row was put aside", extra={"row": repr(row)[:200]}, exc_info=error)
        park(row, error)


def _isolate[T](rows: Sequence[T], write: Callable[[Sequence[T]], None]) -> list[tuple[T, Exception]]:
    """Write all rows in one savepoint; when that fails, halve until only the poisoned rows are left. Returns these."""
    try:
        with transaction.atomic():
            write(rows)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 -- whatever a row does to us, the others must go on
        if len(rows) == 1:
            return [(rows[0], error)]
        middle = len(rows) // 2
        return _isolate(rows[:middle], write) + _isolate(rows[middle:], write)
    return []
