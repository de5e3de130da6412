"""Semaphore and BoundedSemaphore: Python's, over the runtime's."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Final

from weft._native import ffi, lib
from weft._wait import FOREVER, INTERRUPTED, OK, PAST, wait_deadline

if TYPE_CHECKING:
    from weft._native import CData

_new = ffi.new
_SEMAPHORE = ffi.typeof("weft_semaphore *")
_UNLIMITED: Final = 2**32 - 1
_try = lib.weft_semaphore_try
_acquire = lib.semaphore_acquire


class Semaphore:
    """A count that acquire() takes from and release() adds to, as `threading.Semaphore`."""

    __module__ = "weft.threading"

    _native: CData

    def __init__(self, value: int = 1) -> None:
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._native = _new(_SEMAPHORE)
        lib.semaphore_init(self._native, value, self._limit(value))

    def _limit(self, value: int) -> int:
        return _UNLIMITED

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """Take one, if need be wait for one; False if there is none (in time)."""
        if not blocking and timeout is not None:
            raise ValueError("can't specify timeout for non-blocking acquire")
        if _try(self._native):
            return True
        if not blocking:
            return self._acquire_until(PAST)
        if timeout is not None:
            time.monotonic() + timeout  # raises the TypeError that threading.Semaphore raises
        return self._acquire_until(wait_deadline(timeout))

    def _acquire_until(self, deadline: int) -> bool:
        while (status := _acquire(self._native, deadline)) == INTERRUPTED:
            pass
        return status == OK

    def __enter__(self) -> bool:
        return _try(self._native) or self._acquire_until(FOREVER)

    def release(self, n: int = 1) -> None:
        """Add n, and release as many threads that wait."""
        if n < 1:
            raise ValueError("n must be one or more")
        if lib.semaphore_release(self._native, n):
            raise ValueError("Semaphore released too many times")

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    @property
    def _value(self) -> int:
        return lib.weft_semaphore_count(self._native)

    @property
    def _waiters(self) -> int:
        return lib.weft_semaphore_waiting(self._native)

    def __repr__(self) -> str:
        kind = type(self)
        return f"<{kind.__module__}.{kind.__qualname__} at {id(self):#x}: value={self._value}>"


class BoundedSemaphore(Semaphore):
    """A semaphore whose count never passes its first value, as `threading.BoundedSemaphore`."""

    __module__ = "weft.threading"

    def __init__(self, value: int = 1) -> None:
        super().__init__(value)
        self._initial_value = value

    def _limit(self, value: int) -> int:
        return value

    def __repr__(self) -> str:
        kind = type(self)
        return (
            f"<{kind.__module__}.{kind.__qualname__} at {id(self):#x}: "
            f"value={self._value}/{self._initial_value}>"
        )
