"""Keeps connections to mail servers open between mails, for connecting and signing in cost more than a mail."""

from __future__ import annotations

import atexit
import threading
import time
from collections import defaultdict

from rouage.mail.smtp import Line, Server

MOST_USES = 100  # mails on one line; some servers frown on more
IDLE = 20.0  # seconds; servers close idle lines after a minute or more
MOST_IDLE = 16  # lines kept open in all


class Lines:
    """A line is taken, used by one thread, and kept again if it is still good."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: defaultdict[Server, list[Line]] = defaultdict(list)

    def take(self, server: Server) -> Line | None:
        """A kept line that still seems good."""
        while line := self._pop(server):
            if line.alive:
                return line
            line.close()
        return None

    def keep(self, line: Line) -> bool:
        """Keep the line for the next mail; False: it has served its time, and the caller should quit it."""
        if line.uses >= MOST_USES or not line.alive:
            return False
        line.idle_since = time.monotonic()
        with self._lock:
            self._idle[line.server].append(line)
        return True

    def close_idle(self, older_than: float = 0.0) -> None:
        """Say goodbye on lines that were idle for that many seconds, and on the oldest where there are too many."""
        with self._lock:
            lines = sorted((line for lines in self._idle.values() for line in lines), key=lambda line: line.idle_since)
            limit = time.monotonic() - older_than
            surplus = max(0, len(lines) - MOST_IDLE)
            old = [line for number, line in enumerate(lines) if number < surplus or line.idle_since <= limit]
            gone = set(map(id, old))
            for server in list(self._idle):
                self._idle[server] = [line for line in self._idle[server] if id(line) not in gone]
                if not self._idle[server]:
                    del self._idle[server]
        for line in old:
            line.quit()

    def _pop(self, server: Server) -> Line | None:
        with self._lock:
            lines = self._idle.get(server)
            return lines.pop() if lines else None


LINES = Lines()
atexit.register(LINES.close_idle)
