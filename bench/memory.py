"""(e) Memory of the idle process that ``make run`` starts: web, worker and demo mailbox."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.report import Report
from rouage.engine.ports import free_port

GOAL = 220.0  # MB, resident
PATIENCE = 180.0  # seconds in which it must serve
REST = 5.0  # seconds of idleness before it is weighed


def memory(report: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="rouage-bench-") as home:
        port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROUAGE_")}
        place = {"ROUAGE_HOME": home, "ROUAGE_MAILBOX_PORT": str(free_port())}
        with (Path(home) / "log").open("w") as log:
            server = subprocess.Popen(  # noqa: S603 -- our own program
                [sys.executable, "-m", "rouage", "serve", "--demo", "--port", str(port)],
                env=kept | place, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            _wait(f"http://127.0.0.1:{port}/", Path(home) / "log")
            time.sleep(REST)
            weight = _resident(server.pid)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
    report.begin()
    report.goal("resident memory of the idle `rouage serve --demo`", weight, GOAL, unit="MB", at_most=True)


def _wait(address: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 -- loopback
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > end:
                raise RuntimeError(f"it does not serve:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.3)


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not tell the memory of a process")
