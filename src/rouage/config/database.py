"""Turns ROUAGE_DATABASE into Django's database settings, the same care for both databases."""

from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"

# IMMEDIATE: a transaction that first reads and then writes would fail with "database is locked" instead of waiting.
# synchronous=full: a committed step survives the loss of power, not only the death of the process.
_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "pragma journal_mode=wal; pragma synchronous=full; pragma foreign_keys=on; "
        "pragma cache_size=-16000; pragma wal_autocheckpoint=4000"
    ),
}


def database(url: str) -> dict[str, Any]:
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, KeyError) as error:
        msg = "ROUAGE_DATABASE is not an address such as sqlite:////srv/rouage/rouage.sqlite3 or postgresql://user@host/name."
        raise ImproperlyConfigured(msg) from error
    match settings["ENGINE"]:
        case engine if engine == SQLITE:
            settings["OPTIONS"] = {**settings.get("OPTIONS", {}), **_SQLITE_OPTIONS}
        case engine if engine == POSTGRESQL:
            settings |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
        case _:
            msg = "ROUAGE_DATABASE: Rouage runs on SQLite and on PostgreSQL."
            raise ImproperlyConfigured(msg)
    return settings
