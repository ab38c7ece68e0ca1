"""``rouage serve`` as a process: it serves, refuses a port that is taken, and ends well."""

import signal
import socket
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from rouage.engine.ports import free_port
from tests.engine.processes import process

pytestmark = [pytest.mark.serial, pytest.mark.slow]


def answer(port, patience=60):
    end = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as response:
                return response.status, response.url
        except HTTPError as error:
            return error.code, error.url
        except OSError:
            assert time.monotonic() < end, "it does not serve"
            time.sleep(0.2)


@pytest.mark.req("OPS-1", "OPS-2", "API-3")
def test_it_serves_on_a_fresh_database_says_where_and_ends_well(tmp_path):
    port, mailbox = free_port(), free_port()
    place = {
        "ROUAGE_HOME": str(tmp_path),
        "ROUAGE_DATABASE": f"sqlite:///{tmp_path}/rouage.sqlite3",
        "ROUAGE_MAILBOX_PORT": str(mailbox),
        "ROUAGE_SMTP_PORT": str(mailbox),
    }
    with process("serve", "--port", str(port), **place) as made:
        status, url = answer(port)
        assert status == 200
        assert "sign-in" in url
        with process("serve", "--port", str(port), **place) as second:
            output, _ = second.communicate(timeout=60)
        assert second.returncode == 1
        assert f"127.0.0.1:{port}" in output
        assert f"--port {port + 1}" in output
        assert "Traceback" not in output
        assert answer(port)[0] == 200
        made.send_signal(signal.SIGTERM)
        started = time.monotonic()
        output, _ = made.communicate(timeout=20)
        assert time.monotonic() - started < 10
    assert made.returncode == 0, output
    assert f"http://127.0.0.1:{port}" in output
    assert (Path(tmp_path) / "worker-ended-well").exists()


def test_a_mailbox_port_that_is_taken_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        mailbox = taken.getsockname()[1]
        place = {
            "ROUAGE_HOME": str(tmp_path),
            "ROUAGE_DATABASE": f"sqlite:///{tmp_path}/rouage.sqlite3",
            "ROUAGE_MAILBOX_PORT": str(mailbox),
            "ROUAGE_SMTP_PORT": str(mailbox),
        }
        with process("serve", "--port", str(free_port()), **place) as made:
            output, _ = made.communicate(timeout=60)
    assert made.returncode == 1
    assert f"ROUAGE_MAILBOX_PORT={mailbox + 1}" in output
