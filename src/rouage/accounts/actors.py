"""Members as actors of the journal."""

from __future__ import annotations

from rouage.accounts.models import Member
from rouage.journal.actors import Actor, ActorKind


def actor_of(member: Member, address: str = "") -> Actor:
    """``address``: the network address that the request came from (ACC-4)."""
    return Actor(kind=ActorKind.MEMBER, id=member.id, label=member.user.name, address=address)
