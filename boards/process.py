"""A virtual board: a process that weft starts, speaks to over its port, and ends.

A virtual board is a command that prints the URL of its port as its first line and ends when its
standard input does. So it can't outlive weft, even if weft is killed. Its working folder, which is
the board's file system, is made for it and removed after it.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import selectors
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType

from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError
from weft.boards.kinds import BoardKind

START_LIMIT_S = 30.0
STOP_LIMIT_S = 2.0


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
                start_new_session=True,  # Ctrl-C at the keyboard is weft's to handle
            )
        except OSError as error:
            self._folder.cleanup()
            raise BoardError(f"The board {kind.name} can't be started: {error}.") from None
        try:
            self.url = self._first_line(Deadline(START_LIMIT_S), kind.name)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> BoardProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def folder(self) -> str:
        """The board's file system."""
        return self._folder.name

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def stop(self) -> None:
        """End the process, by force if need be, and remove its folder."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def _first_line(self, deadline: Deadline, name: str) -> str:
        output = self._process.stdout
        assert output is not None
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(deadline.remaining()):
                    raise BoardError(
                        f"The board {name} did not say within {deadline.seconds:g} s which port "
                        "it has; try again."
                    )
                byte = os.read(output.fileno(), 1)
                if not byte:
                    said = line.decode(errors="replace").strip() or "nothing"
                    raise BoardError(f"The board {name} ended at once; it said: {said}.")
                line += byte
        return line.decode(errors="replace").strip()
