"""Semaphore and BoundedSemaphore: Python's, over the runtime's."""

from __future__ import annotations

from weft._types import SemaphoreBase


class Semaphore(SemaphoreBase):
    """A count that acquire() takes from and release() adds to, as `threading.Semaphore`."""

    __module__ = "weft.threading"

    def __init__(self, value: int = 1) -> None:
        self._begin(value, False)

    def __repr__(self) -> str:
        kind = type(self)
        return f"<{kind.__module__}.{kind.__qualname__} at {id(self):#x}: value={self._value}>"


class BoundedSemaphore(Semaphore):
    """A semaphore whose count never passes its first value, as `threading.BoundedSemaphore`."""

    __module__ = "weft.threading"

    def __init__(self, value: int = 1) -> None:
        self._begin(value, True)
        self._initial_value = value

    def __repr__(self) -> str:
        kind = type(self)
        return (
            f"<{kind.__module__}.{kind.__qualname__} at {id(self):#x}: "
            f"value={self._value}/{self._initial_value}>"
        )
