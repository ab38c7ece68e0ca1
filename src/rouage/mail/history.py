"""What a client was already sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from rouage.journal import bulk
from rouage.mail.models import Message
from rouage.mail.states import MessageStatus


def reminders_sent(
    organisation_id: int, client_ids: Collection[int], since: datetime
) -> dict[int, tuple[datetime, ...]]:
    """When each client was last sent reminders, oldest first (AUT-11). Queued ones count, failed ones do not.

    A reminder counts from when it was decided: those that still wait for the mail server hold further ones back too.
    """
    if not client_ids:
        return {}
    among, these = bulk.id_list(list(client_ids))
    rows = bulk.query(
        f'select client_id, created_at from "{Message._meta.db_table}" '  # noqa: S608 -- a table's name
        f"where organisation_id = %s and client_id {among} and created_at >= %s and reminder and status <> %s "
        "order by created_at",
        (organisation_id, these, bulk.moment(since), MessageStatus.FAILED.value),
    )
    sent: defaultdict[int, list[datetime]] = defaultdict(list)
    for client_id, created_at in rows:
        sent[client_id].append(bulk.aware(created_at))
    return {client_id: tuple(moments) for client_id, moments in sent.items()}
