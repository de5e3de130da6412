"""A moment on the monotonic clock by which something has to be over."""

from __future__ import annotations

import math
import time


class Deadline:
    """A limit that several steps share. `None` seconds means that there is no limit."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._moment = math.inf if seconds is None else time.monotonic() + seconds

    def remaining(self) -> float:
        """Return the seconds left, 0.0 when it has passed, infinity without a limit."""
        return max(0.0, self._moment - time.monotonic())

    def has_passed(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self._moment

    def within(self, seconds: float) -> Deadline:
        """Return a deadline `seconds` from now, or this one's moment if that comes first."""
        return Deadline(min(seconds, self.remaining()))
