"""Misuse raises what CPython raises, with its message, and never harms the interpreter."""

from __future__ import annotations

import math
import queue
import sys
import threading
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
import weft.queue
import weft.threading

STOCK = SimpleNamespace(threading=threading, queue=queue)
WEFT = SimpleNamespace(threading=weft.threading, queue=weft.queue)

HUGE = 1e300
TOO_LONG = threading.TIMEOUT_MAX * 2
TIMEOUTS = {"text": "x", "nan": math.nan, "huge": HUGE, "too_long": TOO_LONG, "list": []}

CALLS = {
    # Waits
    "event": "event.wait({})",
    "lock": "lock.acquire(timeout={})",
    "lock_held": "held.acquire(timeout={})",
    "rlock": "rlock.acquire(timeout={})",
    "condition": "locked_condition.wait({})",
    "condition_not_held": "condition.wait({})",
    "wait_for": "locked_condition.wait_for(lambda: False, {})",
    "semaphore": "semaphore.acquire(timeout={})",
    "barrier": "barrier.wait({})",
    "queue_get": "queue.get(timeout={})",
    "queue_put": "full_queue.put(1, timeout={})",
    "simple_queue": "simple_queue.get(timeout={})",
    "join": "running.join({})",
}
if sys.version_info >= (3, 13):  # before, CPython does not look at the time-out of an ended thread
    CALLS["join_ended"] = "ended.join({})"

# With these, CPython waits for not-a-number seconds for ever, busily.
ENDLESS = ("wait_for", "semaphore", "barrier", "queue_get", "queue_put")

EXPRESSIONS = [
    *(
        CALLS[name].format(value)
        for name in CALLS
        for value in TIMEOUTS
        if value != "nan" or name not in ENDLESS
    ),
    # Time-outs in the past
    *(
        CALLS[name].format(-1)
        for name in CALLS
        if name not in ("lock_held", "lock", "rlock")  # there, -1 is for ever
    ),
    *(CALLS[name].format(-2.5) for name in CALLS),
    # Time-outs that are nearly floats or ints; 3.15 takes fractions
    *(
        CALLS[name].format(value)
        for name in ("event", "lock", "lock_held", "rlock", "condition", "simple_queue", "join")
        for value in ("Fraction(1, 1000)", "Fraction(-1)", "Float(0.001)", "Float('nan')")
    ),
    "lock.acquire(True, True)",
    "lock.acquire(True, Index())",
    "lock.acquire('yes', Index())",
    "lock.acquire([], -1)",
    "event.wait(Index())",
    "running.join(-Index.__index__(None))",
    # Locks
    "lock.release()",
    "rlock.release()",
    "condition.release()",
    "lock.acquire(False, 1)",
    "rlock.acquire(False, 1)",
    "lock.acquire(blocking=0, timeout=2)",
    "lock.acquire(True, None)",
    "semaphore.acquire(False, 1)",
    "semaphore.release(0)",
    "semaphore.release(-1)",
    "semaphore.release('x')",
    "bounded.release()",
    "bounded.release(2)",
    "condition.notify()",
    "condition.notify_all()",
    "locked_condition.notify(-1)",
    "threading.Semaphore(-1)",
    "threading.Semaphore('x')",
    "threading.BoundedSemaphore(-1)",
    "threading.Barrier(0).parties",
    "threading.Barrier(-1).parties",
    "threading.Event(1)",
    "threading.Condition(5)",
    # Threads
    "threading.Thread(5)",
    "threading.Thread(target=5).run()",
    "threading.Thread(args=5).run()",
    "threading.Thread(nonsense=1)",
    "threading.Thread().join()",
    "threading.Thread().join('x')",
    "running.start()",
    "ended.start()",
    "threading.main_thread().start()",
    "threading.current_thread().join()",
    "setattr(running, 'daemon', False)",
    "running.setName()",
    "threading.Timer()",
    "threading.stack_size(-1)",
    "threading.stack_size(1)",
    "threading.stack_size('x')",
    # Queues
    *(
        call.format(value)
        for value in (-1, "'x'", "1e300", "math.inf")
        for call in (  # nobody has to wait
            "queue.put(1, True, {})",
            "module.queue.Queue(2).put(1, True, {})",
            "module.queue.Queue(2).put(1, False, {})",
            "full_queue.get(True, {})",
            "full_queue.get(False, {})",
            "[simple_queue.put(1), simple_queue.get(True, {})]",
            "[simple_queue.put(1), simple_queue.get(False, {})]",
        )
    ),
    "queue.get_nowait()",
    "full_queue.put_nowait(1)",
    "queue.task_done()",
    "simple_queue.get_nowait()",
    "module.queue.Queue('x').put(1)",
]


class Float(float):
    """A float of another type."""


class Index:
    """An int, as it were."""

    def __index__(self) -> int:
        return 1


def outcome(module: Any, expression: str) -> tuple[str, str]:
    """Evaluate the expression with objects of the module; return what came of it."""
    kinds = module.threading
    stop = kinds.Event()
    running = kinds.Thread(target=stop.wait, daemon=True)
    ended = kinds.Thread()
    names = {
        "math": math,
        "Fraction": Fraction,
        "Float": Float,
        "Index": Index,
        "module": module,
        "threading": kinds,
        "event": kinds.Event(),
        "lock": kinds.Lock(),
        "held": kinds.Lock(),
        "rlock": kinds.RLock(),
        "condition": kinds.Condition(),
        "locked_condition": kinds.Condition(),
        "semaphore": kinds.Semaphore(0),
        "bounded": kinds.BoundedSemaphore(1),
        "barrier": kinds.Barrier(2),
        "queue": module.queue.Queue(),
        "full_queue": module.queue.Queue(1),
        "simple_queue": module.queue.SimpleQueue(),
        "running": running,
        "ended": ended,
        **{name: value for name, value in TIMEOUTS.items() if name != "list"},
        "list": TIMEOUTS["list"],
    }
    names["held"].acquire()
    names["locked_condition"].acquire()
    names["full_queue"].put(0)
    running.start()
    ended.start()
    ended.join()
    try:
        result = eval(expression, names)
    except Exception as error:
        return (type(error).__name__, str(error).replace("weft.", ""))
    else:
        return ("returned", repr(result))
    finally:
        stop.set()
        running.join()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_same_outcome(expression: str) -> None:
    assert outcome(WEFT, expression) == outcome(STOCK, expression)


@pytest.mark.parametrize("kind", [threading.Thread, weft.threading.Thread])
@pytest.mark.parametrize("options", [{"target": 5}, {"target": print, "args": 5}])
def test_thread_that_can_not_run(
    kind: Any, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: errors.append(args.exc_type))
    thread = kind(**options)
    thread.start()
    thread.join()
    assert errors == [TypeError]


@pytest.mark.parametrize("name", ENDLESS)
def test_not_a_number_ends(name: str) -> None:
    assert outcome(WEFT, CALLS[name].format("nan"))


def test_lock_can_not_be_subclassed() -> None:
    with pytest.raises(TypeError):
        type("Mine", (weft.threading.Lock,), {})
