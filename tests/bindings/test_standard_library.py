"""weft's threads look like any thread to the rest of Python: logging, hooks, tracers, locals."""

from __future__ import annotations

import faulthandler
import gc
import logging
import sys
import tempfile
import threading as stdlib
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from weft import Event, Thread, threading


def run_thread(target: Callable[[], object], **options: Any) -> Thread:
    thread = Thread(target=target, **options)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    return thread


def test_logging_names_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        thread = run_thread(lambda: logging.debug("hello"), name="worker-7")
    record = caplog.records[0]
    assert (record.threadName, record.thread) == ("worker-7", thread.ident)


def test_standard_library_sees_it() -> None:
    stop = Event()
    seen: list[stdlib.Thread] = []

    def work() -> None:
        seen.append(stdlib.current_thread())
        stop.wait()

    thread = Thread(target=work)
    before = stdlib.active_count()
    thread.start()
    assert thread in stdlib.enumerate()
    assert stdlib.active_count() == before + 1
    assert isinstance(thread, stdlib.Thread)
    stop.set()
    thread.join()
    assert seen == [thread]
    assert thread not in stdlib.enumerate()


def test_repr_is_that_of_a_thread() -> None:
    stop = Event()
    thread = Thread(target=stop.wait, name="shown")
    assert repr(thread) == "<Thread(shown, initial)>"
    thread.start()
    assert repr(thread) == f"<Thread(shown, started {thread.ident})>"
    stop.set()
    thread.join()
    assert repr(thread) == f"<Thread(shown, stopped {thread.ident})>"


def test_native_id() -> None:
    ids: list[int] = []
    thread = Thread(target=lambda: ids.append(threading.get_native_id()))
    assert thread.native_id is None
    thread.start()
    thread.join()
    assert [thread.native_id] == ids
    assert thread.native_id != stdlib.main_thread().native_id


def fail() -> None:
    raise KeyError("in a thread")


@pytest.mark.parametrize("module", [threading, stdlib], ids=["weft", "threading"])
def test_excepthook(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        module, "excepthook", lambda args: seen.append((args.exc_type, args.thread))
    )
    thread = run_thread(fail)
    assert seen == [(KeyError, thread)]


def test_excepthook_is_one() -> None:
    assert threading.excepthook is stdlib.excepthook
    assert threading.__excepthook__ is stdlib.__excepthook__


def test_settrace_and_setprofile() -> None:
    calls: list[str] = []

    def traced() -> None:
        pass

    def hook(frame: Any, event: str, argument: object) -> None:
        if frame.f_code is traced.__code__ and event == "call":
            calls.append("called")

    for install, look in (
        (threading.settrace, threading.gettrace),
        (threading.setprofile, threading.getprofile),
    ):
        before = look()
        install(hook)
        try:
            assert look() is hook
            run_thread(traced)
        finally:
            install(before)  # type: ignore[arg-type]
    assert calls == ["called", "called"]


def wait_here(stop: Event) -> None:
    stop.wait()


def test_faulthandler_shows_its_frames() -> None:
    stop = Event()
    thread = Thread(target=wait_here, args=(stop,))
    thread.start()
    while stop._waiters == 0:
        pass
    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        text = file.read().decode()
    frames = sys._current_frames()
    stop.set()
    thread.join()
    assert "in wait_here" in text
    assert thread.ident in frames


class Local:
    """Something that can be watched, for a thread-local to hold."""


def test_thread_locals_are_gone_after_join() -> None:
    mine = stdlib.local()
    watched: list[weakref.ref[Local]] = []

    def work() -> None:
        mine.value = Local()
        watched.append(weakref.ref(mine.value))

    for _ in range(50):
        run_thread(work)
    assert [reference() for reference in watched] == [None] * 50


def test_finished_thread_is_collected() -> None:
    thread = run_thread(lambda: None)
    reference = weakref.ref(thread)
    del thread
    gc.collect()
    assert reference() is None


def test_thread_started_and_joined_elsewhere() -> None:
    inner = Thread(target=lambda: None)
    run_thread(inner.start)
    run_thread(inner.join)
    assert not inner.is_alive()


def test_weft_and_standard_threads_together() -> None:
    event = Event()
    lock = stdlib.Lock()
    condition = threading.Condition(lock)
    done: list[str] = []

    def work(name: str) -> None:
        event.wait()
        with condition:
            done.append(name)
            condition.notify()

    threads = [Thread(target=work, args=("weft",)), stdlib.Thread(target=work, args=("stdlib",))]
    for thread in threads:
        thread.start()
    event.set()
    with condition:
        assert condition.wait_for(lambda: len(done) == 2, timeout=20)
    for thread in threads:
        thread.join()


def test_thread_pool_of_the_standard_library() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda number: number * number, range(20))) == [
            number * number for number in range(20)
        ]
