"""Python's `queue`, over the runtime's locks and conditions.

The classes are subclasses of the standard library's, so isinstance and Empty and Full hold across
both. shutdown() and ShutDown, which came with Python 3.13, are there on every Python. Names that
are no part of the documented module, such as `queue.deque`, are found here as well.
"""

from __future__ import annotations

import queue as _stdlib
from queue import Empty, Full
from time import monotonic as time
from typing import TYPE_CHECKING, Any, TypeVar

from weft import threading
from weft._types import SimpleQueue

if TYPE_CHECKING:

    class ShutDown(Exception):
        """Raised by get and put of a queue that was shut down."""

else:
    try:
        from queue import ShutDown
    except ImportError:

        class ShutDown(Exception):
            """Raised by get and put of a queue that was shut down."""

            __module__ = "queue"


__all__ = ["Empty", "Full", "LifoQueue", "PriorityQueue", "Queue", "ShutDown", "SimpleQueue"]

SimpleQueue._empty = Empty  # what its get() raises

T = TypeVar("T")


def __getattr__(name: str) -> Any:
    return getattr(_stdlib, name)


class Queue(_stdlib.Queue[T]):
    """First in, first out, as `queue.Queue`: with maxsize of 0 or less, without limit.

    Subclasses may override _init, _qsize, _put and _get, which are called with the mutex held. All
    that waits goes through the conditions of the instance, which a program may replace.
    """

    __module__ = "weft.queue"

    mutex: Any
    not_empty: Any  # the conditions share the mutex
    not_full: Any
    all_tasks_done: Any

    def __init__(self, maxsize: int = 0) -> None:
        self.maxsize = maxsize
        self._init(maxsize)
        self.mutex = threading.Lock()
        self.not_empty = threading.Condition(self.mutex)
        self.not_full = threading.Condition(self.mutex)
        self.all_tasks_done = threading.Condition(self.mutex)
        self.unfinished_tasks = 0
        self.is_shutdown = False

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        """Add an item; wait for room if need be. Full if there is none (in time)."""
        with self.not_full:
            if self.is_shutdown:
                raise ShutDown
            if self.maxsize > 0:
                self._wait_for_room(block, timeout)
            self._put(item)
            self.unfinished_tasks += 1
            self.not_empty.notify()

    def _wait_for_room(self, block: bool, timeout: float | None) -> None:
        end = _end(timeout) if block and timeout is not None else None
        while self._qsize() >= self.maxsize:
            if not block:
                raise Full
            if end is None:
                self.not_full.wait()
            else:
                remaining = end - time()
                if not remaining > 0:  # nan ends the wait too
                    raise Full
                self.not_full.wait(remaining)
            if self.is_shutdown:
                raise ShutDown

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        """Take an item; wait for one if need be. Empty if there is none (in time)."""
        with self.not_empty:
            if timeout is not None or not self._qsize():
                self._wait_for_item(block, timeout)
            item = self._get()
            self.not_full.notify()
            return item

    def _wait_for_item(self, block: bool, timeout: float | None) -> None:
        if self.is_shutdown and not self._qsize():
            raise ShutDown
        end = _end(timeout) if block and timeout is not None else None
        while not self._qsize():
            if not block:
                raise Empty
            if end is None:
                self.not_empty.wait()
            else:
                remaining = end - time()
                if not remaining > 0:  # nan ends the wait too
                    raise Empty
                self.not_empty.wait(remaining)
            if self.is_shutdown and not self._qsize():
                raise ShutDown

    def shutdown(self, immediate: bool = False) -> None:
        """Make put raise ShutDown, and get once the queue is empty; at once if immediate."""
        with self.mutex:
            self.is_shutdown = True
            if immediate:
                while self._qsize():
                    self._get()
                    if self.unfinished_tasks > 0:
                        self.unfinished_tasks -= 1
                self.all_tasks_done.notify_all()
            self.not_empty.notify_all()
            self.not_full.notify_all()


def _end(timeout: float) -> float:
    if timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    return time() + timeout


class PriorityQueue(Queue[T], _stdlib.PriorityQueue[T]):  # type: ignore[type-var]
    """The lowest item first, as `queue.PriorityQueue`."""

    __module__ = "weft.queue"


class LifoQueue(Queue[T], _stdlib.LifoQueue[T]):
    """Last in, first out, as `queue.LifoQueue`."""

    __module__ = "weft.queue"
