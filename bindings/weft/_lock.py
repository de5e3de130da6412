"""Lock and RLock: Python's, over the runtime's.

The common case, a lock that is free, is one call that keeps the GIL. Everything else (arguments to
check, a wait) goes the slow way.
"""

from __future__ import annotations

import sys
import warnings
from types import TracebackType
from typing import TYPE_CHECKING

from weft._native import ffi, lib
from weft._wait import FOREVER, INTERRUPTED, NO_TIMEOUT, OK, acquire_deadline

if TYPE_CHECKING:
    from weft._native import CData

_new = ffi.new
_LOCK = ffi.typeof("weft_lock *")
_RLOCK = ffi.typeof("weft_rlock *")
_lock_try = lib.weft_lock_try
_lock_acquire = lib.lock_acquire
_lock_acquire_forever = lib.lock_acquire_forever
_lock_release = lib.lock_release
_rlock_try = lib.rlock_try_in_order
_rlock_acquire = lib.rlock_acquire
_rlock_release = lib.rlock_release
_OVERFLOW = lib.WEFT_OVERFLOW


class Lock:
    """A lock that any thread may release, as `threading.Lock`."""

    __module__ = "weft.threading"
    __slots__ = ("__weakref__", "_native")

    _native: CData

    def __init__(self) -> None:
        self._native = _new(_LOCK)

    def __init_subclass__(cls) -> None:
        raise TypeError("type 'weft.threading.Lock' is not an acceptable base type")

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock and return True; False if it can't be had (in time)."""
        if timeout is NO_TIMEOUT and blocking is True:
            while not _lock_acquire_forever(self._native):
                pass
            return True
        return self._acquire_until(acquire_deadline(blocking, timeout))

    def _acquire_until(self, deadline: int) -> bool:
        while (status := _lock_acquire(self._native, deadline)) == INTERRUPTED:
            pass
        return status == OK

    def release(self) -> None:
        """Let go of the lock; RuntimeError if it is not held."""
        if not _lock_release(self._native):
            raise RuntimeError("release unlocked lock")

    def locked(self) -> bool:
        """Return whether somebody holds the lock."""
        return lib.weft_lock_is_held(self._native)

    def __enter__(self) -> bool:
        return _lock_try(self._native) or self._acquire_until(FOREVER)

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        if not _lock_release(self._native):
            raise RuntimeError("release unlocked lock")

    def _at_fork_reinit(self) -> None:
        lib.lock_renew(self._native)

    def __repr__(self) -> str:
        state = "locked" if self.locked() else "unlocked"
        kind = type(self)
        return f"<{state} {kind.__module__}.{kind.__qualname__} object at {id(self):#x}>"

    # The names before Python 1.5, which lock objects have kept.
    acquire_lock = acquire
    release_lock = release
    locked_lock = locked


class RLock:
    """A lock that its owner may take again, as `threading.RLock`."""

    __module__ = "weft.threading"
    __slots__ = ("__weakref__", "_native")

    _native: CData

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Make a lock that is free. All arguments are ignored, as by `threading.RLock`."""
        if (args or kwargs) and sys.version_info >= (3, 13):
            warnings.warn(
                "Passing arguments to RLock is deprecated and will be removed in 3.15",
                DeprecationWarning,
                stacklevel=2,
            )
        self._native = _new(_RLOCK)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock, at once if this thread holds it; False if it can't be had (in time)."""
        if timeout is NO_TIMEOUT:
            if _rlock_try(self._native):
                return True
            if blocking is True:
                return self._acquire_until(FOREVER)
        return self._acquire_until(acquire_deadline(blocking, timeout))

    def _acquire_until(self, deadline: int) -> bool:
        while (status := _rlock_acquire(self._native, deadline)) == INTERRUPTED:
            pass
        if status == _OVERFLOW:
            raise OverflowError("internal lock count overflowed")
        return status == OK

    def release(self) -> None:
        """Undo one acquire; RuntimeError if this thread does not hold the lock."""
        if not _rlock_release(self._native):
            raise RuntimeError("cannot release un-acquired lock")

    def locked(self) -> bool:
        """Return whether somebody holds the lock."""
        return lib.rlock_is_held(self._native)

    def __enter__(self) -> bool:
        return _rlock_try(self._native) or self._acquire_until(FOREVER)

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        if not _rlock_release(self._native):
            raise RuntimeError("cannot release un-acquired lock")

    # What a Condition of anybody's asks of its lock.

    def _is_owned(self) -> bool:
        return lib.weft_rlock_is_owned(self._native)

    def _release_save(self) -> int:
        depth = lib.rlock_release_all(self._native)
        if depth == 0:
            raise RuntimeError("cannot release un-acquired lock")
        return depth

    def _acquire_restore(self, depth: int) -> None:
        while lib.rlock_restore(self._native, depth, FOREVER) == INTERRUPTED:
            pass

    def _recursion_count(self) -> int:
        return lib.weft_rlock_depth(self._native)

    def _at_fork_reinit(self) -> None:
        lib.rlock_renew(self._native)

    def __repr__(self) -> str:
        state = "locked" if self.locked() else "unlocked"
        kind = type(self)
        owner = lib.rlock_owner(self._native)
        return (
            f"<{state} {kind.__module__}.{kind.__qualname__} object owner={owner} "
            f"count={self._recursion_count()} at {id(self):#x}>"
        )
