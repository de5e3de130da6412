"""What a program printed, line by line, and when; and how CPython prints it.

Standard output and standard error are one stream, as they are on a board. Times are seconds from
the first line on.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from weft.boards.errors import BoardError
from weft.boards.process import apart_from_the_keyboard

LONGEST_LINE_BYTES = 65536

# Runs a program as on a board: each print() is written in one piece (CPython writes a line and its
# newline apart, so lines of threads may mix). A tag before each line names its thread.
TAGGED = """\
import itertools, os, runpy, sys, threading
mine, numbers = threading.local(), itertools.count()  # idents are used again
class Tagged:
    encoding, buffer = "utf-8", sys.stdout.buffer
    def write(self, text):
        if not hasattr(mine, "number"):
            mine.number = next(numbers)
        tag = "\\x1e%d\\x1f" % mine.number
        lines = text.splitlines(keepends=True)
        data = "".join(tag + line for line in lines).encode(errors="replace")
        while data:
            data = data[os.write(1, data):]
        return len(text)
    def flush(self): pass
    def isatty(self): return False
def whole_print(*values, sep=" ", end="\\n", file=None, flush=False):
    text = (" " if sep is None else sep).join(map(str, values))
    (file or sys.stdout).write(text + ("\\n" if end is None else end))
__builtins__.print = whole_print
sys.stdout = sys.stderr = Tagged()
sys.argv[:] = sys.argv[1:]
sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
"""
TAG = re.compile(r"\x1e(\d+)\x1f")


@dataclass(frozen=True)
class Line:
    """One line of output without its newline, and the second in which it was complete.

    `thread` tells the lines of one thread from those of others; "" where that is not known.
    """

    text: str
    at: float
    thread: str = ""


class Recorder:
    """Collects bytes as they come and cuts them into lines, with the times of a clock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.lines: list[Line] = []
        self._partial = b""
        self._first: float | None = None

    def __call__(self, data: bytes) -> None:
        """Take some output."""
        now = self._clock()
        if self._first is None:
            self._first = now
        *complete, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > LONGEST_LINE_BYTES:
            complete.append(self._partial)
            self._partial = b""
        self._add(complete, now - self._first)

    def close(self) -> list[Line]:
        """Return all lines; what came after the last newline is one too."""
        if self._partial and self._first is not None:
            self._add([self._partial], self._clock() - self._first)
        self._partial = b""
        return self.lines

    def _add(self, lines: Iterable[bytes], at: float) -> None:
        for line in lines:
            text = line.decode(errors="replace").replace("\r", "")
            tag = TAG.match(text)
            self.lines.append(Line(TAG.sub("", text).rstrip(), at, tag[1] if tag else ""))


def without_tracebacks(lines: list[Line]) -> list[Line]:
    """Drop the places of tracebacks, and the messages of their errors.

    Interpreters differ in both. The line that says "Traceback" and the type of the error stay.
    """
    kept: list[Line] = []
    in_traceback = False
    for line in lines:
        if in_traceback and line.text.startswith("  "):
            continue
        error = re.match(r"[\w.]+", line.text)
        kept.append(replace(line, text=error[0]) if in_traceback and error else line)
        in_traceback = line.text.startswith("Traceback ")
    return kept


@dataclass(frozen=True)
class Recording:
    """The lines of one run, and whether the program ended with an error."""

    lines: list[Line]
    failed: bool


def record_cpython(program: Path, timeout: float) -> Recording:
    """Run the program under this Python without weft. Raises BoardError at the timeout."""
    with running_on_cpython(program) as process:
        return record(process, program, timeout)


@contextlib.contextmanager
def running_on_cpython(program: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program under this Python without weft, for `record`; it ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-c", TAGGED, str(program)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **apart_from_the_keyboard(),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def record(process: subprocess.Popen[bytes], program: Path, timeout: float) -> Recording:
    """Collect what a process prints, to its end. Raises BoardError at the timeout."""
    recorder = Recorder()
    output = process.stdout
    assert output is not None
    alarm = threading.Timer(timeout, process.kill)
    alarm.start()
    while data := output.raw.read(65536):  # type: ignore[attr-defined]  # a FileIO
        recorder(data)
    process.wait()
    timed_out = not alarm.is_alive()
    alarm.cancel()
    if timed_out:
        raise BoardError(
            f"{program} did not end within {timeout:g} s on this computer; raise --timeout."
        )
    return Recording(recorder.close(), process.returncode != 0)
