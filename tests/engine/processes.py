"""Rouage in processes of its own, on the database of the test."""

import os
import subprocess
import sys
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


def environment(**more):
    """What such a process needs; also the mail server that the test has set."""
    facts = connection.settings_dict
    url = f"sqlite:///{facts['NAME']}"
    if connection.vendor == "postgresql":
        password = f":{facts['PASSWORD']}" if facts["PASSWORD"] else ""
        url = f"postgresql://{facts['USER']}{password}@{facts['HOST']}:{facts['PORT'] or 5432}/{facts['NAME']}"
    return {
        "ROUAGE_DATABASE": url,
        "ROUAGE_HOME": str(settings.ROUAGE_HOME),
        "ROUAGE_SECRET_KEY": settings.SECRET_KEY,
        "ROUAGE_SMTP_HOST": "127.0.0.1",
        "ROUAGE_SMTP_PORT": str(settings.ROUAGE_SMTP_PORT),
        "ROUAGE_SMTP_STARTTLS": "0",
        "DJANGO_SETTINGS_MODULE": "rouage.config.settings",
        **more,
    }


@contextmanager
def process(*arguments, **more):
    """``rouage`` with these arguments."""
    known = {**os.environ, **environment(**more)}
    made = subprocess.Popen(
        [sys.executable, "-m", "rouage", *arguments],
        env=known,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield made
    finally:
        made.kill()
        made.communicate()
