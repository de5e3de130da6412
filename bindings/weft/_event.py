"""Event: Python's, over the runtime's."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from weft._native import ffi, lib
from weft._wait import INTERRUPTED, OK, wait_deadline

if TYPE_CHECKING:
    from weft._native import CData

_new = ffi.new
_EVENT = ffi.typeof("ordered_event *")
_is_set = lib.event_is_set
_set = lib.event_set
_clear = lib.event_clear
_wait = lib.event_wait
_NO_MEMORY = lib.WEFT_NO_MEMORY


class Event:
    """A flag that threads wait for, as `threading.Event`.

    set() releases every thread that waits, also if clear() follows at once.
    """

    __module__ = "weft.threading"

    _native: CData

    def __init__(self) -> None:
        self._native = _new(_EVENT)

    def is_set(self) -> bool:
        """Return whether the flag is set."""
        return _is_set(self._native)

    def set(self) -> None:
        """Set the flag and release every thread that waits."""
        _set(self._native)

    def clear(self) -> None:
        """Clear the flag: from now on threads wait."""
        _clear(self._native)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the flag is set, or has been set since the call; False on time-out."""
        if _is_set(self._native):
            return True
        deadline = wait_deadline(timeout)
        observation = lib.event_observe(self._native)
        while (status := _wait(self._native, observation, deadline)) == INTERRUPTED:
            pass
        if status == _NO_MEMORY:
            raise MemoryError
        return status == OK

    def isSet(self) -> bool:
        """Return whether the flag is set: the name before Python 2.6."""
        warnings.warn(
            "isSet() is deprecated, use is_set() instead", DeprecationWarning, stacklevel=2
        )
        return self.is_set()

    @property
    def _waiters(self) -> int:
        return lib.event_waiting(self._native)

    def _at_fork_reinit(self) -> None:
        lib.event_renew(self._native)

    def __repr__(self) -> str:
        kind = type(self)
        status = "set" if self.is_set() else "unset"
        return f"<{kind.__module__}.{kind.__qualname__} at {id(self):#x}: {status}>"
