"""A line to a board: bytes both ways, a limit on every step, and a clock of its own.

A serial port (port.py) has this computer's clock; a port of an emulated board has the board's
(virtual/emulated_line.py). Deadlines come from `line.deadline()`, so one client serves both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from weft.boards.deadline import Deadline

OnOutput = Callable[[bytes], None]


def discard(data: bytes) -> None:
    """Take output that nobody wants."""


def hand_over(data: bytes, on_output: OnOutput) -> None:
    """Pass bytes on, if there are any."""
    if data:
        on_output(data)


class Line(ABC):
    """An open line. `unread` keeps what was received and not consumed yet."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.unread = bytearray()
        self.received_bytes = 0  # since the line was opened

    @abstractmethod
    def deadline(self, seconds: float | None) -> Deadline:
        """Return a deadline so many seconds from now, by the line's clock."""

    @abstractmethod
    def write(self, data: bytes, deadline: Deadline | None = None) -> None:
        """Send all of `data`. Raises BoardError."""

    @abstractmethod
    def receive(self, deadline: Deadline, endings: tuple[bytes, ...] = ()) -> bool:
        """Wait until something arrives and add it to `unread`; False when the deadline passed.

        `endings` are what the caller waits for. A line may wait until the last byte of one comes.
        """

    def take(self, count: int) -> bytes:
        """Consume and return the first `count` bytes of `unread`."""
        data = bytes(self.unread[:count])
        del self.unread[:count]
        return data

    def until_any(
        self, endings: tuple[bytes, ...], deadline: Deadline, on_output: OnOutput = discard
    ) -> bytes:
        """Consume up to the first of `endings` and return it; b"" if the deadline passed.

        What comes before it is handed over as soon as it can't be part of an ending.
        """
        longest = max(map(len, endings))
        expired = False
        while True:
            found = [(at, ending) for ending in endings if (at := self.unread.find(ending)) >= 0]
            if found:
                at, ending = min(found)
                hand_over(self.take(at), on_output)
                self.take(len(ending))
                return ending
            hand_over(self.take(max(0, len(self.unread) - longest + 1)), on_output)
            # A board that never pauses must not keep this loop alive.
            if expired or not self.receive(deadline, endings):
                return b""
            expired = deadline.has_passed()
