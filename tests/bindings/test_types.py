"""The types that are written in C: used wrongly, used from inside themselves, and let go of."""

from __future__ import annotations

import copy
import faulthandler
import gc
import queue
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import weft.queue
import weft.threading
from weft import _types

LIMIT_S = 120
KINDS: list[Any] = [
    weft.threading.Event,
    weft.threading.Lock,
    weft.threading.RLock,
    weft.threading.Semaphore,
    weft.queue.SimpleQueue,
]
OPEN_KINDS: list[Any] = [kind for kind in KINDS if kind is not weft.threading.Lock]
"""Those that may be subclassed: threading.Lock may not."""


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    """End the run if a test hangs, and show where."""
    faulthandler.dump_traceback_later(LIMIT_S, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.mark.parametrize("kind", KINDS)
def test_objects_and_their_type_are_let_go_of(kind: Any) -> None:
    before = sys.getrefcount(kind)
    objects = [kind() for _ in range(100)]
    references = [weakref.ref(made) for made in objects]
    del objects
    assert [reference() for reference in references] == [None] * 100
    assert sys.getrefcount(kind) <= before + 1


@pytest.mark.parametrize("kind", OPEN_KINDS)
def test_subclass_with_a_cycle_is_collected(kind: Any) -> None:
    class Own(kind):  # type: ignore[misc]
        def __init__(self, own: object) -> None:  # without super().__init__()
            self.own = own

    made = Own(5)
    made.cycle = made
    type(made).instance = made  # type: ignore[attr-defined]
    reference, class_reference = weakref.ref(made), weakref.ref(Own)
    del made, Own
    gc.collect()
    assert reference() is None
    assert class_reference() is None


def test_queue_in_itself_is_collected() -> None:
    items: Any = weft.queue.SimpleQueue()
    items.put(items)
    reference = weakref.ref(items)
    del items
    gc.collect()
    assert reference() is None


def test_long_chain_of_queues_is_let_go_of() -> None:
    chain: Any = None
    for _ in range(200_000):
        link: Any = weft.queue.SimpleQueue()
        link.put(chain)
        chain = link
    del link, chain


def test_queue_keeps_one_reference_to_an_item() -> None:
    items: Any = weft.queue.SimpleQueue()
    item = object()
    before = sys.getrefcount(item)
    for _ in range(1000):
        items.put(item)
    assert sys.getrefcount(item) == before + 1000
    assert all(items.get() is item for _ in range(400))
    assert sys.getrefcount(item) == before + 600
    del items
    assert sys.getrefcount(item) == before


def test_order_holds_while_the_ring_grows_and_shrinks() -> None:
    items: Any = weft.queue.SimpleQueue()
    put = got = 0
    for grow, shrink in [(5, 3), (7, 9), (1000, 10), (900, 1880), (3, 0), (100, 113)]:
        for _ in range(grow):
            items.put(put)
            put += 1
        for _ in range(shrink):
            assert items.get_nowait() == got
            got += 1
        assert items.qsize() == put - got
    assert items.empty()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", [None, 5, object(), threading.Lock()])
def test_method_of_another_object(kind: Any, wrong: object) -> None:
    for name in dir(kind):
        method = getattr(kind, name)
        if type(method).__name__ == "method_descriptor" and method.__objclass__ is not object:
            with pytest.raises(TypeError):
                method(wrong)


CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("acquire", (True, 1, 2), {}),
    ("acquire", (True,), {"blocking": True}),
    ("acquire", (), {"nonsense": 1}),
    ("release", (1, 2), {}),
    ("set", (1,), {}),
    ("wait", (1, 2), {}),
    ("wait", (1,), {"timeout": 1}),
    ("wait", (), {"nonsense": 1}),
    ("get", (True, 1, 2), {}),
    ("get", (True,), {"block": True}),
    ("put", (), {}),
    ("put", (1,), {"item": 1}),
    ("put", (1, True, None, 4), {}),
    ("put_nowait", (), {}),
    ("put_nowait", (), {"nonsense": 1}),
]


