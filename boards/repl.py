"""MicroPython's raw REPL over a Line: enter it, run code, reset, copy a file.

MicroPython's manual describes the protocol: "The MicroPython Interactive Interpreter Mode (aka
REPL)". mpremote's serial transport speaks it too, but only with a healthy board: it reads a raw
paste without a limit, takes a second thread's output for an error, and prints. Its file operations
need nothing but exec(), and are used here.

What always holds: every step has a limit. Bytes that are no part of the protocol are output of the
board's threads: `on_output` gets them, wherever they arrive. A program must not print the bytes
0x01 and 0x04: they look like the protocol.

Threads may print between the two marks that enclose the program's error. A traceback that directly
follows a line "Exception in thread ..." is that thread's, even if a mark cuts it. Any other
traceback is the program's, even if a thread's stands inside it. Other output of threads after the
program's traceback looks like a part of it, and stays with it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random, SystemRandom

from mpremote.transport import (  # type: ignore[import-untyped]
    Transport,
    TransportExecError,
)
from weft.boards.deadline import ATTACHED, Deadline, Limits
from weft.boards.errors import StillRunning, TimedOut
from weft.boards.line import Line, OnOutput, discard, hand_over
from weft.boards.restart import RestartWatch

CTRL_A, CTRL_B, CTRL_C, CTRL_D, CTRL_E = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05"
BANNER = b"raw REPL; CTRL-B to exit\r\n"
SOFT_RESET_DONE = b"soft reboot"  # a callback may print before the line ends
WINDOW = re.compile(rb"(..)\x01", re.DOTALL)
LEAST_WINDOW_BYTES = 16  # less is the end of another thread's line
THREAD_REPORT = re.compile(  # of weft's threading, or MicroPython's "Unhandled exception in ..."
    rb"(?:E|Unhandled e)xception in thread [^\n]*\n"
    rb"Traceback [^\n]*(?:\n  [^\n]*)*(?:\n(?!Traceback )[^\n]*)?\n?"
)
# An error without a traceback is the last line. Threads may print such a line before it.
PROGRAM_REPORT = re.compile(
    rb"Traceback \(most|^\w*(?:Error|Exception|Interrupt)(?::[^\n]*)?\s*\Z", re.MULTILINE
)

FIRST_ATTEMPT_S = 0.25
UNPROMPTED_BYTES = 32
UNPROMPTED_PAUSE_S = 0.01


@dataclass(frozen=True)
class Result:
    """How code on the board ended: `traceback` is empty unless it raised."""

    traceback: str
    was_reset: bool


class RawRepl:
    """The raw REPL of the board behind `line`.

    `random` makes the marks that tell an answer from what threads print.
    """

    def __init__(self, line: Line, limits: Limits = ATTACHED, random: Random | None = None) -> None:
        self.line = line
        self.limits = limits
        self._random = random or SystemRandom()
        self.files = BoardFiles(self)
        self._has_raw_paste = True

    def enter(self, limit_s: float | None = None) -> None:
        """Stop whatever runs and enter the raw REPL, from any state of a healthy board."""
        limit_s = self.limits.enter if limit_s is None else limit_s
        deadline = self.line.deadline(limit_s)
        attempt_s = FIRST_ATTEMPT_S
        before = self.line.received_bytes
        while not deadline.has_passed():
            self.line.unread.clear()
            # A program may catch the first Ctrl-C and go on.
            self.line.write(b"\r" + CTRL_C + CTRL_C, deadline)
            self.line.write(CTRL_A, deadline)
            # A board that is busy with older bytes may lose these: another attempt follows.
            attempt = deadline.within(attempt_s)
            if self._skip_past(BANNER, attempt) and self._synchronise(deadline.within(attempt_s)):
                return
            attempt_s *= 2
        raise TimedOut(self._why_not_entered(limit_s, self.line.received_bytes > before))

    def soft_reset(self, on_output: OnOutput = discard, limit_s: float | None = None) -> None:
        """Start the interpreter anew: no variable and no thread survives. boot.py may print."""
        limit_s = self.limits.reset if limit_s is None else limit_s
        deadline = self.line.deadline(limit_s)
        self.line.unread.clear()
        self.line.write(CTRL_C + CTRL_D, deadline)
        if not self._skip_past(SOFT_RESET_DONE, deadline):
            raise TimedOut(
                f"The board on {self.line.url} did not do a soft reset within {limit_s:g} s; "
                "unplug it and plug it in again."
            )
        if not self._skip_past(BANNER + b">", deadline.within(limit_s / 2), on_output):
            # boot.py does not end by itself, or threads of it print.
            self.enter(deadline.remaining())

    def run(
        self,
        code: str,
        on_output: OnOutput = discard,
        deadline: Deadline | None = None,
        on_start: Callable[[], None] = lambda: None,
    ) -> Result:
        """Run code to its end and hand over its output as it comes.

        `on_start` is called when the board has all of the code: the code reads what is sent after
        that. Raises TimedOut at the deadline, when the code still runs (see `interrupt`), and
        BoardReset.
        """
        watch = RestartWatch(self.line.url, on_output)
        self._send(code.encode(), watch)
        on_start()
        return self._follow(watch, deadline or self.line.deadline(None))

    def begin(self, code: str, on_output: OnOutput = discard) -> None:
        """Start code, for `finish`. Raises TimedOut and BoardReset."""
        self._send(code.encode(), RestartWatch(self.line.url, on_output))

    def finish(self, on_output: OnOutput, deadline: Deadline) -> Result:
        """Follow code that `begin` has started to its end, as `run` does."""
        return self._follow(RestartWatch(self.line.url, on_output), deadline)

    def interrupt(self, on_output: OnOutput = discard) -> Result:
        """Send Ctrl-C to code that `run` left running and return how it ended."""
        self.line.write(CTRL_C)
        return self.finish(on_output, self.line.deadline(self.limits.interrupt))

    def evaluate(self, expression: str) -> object:
        """Return the value of an expression whose repr() is a Python literal."""
        output = bytearray()
        mark = self._mark()
        code = f"print('{mark}' + repr({expression}) + '{mark}')"
        result = self.run(code, output.extend, self.line.deadline(self.limits.answer))
        if result.traceback:
            raise TransportExecError(1, result.traceback)
        _, answer, _ = output.decode(errors="replace").split(mark)
        return ast.literal_eval(answer)

    def _mark(self) -> str:
        return f"{self._random.getrandbits(32):08x}"

    def _why_not_entered(self, limit_s: float, heard: bool) -> str:
        if heard:
            return (
                f"The board on {self.line.url} sends, but did not enter MicroPython's raw REPL "
                f"within {limit_s:g} s; check the baud rate and that it runs MicroPython, or "
                "flash it with 'weft flash'."
            )
        return (
            f"Nothing answers on {self.line.url} ({limit_s:g} s); press the board's reset button "
            "or unplug it, or flash it with 'weft flash'."
        )

    def _synchronise(self, deadline: Deadline) -> bool:
        """Drop what earlier attempts left on the line: nothing older follows an answer."""
        mark = f"weft-{self._mark()}".encode()
        self.line.write(b"print('" + mark + b"')" + CTRL_D, deadline)
        return all(self._skip_past(part, deadline) for part in (b"OK", mark, CTRL_D, CTRL_D, b">"))

    def _send(self, code: bytes, on_output: OnOutput) -> None:
        deadline = self.line.deadline(self.limits.answer)
        if self._has_raw_paste:
            self.line.write(CTRL_E + b"A" + CTRL_A, deadline)
            answer = self.line.until_any((b"R\x00", b"R\x01", BANNER + b">"), deadline, on_output)
            if answer == b"R\x01":
                self._send_by_raw_paste(code, on_output)
                return
            if not answer:
                raise self._no_answer("before a program was sent to it")
            self._has_raw_paste = False
        for start in range(0, len(code), UNPROMPTED_BYTES):
            # The board does not say when its buffer is full: send slowly, and read what it prints.
            self.line.write(
                code[start : start + UNPROMPTED_BYTES], self.line.deadline(self.limits.answer)
            )
            self.line.receive(self.line.deadline(UNPROMPTED_PAUSE_S))
        self.line.write(CTRL_D)
        self._until(b"OK", self.line.deadline(self.limits.answer), on_output)

    def _send_by_raw_paste(self, code: bytes, on_output: OnOutput) -> None:
        """Send code as fast as the board takes it, and make sure that all of it arrives.

        The board grants two windows of bytes at first, and one more each time it has read one. Code
        that is padded to whole windows gets its last grant only if no byte was lost.
        """
        window = self._window(on_output)
        padded = code + b"\n" * (-len(code) % window)
        granted = 2 * window
        sent = 0
        while granted < len(padded) + 2 * window:
            unsent = padded[sent:granted]
            limit = self.line.deadline(0.0 if unsent else self.limits.answer)
            control = self.line.until_any((CTRL_A, CTRL_D), limit, on_output)
            if control == CTRL_A:
                granted += window
            elif control == CTRL_D:  # the board has seen enough: the code has an error
                self.line.write(CTRL_D)
                return
            elif unsent:
                self.line.write(unsent)
                sent += len(unsent)
            else:
                self.line.write(CTRL_C)
                raise TimedOut(
                    f"Bytes were lost on the way to the board on {self.line.url}; check the cable "
                    "and the baud rate."
                )
        self.line.write(CTRL_D)
        self._until(CTRL_D, self.line.deadline(self.limits.answer), on_output)

    def _follow(self, watch: RestartWatch, deadline: Deadline) -> Result:
        """Read the three parts of an answer: output, traceback, prompt."""
        if not self._skip_past(CTRL_D, deadline, watch):
            raise StillRunning(
                f"The program did not end within {deadline.seconds:g} s; it was stopped."
            )
        reported, after = bytearray(), bytearray()
        watched = RestartWatch(self.line.url, reported.extend)
        self._until(CTRL_D, self.line.deadline(self.limits.answer), watched)
        self._until(b">", self.line.deadline(self.limits.reset), after.extend)
        printed, traceback = _split(bytes(reported), watch.recent)
        hand_over(printed, watch)
        was_reset = SOFT_RESET_DONE in after
        if not was_reset:
            hand_over(bytes(after), watch)
        text = traceback.decode(errors="replace").replace("\r\n", "\n")
        return Result(text, was_reset)

    def _window(self, on_output: OnOutput) -> int:
        """Read the size of a window, two bytes, and the grant that follows it."""
        deadline = self.line.deadline(self.limits.answer)
        while True:
            match = WINDOW.search(bytes(self.line.unread))
            window = int.from_bytes(match[1], "little") if match else 0
            if match and window >= LEAST_WINDOW_BYTES:
                hand_over(self.line.take(match.start()), on_output)
                self.line.take(len(match[0]))
                return window
            if not self.line.receive(deadline):
                raise self._no_answer("before a program was sent to it")

    def _until(self, ending: bytes, deadline: Deadline, on_output: OnOutput) -> None:
        """Hand over what comes before `ending` and consume it. Raises TimedOut."""
        if not self.line.until_any((ending,), deadline, on_output):
            raise self._no_answer(f"while {ending!r} was awaited")

    def _skip_past(self, ending: bytes, deadline: Deadline, on_output: OnOutput = discard) -> bool:
        return bool(self.line.until_any((ending,), deadline, on_output))

    def _no_answer(self, when: str) -> TimedOut:
        return TimedOut(
            f"The board on {self.line.url} stopped answering {when}; unplug it and plug it in "
            "again, and check the cable."
        )


def _split(reported: bytes, before: bytes) -> tuple[bytes, bytes]:
    """Return what threads printed, and the program's error; `before` is the output before both."""
    own = THREAD_REPORT.sub(lambda match: b"\n" * len(match[0]), before + reported)[len(before) :]
    error = PROGRAM_REPORT.search(own)
    if not error:
        return reported, b""
    printed, rest = reported[: error.start()], reported[error.start() :]
    return printed + b"".join(THREAD_REPORT.findall(rest)), THREAD_REPORT.sub(b"", rest)


class BoardFiles(Transport):  # type: ignore[misc]  # mpremote has no type hints
    """mpremote's file operations (fs_writefile, fs_hashfile, fs_mkdir, ...) over a RawRepl."""

    def __init__(self, repl: RawRepl) -> None:
        self._repl = repl

    def exec(self, command: str, data_consumer: OnOutput | None = None) -> bytes:
        """Run `command`; raises mpremote's TransportExecError with the board's traceback."""
        output = bytearray()
        consumer = data_consumer or output.extend
        limit = self._repl.line.deadline(self._repl.limits.reset)
        result = self._repl.run(command, consumer, limit)
        if result.traceback:
            raise TransportExecError(1, result.traceback)
        return bytes(output)

    def eval(self, expression: str, parse: bool = True) -> object:
        """Return the value of `expression`."""
        return self._repl.evaluate(expression)
