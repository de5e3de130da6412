"""Queues used by finalisers, weak references and signal handlers, which come at any moment.

SimpleQueue.put is reentrant, as CPython documents. A Queue has a lock, so a call that comes in the
middle of another of the same thread deadlocks in CPython too; one that comes while the thread waits
in the queue does not.
"""

from __future__ import annotations

import gc
import queue
import signal
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import Any

import pytest
import weft.queue
import weft.threading

QUEUES = {"cpython": queue.Queue, "weft": weft.queue.Queue}
SIMPLE_QUEUES = {"cpython": queue.SimpleQueue, "weft": weft.queue.SimpleQueue}
TIMES = 2000


class Puts:
    """Puts itself out of the way: an item for its queue when it goes, alone or in a cycle."""

    def __init__(self, items: Any) -> None:
        self.items = items
        self.me = self

    def __del__(self) -> None:
        self.items.put("gone")


@contextmanager
def eager_collector() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.collect()


@contextmanager
def signals(handler: Callable[[], object], seconds: float, interval: float = 0) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, lambda *_: handler())
    signal.setitimer(signal.ITIMER_REAL, seconds, interval)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def drain(items: Any) -> list[Any]:
    return [items.get() for _ in repeat(None, items.qsize())]


@pytest.mark.parametrize("kind", SIMPLE_QUEUES)
def test_simple_queue_and_finalisers(kind: str) -> None:
    items: Any = SIMPLE_QUEUES[kind]()
    got = []
    with eager_collector():
        for number in range(TIMES):
            Puts(items)  # garbage in a cycle: the collector comes when it likes
            items.put([number])
            got.append(items.get())
    got += drain(items)
    assert got.count("gone") == TIMES
    assert [item for item in got if item != "gone"] == [[number] for number in range(TIMES)]


@pytest.mark.parametrize("kind", SIMPLE_QUEUES)
def test_simple_queue_and_weak_references(kind: str) -> None:
    items: Any = SIMPLE_QUEUES[kind]()

    class Thing:
        pass

    references = []
    for _ in range(TIMES):
        thing = Thing()
        references.append(weakref.ref(thing, lambda _: items.put("gone")))
        items.put(thing)
        del thing
        while items.get() == "gone":  # the thing goes as soon as it is compared
            pass
    assert len(drain(items)) <= TIMES
    assert all(reference() is None for reference in references)


@pytest.mark.parametrize("kind", SIMPLE_QUEUES)
def test_simple_queue_and_signal_handlers(kind: str) -> None:
    items: Any = SIMPLE_QUEUES[kind]()
    handled = []

    def handler() -> None:
        handled.append(0)
        items.put("signal")

    put = 0
    got = []
    with signals(handler, 0.0005, 0.0005):
        while len(handled) < 100:
            for _ in range(100):
                items.put(put)
                put += 1
                got.append(items.get())
    got += drain(items)
    assert got.count("signal") == len(handled)
    assert [item for item in got if item != "signal"] == list(range(put))


@pytest.mark.parametrize("kind", QUEUES)
@pytest.mark.parametrize("timeout", [None, 20])
def test_handler_puts_what_get_waits_for(kind: str, timeout: float | None) -> None:
    items: Any = QUEUES[kind]()
    with signals(lambda: items.put("signal"), 0.01):
        assert items.get(timeout=timeout) == "signal"
    assert items.empty()


@pytest.mark.parametrize("kind", QUEUES)
def test_handler_makes_room_that_put_waits_for(kind: str) -> None:
    items: Any = QUEUES[kind](1)
    items.put(1)
    with signals(items.get, 0.01):
        items.put(2, timeout=20)
    assert items.get() == 2


@pytest.mark.parametrize("kind", QUEUES)
def test_handler_does_the_task_that_join_waits_for(kind: str) -> None:
    items: Any = QUEUES[kind]()
    items.put(1)
    with signals(items.task_done, 0.01):
        items.join()


@pytest.mark.parametrize("kind", QUEUES)
def test_item_puts_when_it_goes(kind: str) -> None:
    """It goes once get() has returned, so outside the lock."""
    items: Any = QUEUES[kind]()

    class Item:
        def __del__(self) -> None:
            items.put("gone")

    for _ in range(100):
        items.put(Item())
        items.get()
        assert items.get() == "gone"


def test_signals_between_puts_and_gets_of_two_threads() -> None:
    there: Any = weft.queue.SimpleQueue()
    end = time.monotonic() + 20
    handled = []

    def handler() -> None:
        handled.append(0)
        there.put("signal")

    def echo() -> None:
        back.put(there.get())

    back: Any = weft.queue.SimpleQueue()
    thread = weft.threading.Thread(target=lambda: [echo() for _ in repeat(None, TIMES)])
    got = []
    with signals(handler, 0.001, 0.001):
        thread.start()
        for number in range(TIMES):
            there.put(number)
            got.append(back.get())
            assert time.monotonic() < end
        thread.join()
    got += drain(there)
    assert got.count("signal") == len(handled)
    assert [item for item in got if item != "signal"] == list(range(TIMES))
