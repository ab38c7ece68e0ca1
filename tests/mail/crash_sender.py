"""A worker that hands one message over and kills itself at a point of the dialogue. Run by test_crash.

python -m tests.mail.crash_sender DATABASE PORT; then on its input, a line for each: POINT MESSAGE-ID MOMENT. Every line
is carried out by a process of its own, forked from this one that has everything loaded but no connection; how it ended
is printed.
"""

import os
import signal
import sys
from datetime import datetime

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402 -- the set-up must come first
from django.db import connections  # noqa: E402 -- same

from rouage.mail import record, smtp  # noqa: E402 -- same
from rouage.mail.deliver import deliver_batch  # noqa: E402 -- same
from rouage.mail.models import Message  # noqa: E402 -- same
from tests.factories.mail import lease  # noqa: E402 -- same


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(owner, name, when=lambda *_: True):
    real = getattr(owner, name)

    def wrapped(*args, **options):
        result = real(*args, **options)
        if when(*args):
            die()
        return result

    setattr(owner, name, wrapped)


def die_before(owner, name, when=lambda *_: True):
    real = getattr(owner, name)

    def wrapped(*args, **options):
        if when(*args):
            die()
        return real(*args, **options)

    setattr(owner, name, wrapped)


POINTS = {
    "never": lambda: None,
    "leased": lambda: die_before(smtp, "resolve"),
    "connected": lambda: die_after(smtp._Wire, "connect"),
    "greeted": lambda: die_after(smtp._Wire, "ehlo"),
    "mail": lambda: die_after(smtp._Wire, "mail"),
    "rcpt": lambda: die_after(smtp._Wire, "rcpt"),
    "data": lambda: die_after(smtp._Wire, "docmd", lambda _wire, command, *_: command == "DATA"),
    "body": lambda: die_after(smtp.Line, "transmit"),
    "before_marker": lambda: die_before(record, "write", lambda group, *_: group.marks),
    "in_marker": lambda: die_after(record, "_write", lambda group, *_: group.marks),
    "marker": lambda: die_after(record, "write", lambda group, *_: group.marks),
    "before_dot": lambda: die_before(smtp._Wire, "send", lambda _wire, data: data == b".\r\n"),
    "dot": lambda: die_after(smtp._Wire, "send", lambda _wire, data: data == b".\r\n"),
    "reply": lambda: die_after(smtp.Line, "finish"),
    "in_outcome": lambda: die_after(record, "_write", lambda group, *_: group.handled),
    "outcome": lambda: die_after(record, "write", lambda group, *_: group.handled),
}


def carry_out(point, message_id, moment):
    POINTS[point]()
    now = datetime.fromisoformat(moment)
    deliver_batch(lease(Message(id=int(message_id)), now=now), now)


def main():
    database, port = sys.argv[1:]
    connections.databases["default"]["NAME"] = database
    settings.ROUAGE_SMTP_PORT = int(port)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            carry_out(*line.split())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else f"{os.WEXITSTATUS(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
