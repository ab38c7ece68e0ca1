"""The outbox: a mail that was decided becomes rows, in the transaction of whoever decided it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rouage.mail.states import RecipientKind
from rouage.planner.model import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecipient:
    """``address`` as it stands on the card: missing or malformed ones are kept and fail visibly when sent (REC-1)."""

    address: str
    name: str = ""
    kind: RecipientKind = RecipientKind.TO
    role: str = ""
    contact_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """``idempotency_key`` is "run:position", with ":n" behind it for a deliberate resend: it exists only once.

    ``html`` may stay empty: a simple alternative is then made from the text. ``cause``: the links incl. this run's.
    """

    organisation_id: int
    idempotency_key: str
    recipients: tuple[NewRecipient, ...]
    subject: str
    text: str
    html: str = ""
    language: str = "fr"
    run_id: int | None = None
    position: int | None = None
    automation_id: int | None = None
    kind: str = ""
    record_id: int | None = None
    client_id: int | None = None
    template_id: int | None = None
    reminder: bool = False
    cause: tuple[Link, ...] = ()
    resend_of: int | None = None


def queue(messages: Sequence[NewMessage], now: datetime) -> None:
    """Write the messages, due at once, with their recipients and their first events; a fixed number of statements."""
    raise NotImplementedError
