"""Addresses of static files that change with their content, so that browsers may keep what they have."""

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


@cache
def _fingerprint(name: str) -> str:
    found = finders.find(name)
    if found is None:
        raise ValueError(f"The static file {name} does not exist.")
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]


class FingerprintStorage(StaticFilesStorage):
    def url(self, name: str | None) -> str:
        address = super().url(name)
        return f"{address}?v={_fingerprint(name)}" if name and not name.endswith("/") else address
