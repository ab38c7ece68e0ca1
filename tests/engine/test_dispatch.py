"""The hands that carry out batches, and the tasks backend before them."""

import threading
import time

import pytest
from django.tasks import task, task_backends

from rouage.engine import dispatch
from rouage.engine.dispatch import ThreadBackend

done = []


@task(queue_name="dispatch-test")
def note(pairs, at=None):
    done.append((pairs, threading.current_thread().name))


@task(queue_name="dispatch-test")
def fail(pairs, at=None):
    raise RuntimeError("a fault in a batch")


@pytest.fixture(autouse=True)
def _empty():
    done.clear()


def test_the_backend_of_the_settings_is_ours():
    assert isinstance(task_backends["default"], ThreadBackend)


def test_without_hands_a_task_runs_where_it_is_enqueued():
    note.enqueue([[1, 2]])
    assert done == [([[1, 2]], threading.current_thread().name)]


def test_with_hands_it_runs_in_their_threads_and_they_know_what_is_under_way():
    freed = threading.Event()
    hands = dispatch.open_hands("dispatch-test", 2, on_free=freed.set)
    gate = threading.Event()
    hands.give(gate.wait, [[7, 1], [8, 1]])
    assert (hands.free, hands.under_way) == (1, [[7, 1], [8, 1]])
    note.enqueue([[1, 2]])
    assert freed.wait(5)
    assert done[0][1].startswith("rouage-dispatch-test-")
    gate.set()
    assert dispatch.close_hands("dispatch-test", 5)
    assert (hands.free, hands.under_way) == (2, [])


def test_a_batch_with_a_fault_leaves_the_hands_free_for_the_next(caplog):
    dispatch.open_hands("dispatch-test", 1, on_free=lambda: None)
    fail.enqueue([[1, 1]])
    note.enqueue([[2, 1]])
    assert dispatch.close_hands("dispatch-test", 5)
    assert [pairs for pairs, _ in done] == [[[2, 1]]]
    assert "its rows come back when their lease ends" in caplog.text


def test_hands_that_do_not_end_in_time_say_so():
    hands = dispatch.open_hands("dispatch-test", 1, on_free=lambda: None)
    gate = threading.Event()
    hands.give(gate.wait, [[1, 1]])
    started = time.monotonic()
    assert not dispatch.close_hands("dispatch-test", 0.2)
    assert time.monotonic() - started < 2
    gate.set()
