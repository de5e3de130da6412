"""A port of an emulated board as a line: the board runs while somebody waits, by its own clock.

What always holds: all repeats, cycle for cycle, with the same image, seed and calls. No clock of
this computer's decides anything, but for one limit on a step that hangs.
"""

from __future__ import annotations

from collections.abc import Callable

from weft.boards.deadline import Deadline
from weft.boards.errors import VirtualBoardError
from weft.boards.line import Line
from weft.boards.virtual.outcome import Run
from weft.boards.virtual.pico import DEFAULT_REAL_S, VirtualPico

LONGEST_WAIT_S = 3600.0


class EmulatedLine(Line):
    """A port of a virtual Pico. Nothing else may run that Pico.

    `on_run` is called after each run, and may raise.
    """

    def __init__(
        self, pico: VirtualPico, port: str, on_run: Callable[[Run], None] = lambda run: None
    ) -> None:
        super().__init__(f"{port} of the virtual Pico")
        self._pico = pico
        self._port = port
        self._on_run = on_run
        self.now = float(pico.state()["nanos"]) / 1e9
        """Emulated seconds since power-on."""
        pico.on_output(port, self._keep)

    def deadline(self, seconds: float | None) -> Deadline:
        """Return a deadline so many emulated seconds from now."""
        return Deadline(seconds, lambda: self.now)

    def write(self, data: bytes, deadline: Deadline | None = None) -> None:
        """Send bytes to the board, now; it takes them as fast as the port is."""
        self._pico.send(self._port, data)

    def receive(self, deadline: Deadline, endings: tuple[bytes, ...] = ()) -> bool:
        """Run until one of the last bytes of `endings` comes, or anything if there are none.

        The first bytes of an ending may have come before. So the emulator waits for its last byte.
        Raises VirtualBoardError if the board stops, or sleeps for ever.
        """
        seconds = min(deadline.remaining(), LONGEST_WAIT_S)
        if seconds <= 0:
            return False
        before = self.received_bytes
        result = self.run(seconds, tuple({ending[-1:] for ending in endings} or {b""}))
        if result.reason not in ("text", "time"):
            raise VirtualBoardError(f"Nothing more comes from {self.url}: {result.explain()}.")
        return self.received_bytes > before

    def run(self, seconds: float, texts: tuple[bytes, ...] = ()) -> Run:
        """Run for some emulated seconds, or until one of `texts` comes out of the port."""
        result = self._pico.run(seconds, port=self._port, texts=texts, real_s=DEFAULT_REAL_S)
        self.now = result.seconds
        self._on_run(result)
        return result

    def _keep(self, data: bytes, seconds: float) -> None:
        self.unread += data
        self.received_bytes += len(data)
