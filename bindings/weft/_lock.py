"""Lock and RLock: Python's, over the runtime's."""

from __future__ import annotations

import sys
import warnings

from weft._types import LockBase, RLockBase


class Lock(LockBase):
    """A lock that any thread may release, as `threading.Lock`."""

    __module__ = "weft.threading"
    __slots__ = ()

    def __init_subclass__(cls) -> None:
        raise TypeError("type 'weft.threading.Lock' is not an acceptable base type")

    def __repr__(self) -> str:
        state = "locked" if self.locked() else "unlocked"
        kind = type(self)
        return f"<{state} {kind.__module__}.{kind.__qualname__} object at {id(self):#x}>"


class RLock(RLockBase):
    """A lock that its owner may take again, as `threading.RLock`."""

    __module__ = "weft.threading"
    __slots__ = ()

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Make a lock that is free. All arguments are ignored, as by `threading.RLock`."""
        if (args or kwargs) and sys.version_info >= (3, 13):
            warnings.warn(
                "Passing arguments to RLock is deprecated and will be removed in 3.15",
                DeprecationWarning,
                stacklevel=2,
            )

    def __repr__(self) -> str:
        state = "locked" if self.locked() else "unlocked"
        kind = type(self)
        return (
            f"<{state} {kind.__module__}.{kind.__qualname__} object owner={self._owner} "
            f"count={self._recursion_count()} at {id(self):#x}>"
        )
