"""CPython's queue for MicroPython: Queue, LifoQueue, PriorityQueue and SimpleQueue.

A queue's `mutex` guards all that it holds; `not_empty`, `not_full` and `all_tasks_done` are
conditions of that lock.
"""

import heapq
import threading


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
        self.mutex = threading.Lock()
        self.not_empty = threading.Condition(self.mutex)
        self.not_full = threading.Condition(self.mutex)
        self.all_tasks_done = threading.Condition(self.mutex)
        self.unfinished_tasks = 0
        self.is_shutdown = False

    # What another order of items overrides.

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
            if self.maxsize > 0:
                has_room = lambda: self._qsize() < self.maxsize or self.is_shutdown
                if not _await(self.not_full, has_room, block, timeout):
                    raise Full
            if self.is_shutdown:
                raise ShutDown
            self._put(item)
            self.unfinished_tasks += 1
            self.not_empty.notify()

    def get(self, block=True, timeout=None):
        """Take the next item. Raises Empty without one, at once or after the timeout; ShutDown."""
        with self.not_empty:
            has_item = lambda: self._qsize() or self.is_shutdown
            if not _await(self.not_empty, has_item, block, timeout):
                raise Empty
            if not self._qsize():
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
            self.all_tasks_done.wait_for(lambda: self.unfinished_tasks == 0)

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


def _await(condition, predicate, block, timeout):
    if not block:
        return predicate()
    if timeout is not None and timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    return condition.wait_for(predicate, timeout)


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


class SimpleQueue:
    """First in, first out, without a limit and without counting tasks."""

    def __init__(self):
        self._items = []
        self._changed = threading.Condition(threading.Lock())

    def put(self, item, block=True, timeout=None):
        """Add an item; never waits."""
        with self._changed:
            self._items.append(item)
            self._changed.notify()

    def get(self, block=True, timeout=None):
        """Take the next item. Raises Empty without one, at once or after the timeout."""
        with self._changed:
            if not _await(self._changed, lambda: bool(self._items), block, timeout):
                raise Empty
            return self._items.pop(0)

    put_nowait = put

    def get_nowait(self):
        """Take the next item without waiting."""
        return self.get(False)

    def qsize(self):
        """Return how many items there are now."""
        return len(self._items)

    def empty(self):
        """Whether there is no item now."""
        return not self._items
