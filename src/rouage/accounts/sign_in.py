"""Signs people in with email and password: throttled, journalled, as slow for an unknown email as for a known one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest

from rouage.accounts.actors import actor_of
from rouage.accounts.models import User
from rouage.accounts.queries import memberships
from rouage.accounts.throttle import TooMany, admit, forgive
from rouage.journal.append import append_entry


@dataclass(frozen=True, slots=True)
class Wrong:
    """The email is unknown, the password is wrong or the account is closed: the answer does not say which."""


def sign_in(request: HttpRequest, *, email: str, password: str, address: str, now: datetime) -> User | Wrong | TooMany:
    """Check the password; the door then calls ``django.contrib.auth.login``. ``address``: whence the request comes."""
    if refused := admit(email, address, now):
        return refused
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        return Wrong()
    with transaction.atomic():
        forgive(email, address, now)
        for member in memberships(user):
            append_entry(
                organisation_id=member.organisation_id,
                verb="member.signed_in",
                actor=actor_of(member, address),
                kind="member",
                record_id=member.id,
                now=now,
            )
    return user
