"""``python -m bench``: what Rouage does in a second on this machine, on both databases."""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from bench import machine
from bench.options import chosen, parser
from tools.postgres import ABSENT, cluster, programs


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__, parents=[parser()])
    options.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one (default: both)")
    known = options.parse_args()
    chosen(known)
    given = [word for word in sys.argv[1:] if word not in {"--database", known.database}]
    print(f"{os.cpu_count()} processors, {machine.load()}, {machine.idle_share(0.5):.0%} idle", flush=True)
    codes = [_measure(name, given) for name in ("sqlite", "postgresql") if known.database in {None, name}]
    return max(codes)


def _measure(name: str, given: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="rouage-bench-") as home, _database(name, home) as url:
        if not url:
            print(f"{name:10} {ABSENT}")
            return 1
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ROUAGE_")}
        settings = {
            "DJANGO_SETTINGS_MODULE": "rouage.config.settings",
            "ROUAGE_HOME": home,
            "ROUAGE_DATABASE": url,
            "ROUAGE_SECRET_KEY": secrets.token_urlsafe(48),
            "ROUAGE_SMTP_HOST": "127.0.0.1",
            # The brake counts, and never brakes.
            "ROUAGE_FLOOD_LIMIT": "1000000000",
        }
        command = [sys.executable, "-m", "bench.run", *given]
        return subprocess.run(command, env=kept | settings, check=False).returncode  # noqa: S603 -- our own program


@contextmanager
def _database(name: str, home: str) -> Iterator[str]:
    """An empty one, gone afterwards; nothing where PostgreSQL is not installed."""
    if name == "sqlite":
        yield f"sqlite:///{home}/bench.sqlite3"
        return
    given = os.environ.get("ROUAGE_BENCH_POSTGRES")
    binaries = programs()
    if given:
        yield given
    elif binaries is None:
        yield ""
    else:
        with cluster(binaries) as url:
            yield url


if __name__ == "__main__":
    sys.exit(main())
