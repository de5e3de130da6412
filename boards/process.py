"""A virtual board: a process that weft starts, speaks to over its port, and ends.

A virtual board is a command. Its first line of output is the URL of its port. It ends when its
standard input does, so it can't outlive weft, even if weft is killed. A later line that begins with
RESTARTED says that the board has restarted, and why; it comes before the port shows the restart. A
thread reads all output, so the command never waits for weft. The command's working folder is the
board's file system: made for it, and removed after it.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError
from weft.boards.kinds import BoardKind

START_LIMIT_S = 120.0  # one that can't start ends, and says why
STOP_LIMIT_S = 10.0
RESTARTED = "restarted: "
KEPT_LINES = 20
LONGEST_LINE_BYTES = 65536


@dataclass(frozen=True)
class Command:
    """What to start: the words of the command line, and environment variables to add."""

    words: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def command_of(kind: BoardKind) -> Command:
    """Ask the kind's factory, a function `module:name`, for the command that is the board.

    The factory may build the board's firmware first. Raises BoardError.
    """
    module, _, name = kind.process["factory"].partition(":")
    factory: Callable[[], Command] = getattr(importlib.import_module(module), name)
    return factory()


def apart_from_the_keyboard() -> dict[str, Any]:
    """Return the arguments with which Popen starts a process that Ctrl-C does not reach."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


class BoardProcess:
    """A running virtual board. `url` is its port."""

    def __init__(self, kind: BoardKind) -> None:
        command = command_of(kind)
        self._folder = tempfile.TemporaryDirectory(prefix=f"weft-{kind.name}-")
        try:
            self._process = subprocess.Popen(
                command.words,
                cwd=self._folder.name,
                env=os.environ | dict(command.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                **apart_from_the_keyboard(),
            )
        except OSError as error:
            self._folder.cleanup()
            raise BoardError(f"The board {kind.name} can't be started: {error}.") from None
        assert self._process.stdout is not None
        self._output = _Output(self._process.stdout)
        try:
            self.url = self._output.first_line(Deadline(START_LIMIT_S), kind.name)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> BoardProcess:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def folder(self) -> str:
        """The board's file system."""
        return self._folder.name

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def restarted(self, deadline: Deadline) -> str | None:
        """Wait until the board says that it has restarted and return why; None if it does not."""
        return self._output.restarted(deadline)

    def last_words(self) -> str:
        """Return the last line that the process printed beside its port and its restarts."""
        return self._output.last_line()

    def stop(self) -> None:
        """End the process, by force if need be, and remove its folder."""
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()
        self._folder.cleanup()


class _Output:
    """What a process prints, read by a thread until it ends."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._changed = threading.Condition()  # guards what follows
        self._first: str | None = None
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._restarts: deque[str] = deque(maxlen=KEPT_LINES)
        self._has_ended = False
        self._reader = threading.Thread(target=self._read, name="board-output", daemon=True)
        self._reader.start()

    def first_line(self, deadline: Deadline, name: str) -> str:
        """Wait for the first line. Raises BoardError if the process ends without one."""
        with self._changed:
            self._wait(lambda: self._first is not None and self._first.endswith("\n"), deadline)
            if self._first is not None and self._first.endswith("\n"):
                return self._first.strip()
            if self._has_ended:
                said = (self._first or "").strip() or "nothing"
                raise BoardError(f"The board {name} ended at once; it said: {said}.")
            raise BoardError(
                f"The board {name} did not say within {deadline.seconds:g} s which port it has; "
                "try again."
            )

    def restarted(self, deadline: Deadline) -> str | None:
        """Take the oldest restart that nobody has taken, or wait for one."""
        with self._changed:
            self._wait(lambda: bool(self._restarts), deadline)
            return self._restarts.popleft() if self._restarts else None

    def last_line(self) -> str:
        """Return the last line that is no restart."""
        with self._changed:
            return self._lines[-1] if self._lines else ""

    def close(self) -> None:
        """Forget the stream; a process that inherited it may still have its other end."""
        self._reader.join(1.0)
        if not self._reader.is_alive():
            self._stream.close()

    def _wait(self, happened: Callable[[], bool], deadline: Deadline) -> None:
        self._changed.wait_for(
            lambda: happened() or self._has_ended,
            min(deadline.remaining(), threading.TIMEOUT_MAX),
        )

    def _read(self) -> None:
        while data := self._stream.readline(LONGEST_LINE_BYTES):
            line = data.decode(errors="replace")
            with self._changed:
                if self._first is None:
                    self._first = line
                elif line.startswith(RESTARTED):
                    self._restarts.append(line.removeprefix(RESTARTED).strip())
                else:
                    self._lines.append(line.strip())
                self._changed.notify_all()
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()