@pytest.mark.parametrize(("name", "arguments", "keywords"), CALLS)
def test_wrong_arguments(name: str, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    found = 0
    for kind in KINDS:
        if hasattr(kind, name):
            found += 1
            with pytest.raises(TypeError, match=rf"{name}\(\) "):
                getattr(kind(), name)(*arguments, **keywords)
    assert found > 0


def test_keywords() -> None:
    items: Any = weft.queue.SimpleQueue()
    items.put(item=1, timeout=None, block=False)
    items.put_nowait(item=2)
    assert items.get(timeout=1, block=True) == 1
    assert items.get(block=False) == 2
    with pytest.raises(queue.Empty):
        items.get(timeout=0.001)
    lock: Any = weft.threading.Lock()
    assert lock.acquire(timeout=1, blocking=True)
    assert not lock.acquire(blocking=False)
    assert not weft.threading.Event().wait(timeout=0.001)


@pytest.mark.parametrize(("wrong", "error"), [(2**32, OverflowError), (1.5, TypeError)])
def test_semaphore_of_what_is_no_count(wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        weft.threading.Semaphore(wrong)
    semaphore = weft.threading.Semaphore(2**32 - 1)
    with pytest.raises(error):
        semaphore.release(wrong)
    with pytest.raises(ValueError, match="released too many times"):
        semaphore.release()
    assert semaphore._value == 2**32 - 1


def test_with_semaphore_calls_the_release_of_a_subclass() -> None:
    class Own(weft.threading.Semaphore):
        def release(self, n: int = 1) -> None:
            released.append(n)
            super().release(n)

    released: list[int] = []
    with Own() as taken:
        assert taken is True
    assert released == [1]


@pytest.mark.parametrize("kind", [weft.threading.Lock, weft.threading.RLock])
def test_release_of_a_free_lock(kind: Any) -> None:
    lock = kind()
    for release in (lock.release, lambda: lock.__exit__(None, None, None)):
        with pytest.raises(RuntimeError, match=r"release un"):
            release()
    with lock:
        assert lock.locked()
    assert not lock.locked()


@pytest.mark.parametrize("kind", KINDS)
def test_copies_and_layouts_are_refused(kind: Any) -> None:
    with pytest.raises(TypeError):
        copy.copy(kind())
    for other in KINDS:
        if other is not kind:
            with pytest.raises(TypeError):
                kind().__class__ = other
            with pytest.raises(TypeError):
                type("Both", (kind, other), {})


@pytest.mark.parametrize("depth", [0, -1, 2**32, "x", None])
def test_restore_of_what_was_not_saved(depth: Any) -> None:
    with pytest.raises((RuntimeError, OverflowError, TypeError)):
        weft.threading.RLock()._acquire_restore(depth)


def test_condition_outlives_what_its_lock_is_replaced_by() -> None:
    condition: Any = weft.threading.Condition(weft.threading.Lock())
    condition._lock = condition.acquire = condition.release = None
    gc.collect()
    with condition:
        condition.notify()
        assert not condition.wait(0.001)


class PutsWhenItGoes:
    def __init__(self, items: Any) -> None:
        self.items = items

    def __del__(self) -> None:
        self.items.put("gone")


def test_put_in_a_destructor() -> None:
    items: Any = weft.queue.SimpleQueue()
    for _ in range(100):
        items.put(PutsWhenItGoes(items))
    for _ in range(100):
        items.get()  # what it returns goes at once
    assert [items.get() for _ in range(100)] == ["gone"] * 100


def test_put_while_the_queue_is_cleared() -> None:
    items: Any = weft.queue.SimpleQueue()
    items.put(PutsWhenItGoes(items))
    items.put([PutsWhenItGoes(items)])
    reference = weakref.ref(items)
    del items
    gc.collect()
    gc.collect()
    assert reference() is None


def test_put_in_a_signal_handler_reaches_the_get_that_it_interrupts() -> None:
    items: Any = weft.queue.SimpleQueue()
    before = signal.signal(signal.SIGALRM, lambda *_: items.put("signal"))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    assert items.get() == "signal"
    assert items.empty()
    signal.signal(signal.SIGALRM, before)


class Stop(Exception):
    """Raised by the handler of a signal."""


def interrupt(wait: Callable[[], object]) -> None:
    """Call wait(), which blocks, and send signals: the fifth one's handler raises Stop."""
    signals = 0

    def handle(*ignored: object) -> None:
        nonlocal signals
        signals += 1
        if signals == 5:
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise Stop

    before = signal.signal(signal.SIGALRM, handle)
    try:
        with pytest.raises(Stop):
            signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
            wait()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert signals == 5


@pytest.mark.parametrize("how", ["acquire", "acquire with a time-out", "with"])
@pytest.mark.parametrize("kind", [weft.threading.Lock, weft.threading.RLock])
def test_interrupted_acquire_leaves_the_lock_alone(kind: Any, how: str) -> None:
    lock = kind()
    free = weft.threading.Event()
    holder = weft.threading.Thread(target=lambda: lock.acquire() and free.wait() and lock.release())
    holder.start()
    while not lock.locked():
        time.sleep(0)
    calls = {
        "acquire": lock.acquire,
        "acquire with a time-out": lambda: lock.acquire(timeout=LIMIT_S),
        "with": lock.__enter__,
    }
    interrupt(calls[how])
    assert lock.locked()
    free.set()
    holder.join()
    assert not lock.locked()
    assert lock.acquire(timeout=LIMIT_S)


def test_interrupted_event_and_queue_go_on_working() -> None:
    event = weft.threading.Event()
    interrupt(event.wait)
    assert event._waiters == 0
    event.set()
    assert event.wait()
    items: Any = weft.queue.SimpleQueue()
    interrupt(items.get)
    items.put(1)
    assert items.get() == 1


def test_many_producers_and_consumers_lose_nothing() -> None:
    items: Any = weft.queue.SimpleQueue()
    each, producers, consumers = 5000, 3, 3
    got: list[list[tuple[int, int]]] = [[] for _ in range(consumers)]

    def produce(own: int) -> None:
        for number in range(each):
            items.put((own, number))

    def consume(own: int) -> None:
        while (item := items.get()) is not None:
            got[own].append(item)

    takers = [weft.threading.Thread(target=consume, args=(n,)) for n in range(consumers)]
    makers = [weft.threading.Thread(target=produce, args=(n,)) for n in range(producers)]
    for thread in takers + makers:
        thread.start()
    for thread in makers:
        thread.join()
    for _ in takers:
        items.put(None)
    for thread in takers:
        thread.join()
    together = [item for part in got for item in part]
    assert sorted(together) == [(n, m) for n in range(producers) for m in range(each)]
    for part in got:  # one producer's items come in its order
        for own in range(producers):
            numbers = [number for maker, number in part if maker == own]
            assert numbers == sorted(numbers)


@pytest.mark.parametrize("kind", [weft.threading.Lock, weft.threading.RLock])
def test_lock_excludes(kind: Any) -> None:
    lock = kind()
    total = [0]

    def count() -> None:
        for round_ in range(3000):
            if round_ % 3 == 0:
                assert lock.acquire(timeout=LIMIT_S)
            elif round_ % 3 == 1:
                while not lock.acquire(False):
                    time.sleep(0)
            else:
                lock.acquire()
            before = total[0]
            if round_ % 100 == 0:
                time.sleep(0)
            total[0] = before + 1
            lock.release()

    threads = [weft.threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert total == [12000]


def test_bases_work_without_their_subclasses() -> None:
    with _types.LockBase() as taken, _types.RLockBase() as taken_again:
        assert taken
        assert taken_again
    assert not _types.EventBase().wait(0)
