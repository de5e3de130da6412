"""A virtual Pico at its raw REPL, driven in emulated time: what tests talk to a board with.

    board = EmulatedBoard(image, seed=3)
    assert board.execute("print(6 * 7)") == "42\\n"
    board.begin("import time; time.sleep(5)")   # and go on while it runs
    board.send(b"\\x03")
    assert "KeyboardInterrupt" in board.finish().traceback

Everything repeats, cycle for cycle, with the same image, seed and calls; a limit is a time of the
board's, and no clock of the host's decides anything. A Failure says how the board's run ended and
what it has said last; conftest.py adds how to see it again.
"""

from __future__ import annotations

import bisect
import contextlib
import math
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from weft.boards.deadline import Limits
from weft.boards.errors import BoardError
from weft.boards.repl import RawRepl
from weft.boards.virtual.emulated_line import EmulatedLine
from weft.boards.virtual.outcome import Answer, Run
from weft.boards.virtual.pico import DEFAULT_TURNS, VirtualPico
from weft.boards.virtual.pico_process import IMAGE_VARIABLE, TURNS_VARIABLE
from weft.firmware.targets import firmware_for

SEEDS_VARIABLE = "WEFT_SEEDS"
MOST_SEEDS = 20
TURNS = os.environ.get(TURNS_VARIABLE) or DEFAULT_TURNS
PROMPT = b">>> "
BOOT_S = 5.0
USB_S = 1.0
"""How long the host takes, at most, to find the board."""
LIMITS = Limits(enter=2.0, reset=BOOT_S, answer=2.0)
PROGRAM_S = 20.0
SAID_BYTES = 600


class Failure(AssertionError):
    """What the board did instead of what was expected."""


def weft_image(target: str = "pico") -> Path:
    """Return a firmware of weft's for the Pico, or the image that WEFT_PICO_IMAGE names."""
    named = os.environ.get(IMAGE_VARIABLE)
    return Path(named) if named else firmware_for(target)


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


class EmulatedBoard:
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
        self._times: list[tuple[int, float]] = []  # where in the stream, and when, a piece came
        self._begun = 0.0  # when the program did
        self._ended = ""  # how the board's latest run did
        self.pico = VirtualPico(image, seed=seed, turns=TURNS, flash=flash)
        try:
            self.pico.on_event(self.events.append)
            self.pico.on_output(port, self._keep)
            self.pico.run_until("uart0", PROMPT, seconds=BOOT_S)
            self._line = EmulatedLine(self.pico, port, self._check)
            self._repl = RawRepl(self._line, LIMITS, Random(seed))
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
        return self._line.now

    def run(self, seconds: float) -> None:
        """Let the board run for some emulated seconds."""
        self._line.run(seconds)

    def run_until(self, text: bytes, seconds: float = PROGRAM_S) -> bytes:
        """Let the board run until `text` comes; return what came until then, and it."""
        came = bytearray()
        with self._expecting(f"{text!r} from {self.port} within {seconds:g} s"):
            if not self._line.until_any((text,), self._line.deadline(seconds), came.extend):
                raise BoardError("it did not come")
        return bytes(came) + text

    def send(self, data: bytes) -> None:
        """Send bytes to the board, now."""
        self._line.write(data)

    # Programs

    def enter(self) -> None:
        """Go to the raw REPL."""
        with self._expecting("the raw REPL"):
            self._repl.enter()

    def begin(self, code: str) -> None:
        """Start a program; it runs whenever the board does."""
        with self._expecting("a program to start"):
            self._repl.begin(code)
        self._begun = self.now

    def finish(self, seconds: float = PROGRAM_S) -> Outcome:
        """Let the program run to its end; return what has come since begin()."""
        text = bytearray()
        pieces: list[tuple[int, float]] = []  # where in the text, and when, a piece came

        def take(data: bytes) -> None:
            end = len(self._stream) - len(self._line.unread)
            pieces.extend(self._pieces(end - len(data), end, len(text)))
            text.extend(data)

        with self._expecting(f"the end of the program within {seconds:g} s"):
            ended = self._repl.finish(take, self._line.deadline(seconds))
        lines = _lines(bytes(text), pieces)
        return Outcome(lines, _decoded(text), ended.traceback, self.now - self._begun)

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
        with self._expecting("a soft reset"):
            self._repl.soft_reset()

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

    def _pieces(self, start: int, end: int, offset: int) -> Iterator[tuple[int, float]]:
        """The times in a part of the stream, which lies at `offset` of a text."""
        first = bisect.bisect(self._times, (start, math.inf)) - 1
        for place, at in self._times[first:]:
            if place >= end:
                return
            yield offset + max(place - start, 0), at

    @contextlib.contextmanager
    def _expecting(self, what: str) -> Iterator[None]:
        try:
            yield
        except BoardError as error:
            raise self._failure(what, f"{error} ({self._ended})") from None

    def _check(self, result: Run) -> None:
        self._ended = result.explain()
        faults = [] if self._may_fault else result.state["faults"]
        faults = faults or result.state["lockups"]
        if faults or result.reason not in ("text", "time", "idle"):
            raise self._failure("the board to run", f"{self._ended}; faults: {faults[:3]}")

    def _failure(self, expected: str, came: str) -> Failure:
        said = bytes(self._stream[-SAID_BYTES:])
        return Failure(f"expected {expected}; {came}; it said {said!r}")


def _lines(text: bytes, pieces: list[tuple[int, float]]) -> list[Line]:
    lines, start = [], 0
    for line in text.splitlines(keepends=True):
        piece = bisect.bisect(pieces, (start, math.inf)) - 1
        lines.append(Line(_decoded(line).rstrip("\n"), pieces[piece][1]))
        start += len(line)
    return lines


def _decoded(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def numbers(text: str, name: str) -> list[int]:
    """The whole numbers on the line `name: 1 2 3` of a program's output."""
    found = re.search(rf"^{re.escape(name)}:((?: -?\d+)*)$", text, re.MULTILINE)
    if found is None:
        raise Failure(f"expected a line {name!r} with numbers; came:\n{text}")
    return [int(word) for word in found[1].split()]


Start = Callable[..., EmulatedBoard]
"""What the fixture `start` is: it makes an EmulatedBoard that ends with the test."""


def seed_range(words: str) -> range:
    """The seeds of "7" or "1-20"."""
    first, _, last = words.partition("-")
    return range(int(first), int(last or first) + 1)


def seed_for(name: str) -> int:
    """The one seed that a test takes by default: its name chooses it."""
    return 1 + zlib.crc32(name.encode()) % MOST_SEEDS


def seeds(default: str = "1-2") -> range:
    """The seeds of WEFT_SEEDS, or else those by default: what CI takes."""
    return seed_range(os.environ.get(SEEDS_VARIABLE, default))
