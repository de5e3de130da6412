"""The clock of a virtual board: the second since power-on in which its latest output came.

A busy computer slows an emulated board down, and the output does not show it. So the board's
process writes the emulated time to a file in its working folder before it passes the output on.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

FILE = "weft-clock"
SECONDS = struct.Struct("<d")


class ClockFile:
    """Where a board's process notes its time: in the folder that it runs in."""

    def __init__(self) -> None:
        self._file = os.open(FILE, os.O_WRONLY | os.O_CREAT)

    def note(self, output: bytes, seconds: float) -> None:
        """Note the time at which output comes."""
        os.pwrite(self._file, SECONDS.pack(seconds), 0)


def clock_of(folder: str | None) -> Callable[[], float]:
    """Return the clock of the board whose process runs in `folder`: the computer's if it has none.

    The clock gives seconds.
    """
    if folder is None:
        return time.monotonic
    path = Path(folder, FILE)

    def clock() -> float:
        try:
            return float(SECONDS.unpack(path.read_bytes())[0])
        except (OSError, struct.error):
            return time.monotonic()

    return clock
