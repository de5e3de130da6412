"""How a time-out of Python becomes a deadline of the runtime, and what a wait returns.

A wait in weft is a loop: `while wait(..., deadline) == INTERRUPTED: pass`. The runtime returns
INTERRUPTED when a signal came, and the interpreter runs the signal's handler between two rounds.
"""

from __future__ import annotations

from _thread import allocate_lock
from typing import Final

from weft._native import lib

OK: Final[int] = lib.WEFT_OK
TIMEDOUT: Final[int] = lib.WEFT_TIMEDOUT
INTERRUPTED: Final[int] = lib.WEFT_INTERRUPTED
FOREVER: Final[int] = lib.WEFT_FOREVER
PAST: Final = 0
"""A deadline that has passed: the wait is a try."""

NO_TIMEOUT: Final = -1
"""The time-out that Lock.acquire takes for none."""


def check_acquire(blocking: object, timeout: float) -> None:
    """Raise what the running Python raises for `Lock().acquire(blocking, timeout)`."""
    allocate_lock().acquire(blocking, timeout)  # type: ignore[arg-type]


def acquire_deadline(blocking: object, timeout: float = NO_TIMEOUT) -> int:
    """Return the deadline for `Lock.acquire(blocking, timeout)`; raise as Python's lock does."""
    check_acquire(blocking, timeout)
    if not blocking:
        return PAST
    if timeout == NO_TIMEOUT:
        return FOREVER
    return _from_now(timeout)


def wait_deadline(timeout: float | None) -> int:
    """Return the deadline for `Condition.wait(timeout)`: None is for ever, 0 or less is a try."""
    if timeout is None:
        return FOREVER
    if timeout > 0:
        check_acquire(True, timeout)
        return _from_now(timeout)
    return PAST


def simple_queue_deadline(block: object, timeout: float | None) -> int:
    """Return the deadline for `SimpleQueue.get(block, timeout)`; raise as Python's does."""
    if not block:
        return PAST
    if isinstance(timeout, (int, float)) and timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    if timeout is not None:
        check_acquire(True, timeout)
    return wait_deadline(timeout)


def _from_now(timeout: float) -> int:
    """Round up, so that no wait ends early; the runtime's clock starts near 0, so it fits."""
    return min(lib.weft_clock_now() + int(timeout * 1_000_000_000) + 1, FOREVER)
