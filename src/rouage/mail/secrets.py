"""Keeps an account's password unreadable in the database, or names a variable of the deployment that holds it."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import scrypt

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

_REFERENCE = "env:"
_PREFIX = "ROUAGE_MAIL_"  # a reference reaches the variables that the operator meant for this, and no others


class Unreadable(Exception):
    """The secret was written with another key, or its variable is not set."""


def seal(secret: str) -> str:
    """The text to store."""
    return _box(_keys()).encrypt(secret.encode()).decode() if secret else ""


def unseal(stored: str) -> str:
    """The secret behind a stored text. Raises Unreadable."""
    if not stored:
        return ""
    if stored.startswith(_REFERENCE):
        name = stored.removeprefix(_REFERENCE)
        if not name.startswith(_PREFIX) or name not in os.environ:
            raise Unreadable(name)
        return os.environ[name]
    try:
        return _box(_keys()).decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    return urlsafe_b64encode(scrypt(key.encode(), salt=b"rouage.mail.secrets", n=2**12, r=8, p=1, dklen=32))
