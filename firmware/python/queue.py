"""CPython's queue for MicroPython: Queue, LifoQueue, PriorityQueue and SimpleQueue.

A queue's `mutex` guards all that it holds. `not_empty`, `not_full` and `all_tasks_done` are
conditions of that lock. Every method goes through them, so a program may replace them.
As in CPython, a call that might block refuses a timeout of less than 0. A call of a Queue that has
to block refuses a timeout that is too long.
"""

import heapq
import threading
from _weft import TIMEOUT_MAX, Semaphore, deferring_lock
from _weft import monotonic as time


class Empty(Exception):
    """get() found nothing within its timeout."""


class Full(Exception):
    """put() found no room within its timeout."""


class ShutDown(Exception):
    """The queue was shut down."""


class Queue:
    """First in, first out. maxsize 0 means that there is no limit."""

    def __init__(self, maxsize=0):
        self.maxsize = maxsize
        self._init(maxsize)
        self.mutex = deferring_lock()
        self.not_empty = threading.Condition(self.mutex)
        self.not_full = threading.Condition(self.mutex)
        self.all_tasks_done = threading.Condition(self.mutex)
        self.unfinished_tasks = 0
        self.is_shutdown = False

    # A subclass with another order of items overrides these.

    def _init(self, maxsize):
        self.queue = []

    def _qsize(self):
        return len(self.queue)

    def _put(self, item):
        self.queue.append(item)

    def _get(self):
        return self.queue.pop(0)

    def qsize(self):
        """Return how many items there are now."""
        with self.mutex:
            return self._qsize()

    def empty(self):
        """Whether there is no item now."""
        return self.qsize() == 0

    def full(self):
        """Whether there is no room now."""
        return 0 < self.maxsize <= self.qsize()

    def put(self, item, block=True, timeout=None):
        """Add an item. Raises Full without room, at once or after the timeout; ShutDown."""
        with self.not_full:
            if self.is_shutdown:
                raise ShutDown
            if self.maxsize > 0:
                deadline = None if timeout is None or not block else _deadline(timeout)
                while self._qsize() >= self.maxsize:
                    if not block:
                        raise Full
                    self.not_full.wait(None if deadline is None else _left(deadline, Full))
                    if self.is_shutdown:
                        raise ShutDown
            self._put(item)
            self.unfinished_tasks += 1
            self.not_empty.notify()

    def get(self, block=True, timeout=None):
        """Take the next item. Raises Empty without one, at once or after the timeout; ShutDown."""
        with self.not_empty:
            if self.is_shutdown and not self._qsize():
                raise ShutDown
            deadline = None if timeout is None or not block else _deadline(timeout)
            while not self._qsize():
                if not block:
                    raise Empty
                self.not_empty.wait(None if deadline is None else _left(deadline, Empty))
                if self.is_shutdown and not self._qsize():
                    raise ShutDown
            item = self._get()
            self.not_full.notify()
            return item

    def put_nowait(self, item):
        """Add an item without waiting."""
        self.put(item, False)

    def get_nowait(self):
        """Take the next item without waiting."""
        return self.get(False)

    def task_done(self):
        """Say that the work on one item that was taken is done."""
        with self.all_tasks_done:
            if self.unfinished_tasks <= 0:
                raise ValueError("task_done() called too many times")
            self.unfinished_tasks -= 1
            if self.unfinished_tasks == 0:
                self.all_tasks_done.notify_all()

    def join(self):
        """Wait until the work on every item is done."""
        with self.all_tasks_done:
            while self.unfinished_tasks:
                self.all_tasks_done.wait()

    def shutdown(self, immediate=False):
        """Let put() raise ShutDown, and get() too once the queue is empty (at once: `immediate`)."""
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


def _deadline(timeout):
    if timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    return time() + timeout


def _left(deadline, too_late):
    left = deadline - time()
    if left <= 0:
        raise too_late
    return left


class LifoQueue(Queue):
    """Last in, first out."""

    def _get(self):
        return self.queue.pop()


class PriorityQueue(Queue):
    """The smallest item first."""

    def _put(self, item):
        heapq.heappush(self.queue, item)

    def _get(self):
        return heapq.heappop(self.queue)


def _refuse(timeout):
    if timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    if timeout > TIMEOUT_MAX:
        raise OverflowError("timeout value is too large")
    raise ValueError("Invalid value NaN (not a number)")


class SimpleQueue:
    """First in, first out, without a limit and without counting tasks.

    put() may be called anywhere, also by a callback or a __del__ that interrupts this queue's own
    methods: put() takes no lock. _count is how many of _items nobody has claimed. A caller that
    takes one from _count finds an item, because put() first adds the item and then counts it.
    """

    def __init__(self):
        self._items = []
        self._count = Semaphore(0)

    def put(self, item, block=True, timeout=None):
        """Add an item; never waits."""
        self._items.append(item)
        self._count.release()

    def get(self, block=True, timeout=None):
        """Take the next item. Raises Empty without one, at once or after the timeout."""
        if not block:
            timeout = None
        elif timeout is not None and not 0 <= timeout <= TIMEOUT_MAX:
            _refuse(timeout)
        if not self._count.acquire(bool(block), timeout):
            raise Empty
        return self._items.pop(0)

    def put_nowait(self, item):
        """Add an item; never waits."""
        self.put(item)

    def get_nowait(self):
        """Take the next item without waiting."""
        return self.get(False)

    def qsize(self):
        """Return how many items there are now."""
        return len(self._items)

    def empty(self):
        """Whether there is no item now."""
        return not self._items
