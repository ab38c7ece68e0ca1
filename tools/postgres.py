"""Runs a command with a PostgreSQL cluster of its own, made for it and removed after it.

python -m tools.postgres find            prints the folder of the server's programs, or why there is none (exit code 1)
python -m tools.postgres run -- COMMAND  sets ROUAGE_DATABASE and ROUAGE_TEST_POSTGRES for COMMAND, answers its exit
                                         code
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

NEEDED = ("initdb", "pg_ctl", "postgres")
ABSENT = "PostgreSQL's server programs (initdb, pg_ctl) are not on this machine; Debian: apt-get install postgresql"
# fsync stays on: the tests that kill a worker are about what is on the disk.
SETTINGS = {"shared_buffers": "128MB", "max_connections": "100", "log_min_messages": "warning", "timezone": "UTC"}


def programs() -> Path | None:
    """Find the newest server: Debian keeps each version's programs in a folder of its own, off PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    folders = [*versions, *(Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part)]
    return next((folder for folder in folders if all(os.access(folder / name, os.X_OK) for name in NEEDED)), None)


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _owner() -> str | None:
    """Whom the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def cluster(binaries: Path) -> Iterator[str]:
    """Yield the address of a fresh cluster's database."""
    owner = _owner()
    home = Path(tempfile.mkdtemp(prefix="rouage-pg-"))
    port, password = _free_port(), secrets.token_hex(16)

    def call(*arguments: str | Path) -> None:
        done = subprocess.run(
            arguments, check=False, cwd=home, user=owner, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            log = home / "log"
            raise SystemExit(f"{arguments[0]} failed:\n{done.stdout}{log.read_text() if log.exists() else ''}")

    try:
        (home / "password").write_text(password)
        if owner:
            for path in (home, home / "password"):
                shutil.chown(path, owner)
        data = home / "data"
        authentication = ("--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={home / 'password'}")
        initdb = (binaries / "initdb", "-D", data, "-U", "rouage", "--encoding=UTF8", "--locale=C.UTF-8")
        call(*initdb, *authentication)
        settings = SETTINGS | {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(home)}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        pg_ctl = (binaries / "pg_ctl", "-D", data, "-w", "-t", "60")
        call(*pg_ctl, "-l", home / "log", "-o", options, "start")
        try:
            yield f"postgresql://rouage:{password}@127.0.0.1:{port}/postgres"
        finally:
            call(*pg_ctl, "-m", "fast", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def run(command: Sequence[str]) -> int:
    binaries = programs()
    if binaries is None:
        print(ABSENT, file=sys.stderr)
        return 1
    # A polite end must still stop the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with cluster(binaries) as address:
        environment = os.environ | {"ROUAGE_DATABASE": address, "ROUAGE_TEST_POSTGRES": address}
        return subprocess.run(command, check=False, env=environment).returncode


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["find"]:
            binaries = programs()
            print(binaries or ABSENT)
            return 0 if binaries else 1
        case ["run", "--", *command] if command:
            return run(command)
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
