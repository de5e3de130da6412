"""Conditions over locks of another make, and misuse of them: as CPython, and never a hang."""

from __future__ import annotations

import _thread
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import weft.threading

MODULES = {"cpython": threading, "weft": weft.threading}


class Minimal:
    """A lock with nothing but what a Condition needs of one."""

    def __init__(self) -> None:
        self._lock = _thread.allocate_lock()

    def acquire(self, *arguments: Any) -> bool:
        return self._lock.acquire(*arguments)

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *exception: object) -> None:
        self.release()


PLAIN: dict[str, Callable[[], Any]] = {
    "of_threading": _thread.allocate_lock,
    "of_weft": weft.threading.Lock,
    "minimal": Minimal,
}


def start(function: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


def waiters(condition: Any) -> int:
    """Return how many wait: weft has a number, CPython a queue of them."""
    found = condition._waiters
    return found if isinstance(found, int) else len(found)


def until_waiting(condition: Any, count: int) -> None:
    while waiters(condition) != count:
        time.sleep(0.001)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("kind", PLAIN)
def test_strangers_notify_while_others_time_out(module: str, kind: str) -> None:
    condition = MODULES[module].Condition(PLAIN[kind]())
    rounds = 200

    def wait() -> None:
        for _ in range(rounds):
            with condition:
                condition.wait(0.0002)

    waiting = [start(wait) for _ in range(3)]
    while any(thread.is_alive() for thread in waiting):
        try:
            condition.notify_all()
        except RuntimeError as error:
            assert str(error) == "cannot notify on un-acquired lock"
    with condition:
        assert not condition.wait(0)
        assert waiters(condition) == 0


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("kind", PLAIN)
def test_stranger_notifies_under_a_lock_that_is_held(module: str, kind: str) -> None:
    condition = MODULES[module].Condition(PLAIN[kind]())
    woken = threading.Event()

    def wait() -> None:
        with condition:
            assert condition.wait(20)
        woken.set()

    thread = start(wait)
    until_waiting(condition, 1)
    with condition:
        start(condition.notify).join()
        assert not woken.is_set()
    assert woken.wait(20)
    thread.join()


@pytest.mark.parametrize("module", MODULES)
def test_rlock_of_threading_refuses_strangers(module: str) -> None:
    condition = MODULES[module].Condition(threading.RLock())
    refused = []

    def misuse() -> None:
        for call in (condition.notify, condition.notify_all, condition.wait):
            with pytest.raises(RuntimeError):
                call()
            refused.append(call)

    with condition:
        start(misuse).join()
    assert len(refused) == 3


class Broken(Exception):
    pass


class Failing(Minimal):
    """Fails to release, or to be taken again, in the wait of a condition."""

    fails_to = ""

    def release(self) -> None:
        if self.fails_to == "release":
            raise Broken
        super().release()

    def acquire(self, *arguments: Any) -> bool:
        if self.fails_to == "acquire" and not arguments:
            raise Broken
        return super().acquire(*arguments)


@pytest.mark.parametrize("fails_to", ["release", "acquire"])
def test_wait_that_fails_leaves_the_queue(fails_to: str) -> None:
    lock = Failing()
    condition = weft.threading.Condition(lock)
    lock.acquire()
    lock.fails_to = fails_to
    for _ in range(100):
        with pytest.raises(Broken):
            condition.wait(0.0001)
        assert condition._waiters == 0
        lock.acquire(False)
    lock.fails_to = ""
    condition.notify_all()
    assert not condition.wait(0)
    lock.release()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("value", [1e10, float("inf")])
def test_too_long_timeout_over_a_foreign_lock(module: str, value: float) -> None:
    condition = MODULES[module].Condition(Minimal())
    with condition:
        with pytest.raises(OverflowError):
            condition.wait(value)
        assert waiters(condition) == 0


@pytest.mark.parametrize("number", [0, -1, 2, 2**40, True])
def test_notify_takes_any_integer(number: int) -> None:
    condition = weft.threading.Condition()
    done: list[int] = []

    def wait() -> None:
        with condition:
            condition.wait(20)
        done.append(0)

    threads = [start(wait) for _ in range(3)]
    until_waiting(condition, 3)
    with condition:
        condition.notify(number)
        assert condition._waiters == max(0, 3 - max(0, number))
        condition.notify_all()
    for thread in threads:
        thread.join()
    assert len(done) == 3
