"""Slows down whoever tries passwords; counts in rows, so that it holds over all processes (ACC-5).

An attempt is counted before the password is looked at: many at once do not slip through, and a refused one is cheap.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction

from rouage.accounts.models import SignInCount, normalised
from rouage.journal import bulk

type Key = Literal["pair", "email", "address"]

PERIOD = timedelta(minutes=15)
# A person mistypes; an office shares an address; somebody must not lock a stranger's email out from one address alone.
LIMITS: Mapping[Key, int] = {"pair": 10, "email": 50, "address": 100}
_FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TooMany:
    """No attempt is looked at before ``until``."""

    until: datetime


def admit(email: str, address: str, now: datetime) -> TooMany | None:
    """Count one attempt to sign in; TooMany if it must not even be tried."""
    with transaction.atomic():
        # Always in the same order: two attempts at once must not wait for each other.
        counted = [_count(_hash(key, email, address), limit, now) for key, limit in LIMITS.items()]
    until = [ends_at for ends_at in counted if ends_at]
    return TooMany(max(until)) if until else None


def forgive(email: str, address: str, now: datetime) -> None:
    """The password was right: what was mistyped before no longer counts against this person at this address."""
    SignInCount.objects.filter(key=_hash("pair", email, address)).delete()
    SignInCount.objects.filter(ends_at__lt=now - _FORGOTTEN).delete()


def _hash(key: Key, email: str, address: str) -> str:
    address = _network(address)
    parts = {"pair": (normalised(email), address), "email": (normalised(email),), "address": (address,)}[key]
    return hashlib.sha256("\0".join((key, *parts)).encode()).hexdigest()


_COUNT = f"""insert into "{SignInCount._meta.db_table}" as c (key, attempts, ends_at) values (%s, 1, %s)
    on conflict (key) do update set
        attempts = case when c.ends_at <= %s then 1 else c.attempts + 1 end,
        ends_at = case when c.ends_at <= %s then excluded.ends_at else c.ends_at end
    returning attempts, ends_at"""  # noqa: S608 -- our own names


def _count(key: str, limit: int, now: datetime) -> datetime | None:
    """When the period of the key ends, if this attempt is one too many."""
    ends_at = now + PERIOD
    [(attempts, until)] = bulk.query(_COUNT, (key, bulk.moment(ends_at), bulk.moment(now), bulk.moment(now)))
    return bulk.aware(until) if attempts > limit else None


def _network(address: str) -> str:
    """Whoever has one IPv6 address has 2^64 of them."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))  # noqa: PLR2004 -- IPv4
