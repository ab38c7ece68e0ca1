"""Takes a person out of what is kept for ever: their data is masked, the trace stays (RUN-5, GDPR article 17)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from rouage.journal import bulk
from rouage.journal.actors import Actor
from rouage.journal.append import append_entry, json_text
from rouage.journal.append_only import changes_allowed
from rouage.journal.migration_operations import trigger_name
from rouage.journal.models import DomainEvent, Entry

MASK = "•••"
SHORTEST = 3  # characters: shorter words would hit texts that speak of something else
_BATCH = 1000

type Columns = Mapping[type[models.Model], tuple[str, ...]]

_OWN: Columns = {Entry: ("actor_label", "data"), DomainEvent: ("payload", "error")}


def mask_person(
    organisation_id: int, words: Collection[str], *, actor: Actor, now: datetime, further: Columns | None = None
) -> int:
    """Replace ``words`` (names, addresses, numbers) wherever they stand in the journal; returns the rows it changed.

    Whole words, in any case and any Unicode form. ``further``: text and JSON columns of tables of other rooms. All or
    nothing, in one transaction, which reads every row of the organisation: minutes over millions of them. Raises
    ValueError for a word shorter than SHORTEST.
    """
    pattern = _pattern(words)
    columns = {**_OWN, **(further or {})}
    with transaction.atomic():
        with _permitted(columns):
            counts = {
                model._meta.label_lower: _mask(model, names, organisation_id, pattern)
                for model, names in columns.items()
            }
        append_entry(organisation_id=organisation_id, verb="person.masked", actor=actor, data={"rows": counts}, now=now)
    return sum(counts.values())


@contextmanager
def _permitted(tables: Collection[type[models.Model]]) -> Iterator[None]:
    """Let the columns of append-only tables be rewritten, in this transaction and until the end of the block."""
    with transaction.atomic(), changes_allowed():
        if connection.vendor == "postgresql":
            bulk.query("select set_config('rouage.masking', 'on', true)")
            yield
            bulk.query("select set_config('rouage.masking', 'off', true)")
        else:
            # SQLite has no settings of a session. Nobody else writes before this transaction has ended.
            names = [trigger_name(model._meta.db_table, "update") for model in tables]
            statements = [sql for name in names for sql in _take_trigger_away(name)]
            yield
            for sql in statements:
                bulk.query(sql)


def _take_trigger_away(name: str) -> list[str]:
    """Drop the trigger, if the table has it; returns the statement that makes it again."""
    found = bulk.query("select sql from sqlite_master where type = 'trigger' and name = %s", (name,))
    bulk.query(f'drop trigger if exists "{name}"')
    return [row[0] for row in found]


def _mask(model: type[models.Model], columns: tuple[str, ...], organisation_id: int, pattern: re.Pattern[str]) -> int:
    last, changed = 0, 0
    rows = model._default_manager.filter(organisation_id=organisation_id).order_by("id").values_list("id", *columns)
    while batch := list(rows.filter(id__gt=last)[:_BATCH]):
        last = batch[-1][0]
        masked = [(row, tuple(_masked(value, pattern) for value in row[1:])) for row in batch]
        new = [(row[0], *map(_stored, values)) for row, values in masked if values != row[1:]]
        changed += len(bulk.update(model, (), columns, new))
    return changed


def _masked(value: Any, pattern: re.Pattern[str]) -> Any:  # noqa: ANN401 -- JSON
    match value:
        case str():
            return pattern.sub(MASK, value)
        case list():
            return [_masked(item, pattern) for item in value]
        case dict():
            return {key: _masked(item, pattern) for key, item in value.items()}
        case _:
            return value


def _stored(value: Any) -> Any:  # noqa: ANN401 -- JSON
    return json_text(value) if isinstance(value, (dict, list)) else value


def _pattern(words: Collection[str]) -> re.Pattern[str]:
    forms = {unicodedata.normalize(form, word.strip()) for word in words for form in ("NFC", "NFD")}
    if not forms or min(map(len, forms)) < SHORTEST:
        raise ValueError(f"words to mask have at least {SHORTEST} characters")
    # The longest first: a whole name before one that is a part of it.
    alternatives = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)
