"""Hands batches with effects outside to whoever carries them out: Django's tasks, here in threads of this process.

Our rows are the truth and a task is a hint: losing every task loses nothing, a lease ends and its rows are claimed
again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any

from django.db import connection
from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.backends.base import BaseTaskBackend
from django.utils import timezone
from django.utils.crypto import get_random_string

type Pairs = Sequence[Sequence[int]]

_log = logging.getLogger(__name__)


class Hands:
    """The threads that carry out the batches of one queue; each keeps its database connection."""

    def __init__(self, name: str, size: int, *, on_free: Callable[[], None] = lambda: None) -> None:
        self._jobs: SimpleQueue[tuple[int, Callable[[], object]] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._free = size
        self._given: dict[int, Pairs] = {}
        self._number = 0
        self._on_free = on_free
        self._threads = [
            threading.Thread(target=self._work, name=f"rouage-{name}-{number}", daemon=True) for number in range(size)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def free(self) -> int:
        """How many more batches would be begun at once; below zero when some already wait."""
        with self._lock:
            return self._free

    @property
    def under_way(self) -> list[Sequence[int]]:
        """The rows of the batches that were given and are not ended: their ids and attempts."""
        with self._lock:
            return [pair for pairs in self._given.values() for pair in pairs]

    def give(self, job: Callable[[], object], rows: Pairs) -> None:
        with self._lock:
            self._free -= 1
            self._number += 1
            number = self._number
            self._given[number] = rows
        self._jobs.put((number, job))

    def close(self, timeout: float) -> bool:
        """Let what was given come to its end, for ``timeout`` seconds at most; whether it did."""
        for _ in self._threads:
            self._jobs.put(None)
        end = threading.Event()
        waiter = threading.Thread(target=self._join, args=(end,), daemon=True)
        waiter.start()
        return end.wait(timeout)

    def _join(self, end: threading.Event) -> None:
        for thread in self._threads:
            thread.join()
        end.set()

    def _work(self) -> None:
        while (given := self._jobs.get()) is not None:
            number, job = given
            try:
                job()
            except Exception:  # noqa: BLE001 -- the rows come back, and the next batch must find its hands
                _log.exception("a batch was not carried out; its rows come back when their lease ends")
                connection.close()
            finally:
                with self._lock:
                    self._free += 1
                    self._given.pop(number)
                self._on_free()
        connection.close()


_hands: dict[str, Hands] = {}


def open_hands(queue: str, size: int, *, on_free: Callable[[], None]) -> Hands:
    """From now on the batches of ``queue`` are carried out by ``size`` threads of this process."""
    _hands[queue] = Hands(queue, size, on_free=on_free)
    return _hands[queue]


def close_hands(queue: str, timeout: float) -> bool:
    return _hands.pop(queue).close(timeout)


class ThreadBackend(BaseTaskBackend):
    """Runs a task in this process's hands for its queue, and where it is enqueued when there are none.

    A task's first argument are the rows that it is about, as pairs of an id and an attempt.

    Nothing is stored, and what fails is logged: the rows that a task speaks of know better than the task.
    """

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any, Any]:  # noqa: ANN401 -- Django's signature
        self.validate_task(task)
        result: TaskResult[Any, Any] = TaskResult(
            task=task,
            id=get_random_string(32),
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )
        hands = _hands.get(task.queue_name)
        if hands is None:
            task.call(*result.args, **result.kwargs)
        else:
            hands.give(lambda: task.call(*result.args, **result.kwargs), result.args[0])
        return result
