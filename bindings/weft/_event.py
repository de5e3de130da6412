"""Event: Python's, over the runtime's."""

from __future__ import annotations

import warnings

from weft._types import EventBase


class Event(EventBase):
    """A flag that threads wait for, as `threading.Event`.

    set() releases every thread that waits, also if clear() follows at once.
    """

    __module__ = "weft.threading"

    def __init__(self) -> None:
        """Make an event whose flag is clear."""

    def isSet(self) -> bool:
        """Return whether the flag is set: the name before Python 2.6."""
        warnings.warn(
            "isSet() is deprecated, use is_set() instead", DeprecationWarning, stacklevel=2
        )
        return self.is_set()

    def __repr__(self) -> str:
        kind = type(self)
        status = "set" if self.is_set() else "unset"
        return f"<{kind.__module__}.{kind.__qualname__} at {id(self):#x}: {status}>"
