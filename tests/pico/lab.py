"""A virtual Pico at its raw REPL, driven in emulated time: what tests talk to a board with.

    lab = Lab(image, seed=3)
    assert lab.execute("print(6 * 7)") == "42\\n"
    lab.begin("import time; time.sleep(5)")   # and go on while it runs
    lab.send(b"\\x03")
    assert "KeyboardInterrupt" in lab.finish().traceback

Everything repeats, cycle for cycle, with the same image, seed and calls; a limit is a time of the
board's, and no clock of the host's decides anything. A Failure says how the board's run ended and
what it has said last; conftest.py adds how to see it again.

The protocol is the one of boards/repl.py, which serves boards that are live.
"""

from __future__ import annotations

import bisect
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path

from weft.boards.virtual.board import IMAGE_VARIABLE
from weft.boards.virtual.outcome import Answer, Run
from weft.boards.virtual.pico import VirtualPico
from weft.firmware.targets import firmware_for

TURNS = "random:64"
PROMPT = b">>> "
SOFT_RESET = b"soft reboot\r\n"
RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
RAW_PASTE, RAW_PASTE_ACCEPTED = b"\x05A\x01", b"R\x01"
GRANT, EOT = b"\x01", b"\x04"
BOOT_S = 5.0
USB_S = 1.0
"""How long the host takes, at most, to find the board."""
ANSWER_S = 2.0
PROGRAM_S = 20.0
REAL_S = 600.0
"""Of the host's time, for one step: for a host that is busy with other things."""
SAID_BYTES = 600


class Failure(AssertionError):
    """What the board did instead of what was expected."""


def weft_image() -> Path:
    """Return weft's firmware for the Pico, or the image that WEFT_PICO_IMAGE names."""
    named = os.environ.get(IMAGE_VARIABLE)
    return Path(named) if named else firmware_for("pico")


def stock_image() -> Path:
    """Return stock MicroPython for the Pico."""
    return firmware_for("pico-stock")


@dataclass(frozen=True)
class Line:
    """A line of output, and the board's time, in seconds, at which its first byte came."""

    text: str
    at: float


@dataclass(frozen=True)
class Outcome:
    """What came while a program ran, how long that was, and the traceback that it ended with."""

    lines: list[Line]
    text: str
    traceback: str
    seconds: float


