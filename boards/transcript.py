"""What a program printed, line by line, and when; and how CPython prints it.

Standard output and standard error are one stream, as they are on a board. Times are seconds from
the first line on.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from weft.boards.errors import BoardError

LONGEST_LINE_BYTES = 65536

# CPython writes a line and its newline apart, so that lines of several threads may mix. On a board
# they don't, and which of the two happens on CPython is chance.
RUN_WITH_WHOLE_LINES = """\
import builtins, runpy, sys
def print(*values, sep=" ", end="\\n", file=None, flush=False):
    (file or sys.stdout).write((" " if sep is None else sep).join(map(str, values)) + end)
builtins.print = print
sys.argv[:] = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass(frozen=True)
class Line:
    """One line of output without its newline, and the second in which it was complete."""

    text: str
    at: float


class Recorder:
    """Collects bytes as they come and cuts them into lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._partial = b""
        self._first: float | None = None

    def __call__(self, data: bytes) -> None:
        """Take some output."""
        now = time.monotonic()
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
            self._add([self._partial], time.monotonic() - self._first)
        self._partial = b""
        return self.lines

    def _add(self, lines: Iterable[bytes], at: float) -> None:
        self.lines += [
            Line(line.decode(errors="replace").replace("\r", "").rstrip(), at) for line in lines
        ]


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
        kept.append(Line(error[0], line.at) if in_traceback and error else line)
        in_traceback = line.text.startswith("Traceback ")
    return kept


@dataclass(frozen=True)
class Recording:
    """The lines of one run, and whether the program ended with an error."""

    lines: list[Line]
    failed: bool


def record_cpython(program: Path, timeout: float) -> Recording:
    """Run the program under this Python without weft. Raises BoardError at the timeout."""
    recorder = Recorder()
    with subprocess.Popen(
        [sys.executable, "-u", "-c", RUN_WITH_WHOLE_LINES, str(program)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
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
