"""Who did it, as the journal keeps it: a number to find them by and the name they had then."""

from __future__ import annotations

from enum import StrEnum

from rouage.planner.values import frozen


class ActorKind(StrEnum):
    MEMBER = "member"
    RUN = "run"
    FUNCTION = "function"
    TOKEN = "token"  # noqa: S105 -- a program, through the API
    CLIENT = "client"  # the recipient of a document, through its public link
    SYSTEM = "system"


@frozen(kw_only=True)
class Actor:
    """``label`` is the name at that time; ``address`` the network address of who stands at a door, or empty."""

    kind: ActorKind
    id: int | None
    label: str
    address: str = ""


SYSTEM = Actor(kind=ActorKind.SYSTEM, id=None, label="Rouage")
