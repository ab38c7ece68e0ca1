"""What a reader of a card is told about an email address to which nothing can be sent (REC-1)."""

from __future__ import annotations

from rouage.mail.addresses import check_address
from rouage.mail.reasons import Code, sentence


def address_problem(email: str) -> str:
    """A sentence, or "" for a good address."""
    found = check_address(email)
    return sentence(found) if isinstance(found, Code) else ""
