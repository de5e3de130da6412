"""Ctrl-C and other signals reach the main thread in every wait, and leave all in order.

`pytest tests/bindings/test_interrupt.py -s` shows how long Ctrl-C took.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading as stdlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from interpreter import command, environment
from weft import Barrier, Condition, Event, Lock, RLock, Semaphore, Thread
from weft.queue import Queue, SimpleQueue

pytestmark = pytest.mark.skipif(os.name == "nt", reason="os.kill() is no Ctrl-C on Windows")

LIMIT = 60
"""Seconds within which the signal has to show."""

AGAIN = 5
"""Seconds after which it is sent again: as for CPython's locks, one that comes just before the
thread falls asleep is seen with the next one only."""


LOOKS = 20
"""In a wait is who sleeps, at one place, at so many looks with the GIL free in between."""


def main_thread_sleeps() -> bool:
    """Whether the system says so; where it says nothing, True."""
    try:
        status = Path(f"/proc/self/task/{os.getpid()}/stat").read_text("ascii")
    except FileNotFoundError:
        return True
    return status.rpartition(")")[2].split()[0] == "S"


def until_main_thread_waits() -> None:
    main = stdlib.main_thread().ident
    assert main is not None
    seen, place = 0, None
    while seen < LOOKS:
        frame = sys._current_frames()[main]
        before, place = place, (frame, frame.f_lasti)
        seen = seen + 1 if place == before and main_thread_sleeps() else 0
        time.sleep(0.001)


class Sender:
    """A thread that sends this process a signal, once the main thread is in a wait of weft's."""

    def __init__(self, number: int, until: Callable[[], bool]) -> None:
        self.number = number
        self.until = until
        self.sent = 0.0
        self.thread = stdlib.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        until_main_thread_waits()
        end = time.monotonic() + LIMIT
        while not self.until() and time.monotonic() < end:
            self.sent = time.monotonic()
            os.kill(os.getpid(), self.number)
            again = self.sent + AGAIN
            while not self.until() and time.monotonic() < again:
                time.sleep(0.0001)


def interrupt(wait: Callable[[], object]) -> None:
    """Assert that wait() ends with KeyboardInterrupt."""
    arrived = 0.0
    sender = Sender(signal.SIGINT, lambda: arrived > 0)
    sender.thread.start()
    with pytest.raises(KeyboardInterrupt):
        try:
            wait()
        finally:
            arrived = time.monotonic()
    sender.thread.join()
    latency = arrived - sender.sent
    print(f"Ctrl-C after {latency * 1000:.2f} ms")
    assert latency < LIMIT


@contextmanager
def held(lock: Any) -> Iterator[None]:
    """Have another thread hold the lock."""
    taken, let_go = Event(), Event()

    def hold() -> None:
        with lock:
            taken.set()
            let_go.wait()

    thread = Thread(target=hold, daemon=True)
    thread.start()
    taken.wait()
    yield
    let_go.set()
    thread.join()


@pytest.mark.parametrize("timeout", [None, 1000], ids=["forever", "with_a_limit"])
class TestKeyboardInterrupt:
    def test_event(self, timeout: float | None) -> None:
        event = Event()
        interrupt(lambda: event.wait(timeout))
        assert event._waiters == 0
        assert event.wait(0) is False
        event.set()
        assert event.wait() is True

    def test_join(self, timeout: float | None) -> None:
        stop = Event()
        thread = Thread(target=stop.wait)
        thread.start()
        interrupt(lambda: thread.join(timeout))
        assert thread.is_alive()
        stop.set()
        thread.join()
        assert not thread.is_alive()

    @pytest.mark.parametrize("kind", [Lock, RLock])
    def test_lock(self, kind: Any, timeout: float | None) -> None:
        lock = kind()
        with held(lock):
            interrupt(lambda: lock.acquire(timeout=-1 if timeout is None else timeout))
            interrupt(lock.__enter__)
        assert lock.acquire() is True
        lock.release()
        with pytest.raises(RuntimeError):
            lock.release()

    @pytest.mark.parametrize("kind", [Lock, RLock, stdlib.Lock])
    def test_condition(self, kind: Any, timeout: float | None) -> None:
        condition = Condition(kind())

        def wait() -> None:
            with condition:
                condition.wait(timeout)

        interrupt(wait)
        assert condition._waiters == 0
        with condition:
            assert condition.wait(0) is False
            condition.notify()

    def test_semaphore(self, timeout: float | None) -> None:
        semaphore = Semaphore(0)
        interrupt(lambda: semaphore.acquire(timeout=timeout))
        assert semaphore._waiters == 0
        semaphore.release()
        assert semaphore.acquire(False) is True
        assert semaphore.acquire(False) is False

    def test_barrier(self, timeout: float | None) -> None:
        barrier = Barrier(2)
        interrupt(lambda: barrier.wait(timeout))
        assert (barrier.n_waiting, barrier.broken) == (0, False)  # as in CPython
        thread = Thread(target=barrier.wait)
        thread.start()
        barrier.wait()
        thread.join()

    def test_queue_get(self, timeout: float | None) -> None:
        queue: Queue[int] = Queue()
        interrupt(lambda: queue.get(timeout=timeout))
        queue.put(1)
        assert queue.get() == 1

    def test_queue_put(self, timeout: float | None) -> None:
        queue: Queue[int] = Queue(1)
        queue.put(1)
        interrupt(lambda: queue.put(2, timeout=timeout))
        assert queue.get() == 1
        assert queue.empty()

    def test_simple_queue(self, timeout: float | None) -> None:
        queue = SimpleQueue()
        interrupt(lambda: queue.get(timeout=timeout))
        queue.put(1)
        assert queue.get() == 1
        assert queue.empty()


