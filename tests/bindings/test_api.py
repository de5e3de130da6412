"""weft.threading has the names and signatures of threading, the old spellings too."""

from __future__ import annotations

import inspect
import queue
import sysconfig
import threading
import types
from collections.abc import Callable
from typing import Any

import pytest
import weft
import weft.queue
import weft.threading
from interpreter import CPYTHON, run

REPLACED = [
    "Barrier",
    "BoundedSemaphore",
    "Condition",
    "Event",
    "Lock",
    "RLock",
    "Semaphore",
    "Thread",
    "Timer",
]


@pytest.mark.parametrize("name", threading.__all__)
def test_name_is_there(name: str) -> None:
    assert name in weft.threading.__all__
    replaced = getattr(weft.threading, name) is not getattr(threading, name)
    assert replaced == (name in REPLACED), f"replaced: {replaced}"


@pytest.mark.parametrize("name", queue.__all__)
def test_name_of_queue_is_there(name: str) -> None:
    assert name in weft.queue.__all__
    assert getattr(weft.queue, name).__name__ == name


@pytest.mark.parametrize("name", [name for name in vars(queue) if not name.startswith("__")])
def test_undocumented_name_of_queue_is_there(name: str) -> None:
    assert hasattr(weft.queue, name)


def test_queue_uses_its_own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 0.0, 100.0])
    monkeypatch.setattr(weft.queue, "time", lambda: next(times))
    items: Any = weft.queue.Queue()
    monkeypatch.setattr(items.not_empty, "wait", lambda timeout: timeout == 50)
    with pytest.raises(weft.queue.Empty):
        items.get(timeout=50)
    assert list(times) == []


def public_methods(kind: Any) -> list[str]:
    return [name for name in dir(kind) if not name.startswith("_") or name == "__init__"]


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    """Return names, kinds and defaults, or skip what CPython has in C without a signature."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return []
    found = [(item.name, item.kind, item.default) for item in signature.parameters.values()]
    return [parameter for parameter in found if parameter[0] != "self"]


@pytest.mark.parametrize(
    ("stock", "ours"),
    [(threading, weft.threading), (queue, weft.queue)],
    ids=["threading", "queue"],
)
def test_signatures(stock: types.ModuleType, ours: types.ModuleType) -> None:
    names = REPLACED if stock is threading else ["Queue", "LifoQueue", "PriorityQueue"]
    for name in names:
        # Lock and RLock are functions up to Python 3.12: look at what they make.
        kind = getattr(stock, name)
        kind = kind if inspect.isclass(kind) else type(kind())
        for method in public_methods(kind):
            theirs = getattr(kind, method)
            mine = getattr(getattr(ours, name), method, None)
            assert mine is not None, f"{name}.{method} is missing"
            if inspect.isfunction(theirs):
                assert parameters(mine) == parameters(theirs), f"{name}.{method}"


def test_package_has_the_classes() -> None:
    for name in weft.__all__:
        assert getattr(weft, name) is getattr(weft.threading, name)


def test_thread_is_a_thread_of_threading() -> None:
    assert issubclass(weft.threading.Thread, threading.Thread)
    assert issubclass(weft.threading.Timer, weft.threading.Thread)
    assert issubclass(weft.queue.Queue, queue.Queue)
    assert weft.queue.Empty is queue.Empty
    assert weft.threading.BrokenBarrierError is threading.BrokenBarrierError


def test_a_program_can_ask_whether_threads_run_at_once() -> None:
    is_free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    assert weft.threading._is_parallel() in {False, is_free_threaded}


def old_names() -> list[tuple[str, Callable[[], object], object]]:
    thread = weft.threading.Thread(name="old", daemon=True)
    condition = weft.threading.Condition()

    def notify_all() -> None:
        with condition:
            condition.notifyAll()

    return [
        ("isDaemon", thread.isDaemon, True),
        ("setDaemon", lambda: (thread.setDaemon(False), thread.daemon)[1], False),
        ("getName", thread.getName, "old"),
        ("setName", lambda: (thread.setName("new"), thread.name)[1], "new"),
        ("isAlive", thread.isAlive, False),
        ("isSet", weft.threading.Event().isSet, False),
        ("notifyAll", notify_all, None),
        ("activeCount", weft.threading.activeCount, threading.active_count()),
        ("currentThread", weft.threading.currentThread, threading.current_thread()),
    ]


@pytest.mark.parametrize("name", [name for name, _, _ in old_names()])
def test_old_name(name: str) -> None:
    (call, expected) = next((call, value) for old, call, value in old_names() if old == name)
    with pytest.warns(DeprecationWarning, match=name):
        assert call() == expected


def test_old_names_of_a_lock() -> None:
    for lock in (threading.Lock(), weft.threading.Lock()):
        assert lock.acquire_lock() is True
        assert lock.locked_lock() is True
        lock.release_lock()
        assert lock.locked() is False


def test_unknown_python_is_refused_at_import() -> None:
    """A Python to come, whose threading no longer has what weft uses of it."""
    finished = run(
        "import sys, threading\n"
        "sys.version_info = (3, 99, 0, 'final', 0)\n"
        "threading.__dict__.pop('_make_thread_handle', None)\n"
        "import weft.threading\n",
        CPYTHON,
    )
    last = finished.stderr.splitlines()[-1]
    assert last == (
        "ImportError: weft does not know the threads of Python 3.99 (its threading lacks "
        "_make_thread_handle): install a newer weft, or run the program with an older Python"
    )
