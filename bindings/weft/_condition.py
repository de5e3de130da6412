"""Condition and Barrier.

With a lock of weft's, a wait is one call of the runtime, which releases the lock, waits and takes
the lock again. Any other lock, whatever has acquire() and release(), is asked from here.
"""

from __future__ import annotations

import threading as _stdlib
import time
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from weft._lock import Lock, RLock
from weft._types import ConditionBase

_ALL = 2**32 - 1

T = TypeVar("T")


class Condition(ConditionBase):
    """Wait for a change of what a lock guards, as `threading.Condition`.

    First come, first notified. The lock is an RLock unless another is given.
    """

    __module__ = "weft.threading"

    _lock: Any

    def __init__(self, lock: Any = None) -> None:
        if lock is None:
            lock = RLock()
        self._lock = lock
        kind = type(lock)
        self._bound = lock  # for good, whatever becomes of _lock: it is bound by its address
        self._bind(lock if kind is Lock else None, lock if kind is RLock else None)
        self.acquire = lock.acquire
        self.release = lock.release

    def __repr__(self) -> str:
        return f"<Condition({self._lock}, {self._waiters})>"

    def wait_for(self, predicate: Callable[[], T], timeout: float | None = None) -> T:
        """Wait until predicate() is true, and return its last value."""
        result = predicate()
        if timeout is None:
            while not result:
                self.wait()
                result = predicate()
            return result
        end = None
        while not result:
            if end is None:
                end = time.monotonic() + timeout
                remaining = timeout
            else:
                remaining = end - time.monotonic()
            if not remaining > 0:  # nan ends the wait too
                break
            self.wait(remaining)
            result = predicate()
        return result

    def notify_all(self) -> None:
        """Notify every waiter. The caller holds the lock."""
        self.notify(_ALL)

    def notifyAll(self) -> None:
        """Notify every waiter: the name before Python 2.6."""
        warnings.warn(
            "notifyAll() is deprecated, use notify_all() instead", DeprecationWarning, stacklevel=2
        )
        self.notify_all()

    def _at_fork_reinit(self) -> None:
        self._lock._at_fork_reinit()
        self._renew()

    # Asked where the lock is not weft's.

    def _is_owned(self) -> bool:
        lock = self._lock
        if hasattr(lock, "_is_owned"):
            owned: bool = lock._is_owned()
            return owned
        if lock.acquire(False):
            lock.release()
            return False
        return True

    def _release_save(self) -> object:
        lock = self._lock
        return lock._release_save() if hasattr(lock, "_release_save") else lock.release()

    def _acquire_restore(self, saved: object) -> None:
        lock = self._lock
        if hasattr(lock, "_acquire_restore"):
            lock._acquire_restore(saved)
        else:
            lock.acquire()


class Barrier(_stdlib.Barrier):
    """A fixed number of threads that meet, as `threading.Barrier`, over a Condition of weft's."""

    __module__ = "weft.threading"

    def __init__(
        self,
        parties: int,
        action: Callable[[], None] | None = None,
        timeout: float | None = None,
    ) -> None:
        super().__init__(parties, action, timeout)
        self._cond = Condition(Lock())
