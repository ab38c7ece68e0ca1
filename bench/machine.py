"""How busy the machine is with other things: figures are only worth something on an idle one."""

import os
import time
from pathlib import Path

IDLE = 0.85  # the share of idle time from which a machine counts as idle
_PROBE = 0.1  # seconds


def calm(limit: float = 3.0) -> float:
    """Wait until the machine is idle, ``limit`` seconds at most; the share of idle time that was seen last."""
    end = time.monotonic() + limit
    share = idle_share()
    while share < IDLE and time.monotonic() < end:
        share = idle_share()
    return share


def idle_share(seconds: float = _PROBE) -> float:
    total, idle = _ticks()
    time.sleep(seconds)
    total_after, idle_after = _ticks()
    return (idle_after - idle) / max(1, total_after - total)


def load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"


def _ticks() -> tuple[int, int]:
    with Path("/proc/stat").open(encoding="ascii") as stat:
        values = [int(value) for value in stat.readline().split()[1:9]]
    return sum(values), values[3] + values[4]
