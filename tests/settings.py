"""The product's settings, in a home of their own, with what only tests may do: cheap passwords."""

import atexit
import os
import shutil
import tempfile

_home = tempfile.mkdtemp(prefix="rouage-tests-")
_owner = os.getpid()


@atexit.register
def _clean() -> None:
    # A forked child that ends must not take the home of its parent away.
    if os.getpid() == _owner:
        shutil.rmtree(_home, ignore_errors=True)


os.environ["ROUAGE_HOME"] = _home
os.environ["ROUAGE_SECRET_KEY"] = "only-for-tests-" + "0" * 40
os.environ.setdefault("ROUAGE_SMTP_HOST", "127.0.0.1")
os.environ.setdefault("ROUAGE_SMTP_STARTTLS", "0")

from rouage.config.settings import *  # noqa: E402, F403 -- the environment above must come first
from rouage.config.settings import DATABASES, ROUAGE_EMBEDDED  # noqa: E402 -- same

if ROUAGE_EMBEDDED:
    # A file: threads and child processes of a test see the same database. pytest-xdist adds the worker's name.
    DATABASES["default"]["TEST"] = {"NAME": f"{_home}/test.sqlite3"}
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["tests.hashers.QuickArgon2", "django.contrib.auth.hashers.Argon2PasswordHasher"]
