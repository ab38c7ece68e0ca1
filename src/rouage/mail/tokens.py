"""Signed names of messages and recipients, for Message-ID, return path and headers: nobody can make up one of ours."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings

type Purpose = Literal["message", "recipient"]

_ID, _MAC = 8, 7  # bytes
# Without letters that have a case to lose on the way: servers fold the local parts of addresses.
_FORM = re.compile("[0-9A-Fa-f]{30}")


def token(purpose: Purpose, id_: int) -> str:
    return tokens(purpose, [id_])[0]


def tokens(purpose: Purpose, ids: Sequence[int]) -> list[str]:
    """Many at once, for the outbox."""
    key, person = _key(settings.SECRET_KEY), purpose.encode()
    numbers = [id_.to_bytes(_ID, "big") for id_ in ids]
    return [(number + blake2b(number, key=key, digest_size=_MAC, person=person).digest()).hex() for number in numbers]


def read(purpose: Purpose, text: str) -> int | None:
    """The id that a token names; None for anything that we did not sign."""
    if not _FORM.fullmatch(text):
        return None
    raw = bytes.fromhex(text)
    number, mac = raw[:_ID], raw[_ID:]
    keys = (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))
    ours = any(hmac.compare_digest(_mac(purpose, number, key), mac) for key in keys)
    return int.from_bytes(number, "big") if ours else None


def message_ids(ids: Sequence[int]) -> list[str]:
    """The headers Message-ID of these messages."""
    domain = _domain(settings.ROUAGE_BASE_URL)
    return [f"<{each}@{domain}>" for each in tokens("message", ids)]


def read_message_id(header: str) -> int | None:
    return read("message", header.strip().removeprefix("<").split("@")[0])


def _mac(purpose: Purpose, number: bytes, secret: str) -> bytes:
    return blake2b(number, key=_key(secret), digest_size=_MAC, person=purpose.encode()).digest()


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    return blake2b(secret.encode(), digest_size=32, person=b"mail.tokens").digest()


@lru_cache(maxsize=8)
def _domain(base_url: str) -> str:
    """The right side of Message-ID: a name, also where the deployment has none."""
    host = urlsplit(base_url).hostname or ""
    is_name = "." in host and ":" not in host and any(letter.isalpha() for letter in host)
    return host if is_name else "rouage.localdomain"
