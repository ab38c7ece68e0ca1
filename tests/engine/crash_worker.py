"""A worker that dawdles between its statements, so that kill -9 finds it in the middle of a transaction.

Imported once by a server that forks: each worker that is started after a death is there at once.
"""

import dataclasses
import os
import threading
import time
from datetime import timedelta

import django

# The fork server's own environment says which database; without it somebody only imports this file.
if "ROUAGE_CRASH_DAWDLE" in os.environ:
    django.setup()


def work():
    from rouage.engine import worker  # noqa: PLC0415 -- app ready
    from rouage.journal import bulk  # noqa: PLC0415 -- app ready

    insert, dawdle = bulk.insert, float(os.environ["ROUAGE_CRASH_DAWDLE"])

    def slowly(*arguments):
        time.sleep(dawdle)
        insert(*arguments)

    bulk.insert = slowly
    short = timedelta(seconds=2)
    worker.OUTSIDE = tuple(dataclasses.replace(outside, period=short, batch=8) for outside in worker.OUTSIDE)
    worker.begin(limit=10, poll=0.05)
    threading.Event().wait()
