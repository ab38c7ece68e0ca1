"""What a client was already sent."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from rouage.journal import bulk
from rouage.mail.models import Message
from rouage.mail.states import MessageStatus


def reminders_sent(
    organisation_id: int, client_ids: Collection[int], since: datetime
) -> dict[int, tuple[datetime, ...]]:
    """When each client was last sent reminders, oldest first (AUT-11). Queued ones count, failed ones do not.

    A reminder counts from when it was decided: those that still wait for the mail server hold further ones back too.
    """
    return reminders_sent_to([(organisation_id, client_id) for client_id in client_ids], since)


def reminders_sent_to(clients: Collection[tuple[int, int]], since: datetime) -> dict[int, tuple[datetime, ...]]:
    """The same for clients of many organisations, given as (organisation, client), in one query."""
    if not clients:
        return {}
    rows = bulk.query(
        f"select m.client_id, m.created_at from {_wanted()} where m.created_at >= %s and m.reminder and m.status <> %s "  # noqa: S608 -- a table's name
        "order by m.created_at",
        (*_pairs(clients), bulk.moment(since), MessageStatus.FAILED.value),
    )
    sent: defaultdict[int, list[datetime]] = defaultdict(list)
    for client_id, created_at in rows:
        sent[client_id].append(bulk.aware(created_at))
    return {client_id: tuple(moments) for client_id, moments in sent.items()}


def _wanted() -> str:
    table = f'"{Message._meta.db_table}" m'
    if connection.vendor == "postgresql":
        return (
            f"unnest(%s::bigint[], %s::bigint[]) w(organisation_id, client_id) join {table} "
            "on m.organisation_id = w.organisation_id and m.client_id = w.client_id"
        )
    return (
        f"json_each(%s) w join {table} on m.organisation_id = json_extract(w.value, '$[0]') "
        "and m.client_id = json_extract(w.value, '$[1]')"
    )


def _pairs(clients: Collection[tuple[int, int]]) -> tuple[Any, ...]:
    if connection.vendor == "postgresql":
        return [organisation_id for organisation_id, _ in clients], [client_id for _, client_id in clients]
    return (json.dumps(list(clients)),)
