"""Changes one row and journals what it was before, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from rouage.journal.actors import Actor
from rouage.journal.append import append_entry


def change(
    row: models.Model,
    values: Mapping[str, Any],
    *,
    kind: str,
    actor: Actor,
    now: datetime,
    names: Mapping[str, Callable[[Any], str]] | None = None,
) -> dict[str, list[Any]]:
    """Set ``values`` (columns) on the row of an organisation and append ``<kind>.changed``; nothing if nothing differs.

    Reads the row again under a lock, so that the journal's "before" is what was really replaced; ``row`` is brought up
    to date. ``names``: how the value of a reference is written in the journal, under the name without ``_id``.
    """
    with transaction.atomic():
        row.refresh_from_db(from_queryset=type(row)._default_manager.select_for_update())
        changes = {name: [getattr(row, name), new] for name, new in values.items() if getattr(row, name) != new}
        if changes:
            for name, (_, new) in changes.items():
                setattr(row, name, new)
            row.save(update_fields=list(changes))
            append_entry(
                organisation_id=getattr(row, "organisation_id", row.pk),
                verb=f"{kind}.changed",
                actor=actor,
                kind=kind,
                record_id=row.pk,
                data={"changes": _readable(changes, names or {})},
                now=now,
            )
    return changes


def _readable(changes: Mapping[str, list[Any]], names: Mapping[str, Callable[[Any], str]]) -> dict[str, list[Any]]:
    return {
        name.removesuffix("_id"): [names[name](value) for value in pair] if name in names else pair
        for name, pair in changes.items()
    }
