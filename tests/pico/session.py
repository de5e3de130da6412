"""A virtual Pico in batch, at its raw REPL: programs run in emulated time, the same for a seed.

    with Session(image, seed=3) as session:
        ended = session.run("print(1 + 1)", limit_s=5)
        print(ended.output, ended.error)

The protocol is the one of boards/repl.py, which serves boards that are live; here a limit is a
time of the board's, and no clock of the host's decides anything.
"""

from __future__ import annotations

import bisect
import math
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from weft.boards.virtual.pico import VirtualPico
from weft.firmware.build import firmware_for

PROMPT = b">>> "
SOFT_RESET = b"soft reboot"
RAW_PROMPT = b"CTRL-B to exit\r\n>"
GRANT, EOT = b"\x01", b"\x04"
BOOT_S = 5.0
USB_S = 2.0
ANSWER_S = 2.0
REAL_S = 300.0  # of the host's time for one step: for a host that is busy with other things
IMAGE_VARIABLE = "WEFT_PICO_IMAGE"


class Stopped(Exception):
    """The board did not do what was waited for; the text says what it did."""


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
class Ended:
    """How a program ended: what it and its threads printed, and the traceback if it raised."""

    output: str
    error: str
    lines: list[Line]
    seconds: float
    was_reset: bool = False


class Session:
    """A board at the raw REPL of `port`, its interpreter freshly started."""

    def __init__(
        self, image: Path | None, *, seed: int, port: str = "uart0", flash: Path | None = None
    ) -> None:
        self.port = port
        self._stream = bytearray()  # all that has come out of the port
        self._taken = 0  # how much of it was looked at
        self._times: list[tuple[int, float]] = []  # where in the stream, and when, a piece came
        self.pico = VirtualPico(image, seed=seed, flash=flash)
        try:
            self.pico.on_timed_output(port, self._keep)
            self.pico.run_until("uart0", PROMPT, seconds=BOOT_S, real_s=REAL_S)
            if port == "usb":
                self.pico.run(USB_S, real_s=REAL_S)
            self._taken = len(self._stream)
            self._send(b"\r\x03\x01")
            self._until(RAW_PROMPT, ANSWER_S)
        except BaseException:
            self.close()
            raise

    def soft_reset(self) -> None:
        """Start the interpreter anew, whatever runs."""
        self._send(b"\x03\x04")
        self._until(SOFT_RESET, ANSWER_S)
        self._until(RAW_PROMPT, BOOT_S)

    def run(self, code: str, *, limit_s: float) -> Ended:
        """Run a program to the end of its main thread; raise Stopped after `limit_s` seconds."""
        self._paste(code.encode())
        begin, start = self.seconds, self._taken
        output = self._until(EOT, limit_s)
        seconds = self.seconds - begin
        lines = self._lines(start, start + len(output))
        error = self._until(EOT, ANSWER_S)
        was_reset = SOFT_RESET in self._until(b">", ANSWER_S)
        return Ended(_text(output), _text(error), lines, seconds, was_reset)

    @property
    def seconds(self) -> float:
        """The board's time since power-on."""
        return float(self.pico.state()["nanos"]) / 1e9

    def close(self) -> None:
        """End the emulator."""
        self.pico.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _keep(self, data: bytes, at: float) -> None:
        self._times.append((len(self._stream), at))
        self._stream += data

    def _send(self, data: bytes) -> None:
        self.pico.send(self.port, data)

    def _until(self, ending: bytes, seconds: float) -> bytes:
        """Take what comes up to `ending`, and return it without that. Raises Stopped."""
        return self._until_any((ending,), seconds)[1]

    def _until_any(self, endings: tuple[bytes, ...], seconds: float) -> tuple[bytes, bytes]:
        """Take what comes up to the first of `endings`; return both. Raises Stopped."""
        end = self.seconds + seconds
        while True:
            new = bytes(self._stream[self._taken :])
            found = [(at, ending) for ending in endings if (at := new.find(ending)) >= 0]
            if found:
                at, ending = min(found)
                self._taken += at + len(ending)
                return ending, new[:at]
            result = self.pico.run(
                max(end - self.seconds, 0), port=self.port, text=endings[0][-1:], real_s=REAL_S
            )
            if result.reason != "text" and not any(
                e in self._stream[self._taken :] for e in endings
            ):
                faults = "".join(f"; fault: {fault}" for fault in result.state["faults"][:2])
                raise Stopped(
                    f"{endings[0]!r} did not come within {seconds:g} s of the board's:"
                    f" {result.explain()}{faults}; what came: {_text(new + result.text)[-600:]!r}"
                )

    def _paste(self, code: bytes) -> None:
        """Send code by raw paste: the board grants a window of bytes at a time."""
        self._send(b"\x05A\x01")
        self._until(b"R\x01", ANSWER_S)
        window = int.from_bytes(self._until(GRANT, ANSWER_S), "little")
        granted = 2 * window
        sent = 0
        while sent < len(code):
            if sent == granted:
                ending, _ = self._until_any((GRANT, EOT), ANSWER_S)
                if ending == EOT:  # the code has an error, and no more of it is wanted
                    self._send(EOT)
                    return
                granted += window
            piece = code[sent:granted]
            self._send(piece)
            sent += len(piece)
        self._send(EOT)
        self._until(EOT, ANSWER_S)

    def _lines(self, start: int, end: int) -> list[Line]:
        """The lines in a part of the stream."""
        lines = []
        for text in bytes(self._stream[start:end]).splitlines(keepends=True):
            piece = bisect.bisect(self._times, (start, math.inf)) - 1
            lines.append(Line(_text(text).rstrip("\n"), self._times[piece][1]))
            start += len(text)
        return lines


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")