def test_interrupted_condition_passes_its_notification_on() -> None:
    condition = Condition()
    woken = Event()

    def other() -> None:
        with condition:
            condition.wait()
        woken.set()

    def wait() -> None:
        with condition:
            condition.wait()

    interrupt(wait)
    thread = Thread(target=other)
    thread.start()
    while condition._waiters != 1:
        time.sleep(0.001)
    with condition:
        condition.notify()
    assert woken.wait(LIMIT)
    thread.join()


@contextmanager
def on_signal(handler: Callable[[], object], calls: list[int]) -> Iterator[Sender]:
    """Have SIGUSR1 call handler() while the main thread waits; `calls` grows with each call."""

    def handle(number: int, frame: object) -> None:
        handler()
        calls.append(number)

    before = signal.signal(signal.SIGUSR1, handle)
    sender = Sender(signal.SIGUSR1, lambda: bool(calls))
    sender.thread.start()
    try:
        yield sender
    finally:
        sender.thread.join()
        signal.signal(signal.SIGUSR1, before)


def test_handler_sets_what_is_waited_for() -> None:
    event = Event()
    calls: list[int] = []
    with on_signal(event.set, calls):
        assert event.wait(LIMIT) is True
    assert calls


def test_handler_sets_and_clears_what_is_waited_for() -> None:
    event = Event()
    calls: list[int] = []

    def flash() -> None:
        event.set()
        event.clear()

    with on_signal(flash, calls):
        assert event.wait(LIMIT) is True
    assert not event.is_set()


def test_handler_that_waits_itself() -> None:
    outer, inner = Event(), Event()
    lock, condition, queue = Lock(), Condition(), SimpleQueue()
    calls: list[int] = []

    def handler() -> None:
        assert inner.wait(0.01) is False
        thread = Thread(target=queue.put, args=(1,))
        thread.start()
        thread.join()
        assert queue.get() == 1
        with lock, condition:
            condition.wait(0.01)
        outer.set()

    with on_signal(handler, calls):
        assert outer.wait(LIMIT) is True
    assert calls


def test_wait_goes_on_after_a_handler() -> None:
    event = Event()
    calls: list[int] = []
    with on_signal(lambda: None, calls):
        begin = time.monotonic()
        assert event.wait(0.3) is False
        assert time.monotonic() - begin >= 0.3
        while not calls:  # it came late: it must not reach the code after the test
            event.wait(0.001)


def test_handler_that_raises() -> None:
    event = Event()

    def fail() -> None:
        calls.append(0)
        raise KeyError("handler")

    calls: list[int] = []
    with on_signal(fail, calls), pytest.raises(KeyError):
        event.wait(LIMIT)
    event.set()
    assert event.wait() is True


def test_interrupt_while_the_exit_waits() -> None:
    # The thread writes without sys.stdout: CPython aborts if it ends while a thread has its lock.
    code = """
import os, time
def work():
    while threading.main_thread().is_alive():
        time.sleep(0.001)
    os.write(1, b"main has ended\\n")
    time.sleep(1000)
threading.Thread(target=work).start()
"""
    with subprocess.Popen(
        command(code), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"main has ended\n"
            for _ in range(LIMIT // AGAIN):
                process.send_signal(signal.SIGINT)
                try:
                    _, errors = process.communicate(timeout=AGAIN)
                    break
                except subprocess.TimeoutExpired:
                    continue
            else:
                pytest.fail("Ctrl-C did not end the wait for the threads")
        finally:
            process.kill()
    assert b"KeyboardInterrupt" in errors
    assert process.returncode == 0, errors  # as in CPython, where it is only reported
