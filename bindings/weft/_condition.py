"""Condition and Barrier.

With a lock of weft's, a wait is one call: the runtime releases the lock, waits and takes the lock
again. With any other lock, whatever has acquire() and release(), the same steps are made one by
one from here.
"""

from __future__ import annotations

import threading as _stdlib
import time
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from weft._lock import Lock, RLock
from weft._native import ffi, lib
from weft._types import ConditionBase
from weft._wait import INTERRUPTED, OK, wait_deadline

_CONDITION = ffi.typeof("bound_condition *")
_TICKET = ffi.typeof("condition_ticket *")
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
        self._bind(lock._address if kind is Lock else 0, lock._address if kind is RLock else 0)
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

    # With a lock that is not weft's.

    def _wait_with_foreign_lock(self, timeout: float | None) -> bool:
        if not self._is_owned():
            raise RuntimeError("cannot wait on un-acquired lock")
        deadline = wait_deadline(timeout)
        native = ffi.cast(_CONDITION, self._address)
        ticket = ffi.new(_TICKET)
        status = INTERRUPTED
        try:
            # In the try, because a signal's handler may raise after any call.
            lib.condition_enqueue(native, ticket)
            saved = self._release_save()
            try:
                while (status := lib.condition_sleep(ticket, deadline)) == INTERRUPTED:
                    pass
            finally:
                self._acquire_restore(saved)
        except BaseException:
            if status != OK and lib.condition_cancel(native, ticket):
                lib.condition_notify(native, 1)  # a notification that nobody answers goes on
            raise
        return status == OK or lib.condition_cancel(native, ticket)

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
