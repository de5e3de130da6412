"""Python's `queue`, over the runtime's locks and conditions.

The classes are subclasses of the standard library's, so isinstance and Empty and Full hold across
both. shutdown() and ShutDown, which came with Python 3.13, are there on every Python.
"""

from __future__ import annotations

import queue as _stdlib
from queue import Empty, Full
from typing import TYPE_CHECKING, Any, TypeVar

from weft._condition import Condition
from weft._lock import Lock
from weft._types import SimpleQueue
from weft._wait import FOREVER, PAST, wait_deadline

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

T = TypeVar("T")


class Queue(_stdlib.Queue[T]):
    """First in, first out, as `queue.Queue`: with maxsize of 0 or less, without limit.

    Subclasses may override _init, _qsize, _put and _get, which are called with the mutex held.
    """

    __module__ = "weft.queue"

    mutex: Any
    not_empty: Any  # the conditions share the mutex
    not_full: Any
    all_tasks_done: Any

    def __init__(self, maxsize: int = 0) -> None:
        self.maxsize = maxsize
        self._init(maxsize)
        self.mutex = Lock()
        self.not_empty = Condition(self.mutex)
        self.not_full = Condition(self.mutex)
        self.all_tasks_done = Condition(self.mutex)
        self.unfinished_tasks = 0
        self.is_shutdown = False

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        """Add an item; wait for room if need be. Full if there is none (in time)."""
        with self.mutex:
            if self.is_shutdown:
                raise ShutDown
            if self.maxsize > 0:
                self._wait_for_room(block, timeout)
            self._put(item)
            self.unfinished_tasks += 1
            self.not_empty._notify_one()

    def _wait_for_room(self, block: bool, timeout: float | None) -> None:
        deadline = _deadline(block, timeout)
        while self._qsize() >= self.maxsize:
            if deadline == PAST or not (
                self.not_full._wait_native(deadline) or self._qsize() < self.maxsize
            ):
                raise Full
            if self.is_shutdown:
                raise ShutDown

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        """Take an item; wait for one if need be. Empty if there is none (in time)."""
        deadline = FOREVER if timeout is None and block else _deadline(block, timeout)
        with self.mutex:
            while not self._qsize():
                if self.is_shutdown:
                    raise ShutDown
                if deadline == PAST or not (self.not_empty._wait_native(deadline) or self._qsize()):
                    raise Empty
            item = self._get()
            self.not_full._notify_one()
            return item

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


def _deadline(block: bool, timeout: float | None) -> int:
    if not block:
        return PAST
    if timeout is None:
        return FOREVER
    if timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    return wait_deadline(timeout)


class PriorityQueue(Queue[T], _stdlib.PriorityQueue[T]):  # type: ignore[type-var]
    """The lowest item first, as `queue.PriorityQueue`."""

    __module__ = "weft.queue"


class LifoQueue(Queue[T], _stdlib.LifoQueue[T]):
    """Last in, first out, as `queue.LifoQueue`."""

    __module__ = "weft.queue"
