"""A moment by which something has to be over, on any clock; how long boards may take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


class Deadline:
    """A limit that several steps share. `None` seconds means that there is no limit.

    `clock` gives seconds; without one it is this computer's.
    """

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._moment = math.inf if seconds is None else clock() + seconds

    def remaining(self) -> float:
        """Return the seconds left, 0.0 when it has passed, infinity without a limit."""
        return max(0.0, self._moment - self._clock())

    def has_passed(self) -> bool:
        """Whether no time is left."""
        return self._clock() >= self._moment

    def within(self, seconds: float) -> Deadline:
        """Return a deadline `seconds` from now, or this one's moment if that comes first."""
        return Deadline(min(seconds, self.remaining()), self._clock)


@dataclass(frozen=True)
class Limits:
    """How many seconds a healthy board may take, at most, to do what it is asked."""

    enter: float = 10.0  # the raw REPL, from any state
    reset: float = 10.0
    answer: float = 5.0
    interrupt: float = 2.0  # a program that Ctrl-C stops
    leave: float = 2.0


ATTACHED = Limits()
# Long, because the computer may be busy. A process that dies is noticed at once.
VIRTUAL = Limits(enter=120.0, reset=120.0, answer=60.0, interrupt=10.0, leave=10.0)


def limits_of(is_virtual: bool) -> Limits:
    """Return the limits of a board."""
    return VIRTUAL if is_virtual else ATTACHED
