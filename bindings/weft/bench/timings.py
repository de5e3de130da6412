"""The operations that `weft bench` times: one function each.

A function gets an Api and a count, does the operation that many times, and returns the seconds for
one. A loop costs some nanoseconds by itself, on both sides alike: they are part of the figure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from time import perf_counter
from types import ModuleType
from typing import Any, Final


@dataclass(frozen=True)
class Api:
    """The modules under test, untyped: the standard library's or weft's."""

    threading: Any
    queue: Any


@dataclass(frozen=True)
class Row:
    """An operation: its name, how often a round does it, and the ratio that it must not pass."""

    name: str
    time: Callable[[Api, int], float]
    count: int
    limit: float


ROWS: list[Row] = []
DEFAULT_LIMIT: Final = 1.5


def by_name(name: str) -> Row:
    """Return the row of that name; KeyError if there is none."""
    return {row.name: row for row in ROWS}[name]


def api(threading: ModuleType, queue: ModuleType) -> Api:
    """Return the modules under test as one object."""
    return Api(threading, queue)


def _row(
    name: str, count: int, limit: float = DEFAULT_LIMIT
) -> Callable[[Callable[[Api, int], float]], Callable[[Api, int], float]]:
    def add(function: Callable[[Api, int], float]) -> Callable[[Api, int], float]:
        ROWS.append(Row(name, function, count, limit))
        return function

    return add


def _repeat(count: int, function: Callable[[], object]) -> float:
    start = perf_counter()
    for _ in repeat(None, count):
        function()
    return (perf_counter() - start) / count


def _against(
    api: Api, count: int, here: Callable[[], object], there: Callable[[], object]
) -> float:
    """Time `here`, called in this thread while another calls `there` as often."""
    thread = api.threading.Thread(target=lambda: [there() for _ in repeat(None, count)])
    thread.start()
    seconds = _repeat(count, here)
    thread.join()
    return seconds


@_row("Event round trip, two threads", 2000, limit=0.40)
def event_round_trip(api: Api, count: int) -> float:
    ping, pong = api.threading.Event(), api.threading.Event()

    def here() -> None:
        ping.set()
        pong.wait()
        pong.clear()

    def there() -> None:
        ping.wait()
        ping.clear()
        pong.set()

    return _against(api, count, here, there)


@_row("Lock hand-off round trip", 2000, limit=0.50)
def lock_hand_off(api: Api, count: int) -> float:
    ping, pong = api.threading.Lock(), api.threading.Lock()
    ping.acquire()
    pong.acquire()

    def here() -> None:
        ping.release()
        pong.acquire()

    def there() -> None:
        ping.acquire()
        pong.release()

    return _against(api, count, here, there)


@_row("Queue round trip, two threads", 2000, limit=0.30)
def queue_round_trip(api: Api, count: int) -> float:
    ping, pong = api.queue.Queue(), api.queue.Queue()

    def here() -> None:
        ping.put(None)
        pong.get()

    def there() -> None:
        ping.get()
        pong.put(None)

    return _against(api, count, here, there)


@_row("Condition round trip", 2000, limit=0.70)
def condition_round_trip(api: Api, count: int) -> float:
    condition = api.threading.Condition()
    turn = ["here"]

    def take_turn(own: str, other: str) -> None:
        with condition:
            while turn[0] != own:
                condition.wait()
            turn[0] = other
            condition.notify()

    return _against(
        api, count, lambda: take_turn("here", "there"), lambda: take_turn("there", "here")
    )


@_row("set() + clear()", 5000, limit=0.20)
def set_and_clear(api: Api, count: int) -> float:
    event = api.threading.Event()
    start = perf_counter()
    for _ in repeat(None, count):
        event.set()
        event.clear()
    return (perf_counter() - start) / count


@_row("Event.wait(1.0), already set", 10000, limit=0.40)
def wait_when_set(api: Api, count: int) -> float:
    event = api.threading.Event()
    event.set()
    start = perf_counter()
    for _ in repeat(None, count):
        event.wait(1.0)
    return (perf_counter() - start) / count


@_row("Thread.start()", 50, limit=0.20)
def thread_start(api: Api, count: int) -> float:
    seconds = 0.0
    for _ in repeat(None, count):
        thread = api.threading.Thread(target=int)
        start = perf_counter()
        thread.start()
        seconds += perf_counter() - start
        thread.join()
    return seconds / count


@_row("Thread start() + join()", 50, limit=0.70)
def thread_start_and_join(api: Api, count: int) -> float:
    def start_and_join() -> None:
        thread = api.threading.Thread(target=int)
        thread.start()
        thread.join()

    return _repeat(count, start_and_join)


@_row("wait(1 ms), overshoot", 20, limit=0.70)
def wait_overshoot(api: Api, count: int) -> float:
    event = api.threading.Event()
    return _repeat(count, lambda: event.wait(0.001)) - 0.001


@_row("Event()", 3000, limit=0.30)
def event_construction(api: Api, count: int) -> float:
    return _repeat(count, api.threading.Event)


@_row("Event.is_set()", 20000)
def event_is_set(api: Api, count: int) -> float:
    event = api.threading.Event()
    start = perf_counter()
    for _ in repeat(None, count):
        event.is_set()
    return (perf_counter() - start) / count


@_row("Lock acquire() + release()", 10000)
def lock_pair(api: Api, count: int) -> float:
    lock = api.threading.Lock()
    start = perf_counter()
    for _ in repeat(None, count):
        lock.acquire()
        lock.release()
    return (perf_counter() - start) / count


def _with(manager: Any, count: int) -> float:
    start = perf_counter()
    for _ in repeat(None, count):
        with manager:
            pass
    return (perf_counter() - start) / count


@_row("with lock", 10000)
def with_lock(api: Api, count: int) -> float:
    return _with(api.threading.Lock(), count)


@_row("with rlock", 10000)
def with_rlock(api: Api, count: int) -> float:
    return _with(api.threading.RLock(), count)


@_row("with semaphore", 3000)
def with_semaphore(api: Api, count: int) -> float:
    return _with(api.threading.Semaphore(), count)


@_row("Condition with + notify()", 5000)
def condition_notify(api: Api, count: int) -> float:
    condition = api.threading.Condition()
    start = perf_counter()
    for _ in repeat(None, count):
        with condition:
            condition.notify()
    return (perf_counter() - start) / count


def _put_and_get(queue: Any, count: int) -> float:
    start = perf_counter()
    for _ in repeat(None, count):
        queue.put(None)
        queue.get()
    return (perf_counter() - start) / count


@_row("Queue put() + get(), one thread", 3000)
def queue_put_get(api: Api, count: int) -> float:
    return _put_and_get(api.queue.Queue(), count)


@_row("SimpleQueue put() + get(), one thread", 5000)
def simple_queue_put_get(api: Api, count: int) -> float:
    return _put_and_get(api.queue.SimpleQueue(), count)