class Lab:
    """One virtual Pico, booted, at the raw REPL of one of its ports.

    A fault of its processors fails the test, unless there may be `faults`.
    """

    def __init__(
        self,
        image: Path | None,
        *,
        seed: int,
        port: str = "uart0",
        flash: Path | None = None,
        faults: bool = False,
    ) -> None:
        self.port = port
        self._may_fault = faults
        self.seed = seed
        self.events: list[Answer] = []
        self._stream = bytearray()  # all that has come out of the port
        self._taken = 0  # how much of it was looked at
        self._times: list[tuple[int, float]] = []  # where in the stream, and when, a piece came
        self._begun = (0, 0.0)  # the same of the program
        self.pico = VirtualPico(image, seed=seed, turns=TURNS, flash=flash)
        try:
            self.pico.on_event(self.events.append)
            self.pico.on_timed_output(port, self._keep)
            self.pico.run_until("uart0", PROMPT, seconds=BOOT_S, real_s=REAL_S)
            if port == "usb":
                self.run(USB_S)
            self.enter()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Switch the board off."""
        self.pico.close()

    # Time

    @property
    def now(self) -> float:
        """Emulated seconds since power-on."""
        return float(self.pico.state()["nanos"]) / 1e9

    def run(self, seconds: float) -> None:
        """Let the board run for some emulated seconds."""
        self._check(self.pico.run(seconds, real_s=REAL_S), "the time is up")

    def run_until(self, text: bytes, seconds: float = PROGRAM_S) -> bytes:
        """Let the board run until `text` comes; return what came until then, and it."""
        return self._until_any((text,), seconds)

    def send(self, data: bytes) -> None:
        """Send bytes to the board, now."""
        self.pico.send(self.port, data)

    # Programs

    def enter(self) -> None:
        """Go to the raw REPL."""
        self._taken = len(self._stream)
        self.send(b"\x03\x01")
        self.run_until(RAW_PROMPT, ANSWER_S)

    def begin(self, code: str) -> None:
        """Start a program; it runs whenever the board does."""
        self._paste(code.encode())
        self._begun = self._taken, self.now

    def finish(self, seconds: float = PROGRAM_S) -> Outcome:
        """Let the program run to its end; return what has come since begin()."""
        self.run_until(EOT, seconds)
        start, begun = self._begun
        end, took = self._taken - len(EOT), self.now - begun
        traceback = self.run_until(EOT, ANSWER_S)[: -len(EOT)]
        self.run_until(b">", ANSWER_S)
        text = _decoded(self._stream[start:end])
        return Outcome(self._lines(start, end), text, _decoded(traceback), took)

    def execute(self, code: str, seconds: float = PROGRAM_S) -> str:
        """Run a program to its end; return what it prints. Fails if it raises."""
        self.begin(code)
        outcome = self.finish(seconds)
        if outcome.traceback:
            raise Failure(
                f"the program raised:\n{outcome.traceback}\nafter it had printed:\n{outcome.text}"
            )
        return outcome.text

    def soft_reset(self) -> None:
        """Ctrl-D at the raw REPL; back at the raw REPL afterwards."""
        self.send(EOT)
        self.run_until(SOFT_RESET, BOOT_S)
        self.run_until(RAW_PROMPT, BOOT_S)

    def edges(self, pin: int, level: bool) -> list[float]:
        """When a watched pin changed to this level, in emulated seconds since power-on."""
        return [
            event["us"] / 1e6
            for event in self.events
            if event["event"] == "gpio" and event["pin"] == pin and event["level"] == level
        ]

    # Inside

    def _keep(self, data: bytes, at: float) -> None:
        self._times.append((len(self._stream), at))
        self._stream += data

    def _paste(self, code: bytes) -> None:
        """Send code by raw paste: the board grants two windows at first, then one at a time."""
        self.send(RAW_PASTE)
        self.run_until(RAW_PASTE_ACCEPTED, ANSWER_S)
        window = int.from_bytes(self.run_until(GRANT, ANSWER_S)[: -len(GRANT)], "little")
        granted = 2 * window
        for at in range(0, len(code), window):
            if at == granted:
                if self._until_any((GRANT, EOT), ANSWER_S).endswith(EOT):
                    self.send(EOT)  # the code has an error, and no more of it is wanted
                    return
                granted += window
            self.send(code[at : at + window])
        self.send(EOT)
        self.run_until(EOT, ANSWER_S)

    def _until_any(self, texts: tuple[bytes, ...], seconds: float) -> bytes:
        """Let the board run until one of `texts` comes; take and return all up to its end."""
        limit, start = self.now + seconds, self._taken
        expected = f"{' or '.join(map(repr, texts))} from {self.port} within {seconds:g} s"
        ended = ""
        while True:
            found = [(self._stream.find(text, start), len(text)) for text in texts]
            if ends := [at + length for at, length in found if at >= 0]:
                self._taken = min(ends)
                return bytes(self._stream[start : self._taken])
            if ended:
                raise self._failure(expected, ended)
            # The text may have begun already: so the emulator waits for its last byte.
            left = max(limit - self.now, 0)
            result = self.pico.run(left, port=self.port, text=texts[0][-1:], real_s=REAL_S)
            self._check(result, expected)
            ended = "" if result.reason == "text" else result.explain()

    def _check(self, result: Run, expected: str) -> None:
        faults = [] if self._may_fault else result.state["faults"]
        faults = faults or result.state["lockups"]
        if faults or result.reason not in ("text", "time", "idle"):
            raise self._failure(expected, f"{result.explain()}; faults: {faults[:3]}")

    def _failure(self, expected: str, came: str) -> Failure:
        said = bytes(self._stream[-SAID_BYTES:])
        return Failure(f"expected {expected}; {came}; it said {said!r}")

    def _lines(self, start: int, end: int) -> list[Line]:
        """The lines in a part of the stream."""
        lines = []
        for text in self._stream[start:end].splitlines(keepends=True):
            piece = bisect.bisect(self._times, (start, math.inf)) - 1
            lines.append(Line(_decoded(text).rstrip("\n"), self._times[piece][1]))
            start += len(text)
        return lines


def _decoded(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def numbers(text: str, name: str) -> list[int]:
    """The whole numbers on the line `name: 1 2 3` of a program's output."""
    found = re.search(rf"^{re.escape(name)}:((?: -?\d+)*)$", text, re.MULTILINE)
    if found is None:
        raise Failure(f"expected a line {name!r} with numbers; came:\n{text}")
    return [int(word) for word in found[1].split()]
