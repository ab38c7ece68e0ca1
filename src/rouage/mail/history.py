"""What a client was already sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime


def reminders_sent(
    organisation_id: int, client_ids: Collection[int], since: datetime
) -> dict[int, tuple[datetime, ...]]:
    """When each client was last sent reminders, oldest first (AUT-11). Queued ones count, failed ones do not."""
    raise NotImplementedError
