"""A virtual Pico at its raw REPL, driven in emulated time: what tests talk to a board with.

    lab = Lab(image, seed=3)
    assert lab.execute("print(6 * 7)") == "42\\n"
    lab.begin("import time; time.sleep(5)")   # and go on while it runs
    lab.send(b"\\x03")
    assert "KeyboardInterrupt" in lab.finish().traceback

Everything repeats, cycle for cycle, with the same image, seed and calls. A Failure says how the
board's run ended and what it has said last; conftest.py adds how to see it again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from weft.boards.virtual.outcome import Answer, Run
from weft.boards.virtual.pico import VirtualPico

TURNS = "random:64"
BOOT_S = 5.0
PROGRAM_S = 20.0
REAL_S = 100.0
PASTE = b"\x05A\x01"
"""What asks the raw REPL for a program with flow control."""
WINDOW_BYTES = 128
PASTE_ACCEPTED = b"R\x01" + WINDOW_BYTES.to_bytes(2, "little") + b"\x01"


class Failure(AssertionError):
    """What the board did instead of what was expected."""


@dataclass(frozen=True)
class Outcome:
    """What a program has printed, and the traceback that it ended with, if any."""

    text: str
    traceback: str


class Lab:
    """One virtual Pico, booted, at the raw REPL of one of its ports."""

    def __init__(
        self, image: Path, *, seed: int, port: str = "uart0", flash: Path | None = None
    ) -> None:
        self.port = port
        self.seed = seed
        self.real_s = REAL_S  # of the host's time for one step
        self.events: list[Answer] = []
        self.pico = VirtualPico(image, seed=seed, turns=TURNS, flash=flash)
        self.pico.on_event(self.events.append)
        try:
            self._until(b">>> ", BOOT_S, "uart0")
            if port == "usb":
                self.pico.run(1)  # until the host has it
            self.enter()
        except BaseException:
            self.pico.close()
            raise

    def close(self) -> None:
        """Switch the board off."""
        self.pico.close()

    # Time

    @property
    def now(self) -> float:
        """Emulated seconds since power-on."""
        return float(self.pico.state()["nanos"]) / 1e9

    def run(self, seconds: float) -> Run:
        """Let the board run for some emulated seconds."""
        return self._sound(self.pico.run(seconds, real_s=self.real_s), "the time is up")

    def run_until(self, text: bytes, seconds: float = PROGRAM_S, port: str | None = None) -> bytes:
        """Let the board run until `text` comes; return what came until then."""
        return self._until(text, seconds, port or self.port)

    def send(self, data: bytes, port: str | None = None) -> None:
        """Send bytes to the board, now."""
        self.pico.send(port or self.port, data)

    # Programs

    def enter(self) -> None:
        """Go to the raw REPL."""
        self.send(b"\x03\x01")
        self._until(b"raw REPL; CTRL-B to exit\r\n>", 2.0, self.port)

    def begin(self, code: str) -> None:
        """Start a program; it runs whenever the board does."""
        data = code.encode()
        self.send(PASTE)
        self._until(PASTE_ACCEPTED, 2.0, self.port)
        while len(data) > WINDOW_BYTES:
            self.send(data[:WINDOW_BYTES])
            self._until(b"\x01", 2.0, self.port)
            data = data[WINDOW_BYTES:]
        self.send(data + b"\x04")
        self._until(b"\x04", 2.0, self.port)

    def finish(self, seconds: float = PROGRAM_S) -> Outcome:
        """Let the program run to its end; return what it has printed since begin()."""
        text = self._until(b"\x04", seconds, self.port)
        traceback = self._until(b"\x04>", 1.0, self.port)
        return Outcome(_decoded(text[:-1]), _decoded(traceback[:-2]))

    def execute(self, code: str, seconds: float = PROGRAM_S) -> str:
        """Run a program to its end; return what it prints. Fails if it raises."""
        self.begin(code)
        outcome = self.finish(seconds)
        if outcome.traceback:
            raise Failure(
                f"the program raised:\n{outcome.traceback}\nafter it had printed:\n{outcome.text}"
            )
        return outcome.text

    def soft_reset(self, seconds: float = 5.0) -> None:
        """Ctrl-D at the raw REPL; back at the raw REPL afterwards."""
        self.send(b"\x04")
        self._until(b"soft reboot\r\n", seconds, self.port)
        self._until(b"raw REPL; CTRL-B to exit\r\n>", 2.0, self.port)

    def edges(self, pin: int, level: bool) -> list[float]:
        """When a watched pin changed to this level, in emulated seconds since power-on."""
        return [
            event["us"] / 1e6
            for event in self.events
            if event["event"] == "gpio" and event["pin"] == pin and event["level"] == level
        ]

    # Inside

    def _until(self, text: bytes, seconds: float, port: str) -> bytes:
        result = self._sound(
            self.pico.run(seconds, port=port, text=text, real_s=self.real_s),
            f"{text!r} from {port}",
        )
        if result.reason != "text":
            raise Failure(
                f"expected {text!r} from {port} within {seconds:g} s; {result.explain()}; "
                f"it said {result.text[-400:]!r}"
            )
        return result.text

    def _sound(self, result: Run, expected: str) -> Run:
        faults = result.state["faults"] or result.state["lockups"]
        if faults or result.reason not in ("text", "time", "idle"):
            raise Failure(f"expected {expected}; {result.explain()}; faults: {faults[:3]}")
        return result


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def numbers(text: str, name: str) -> list[int]:
    """The whole numbers on the line `name: 1 2 3` of a program's output."""
    found = re.search(rf"^{re.escape(name)}:((?: -?\d+)*)$", text, re.MULTILINE)
    if found is None:
        raise Failure(f"expected a line {name!r} with numbers; came:\n{text}")
    return [int(word) for word in found[1].split()]
