"""Runs a program on a board and shows what it prints: `weft run PROGRAM --board NAME`."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError, StillRunning
from weft.boards.program import Program
from weft.boards.standard_input import own_input

STATUS_RAISED = 1
STATUS_NO_PROGRAM = 2
STATUS_BOARD_ERROR = 1
STATUS_TIMED_OUT = 124  # as timeout(1)
STATUS_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


class Printer:
    """Writes a board's bytes to standard output as they come, as text with the host's newlines."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._is_within_line = False

    def __call__(self, data: bytes) -> None:
        text = self._decoder.decode(data).replace("\r", "")
        if text:
            self._is_within_line = not text.endswith("\n")
        sys.stdout.write(text)
        sys.stdout.flush()

    def end_line(self) -> None:
        """Go to a new line on a terminal, so that what weft says has a line of its own."""
        if self._is_within_line and sys.stdout.isatty():
            print()


def run_on_board(
    program_path: Path,
    program_arguments: list[str],
    *,
    board: str,
    port: str | None = None,
    timeout: float | None = None,
) -> int:
    """Run the program and return weft's exit status: 1 when it raised or the board failed."""
    try:
        program = Program.of_file(program_path, *program_arguments)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        print(f"weft run: {program_path} can't be read: {why}.", file=sys.stderr)
        return STATUS_NO_PROGRAM
    printer = Printer()
    try:
        with Board(board, port) as opened:
            result = opened.run(program, printer, Deadline(timeout), own_input())
    except StillRunning as error:
        problem, status = str(error), STATUS_TIMED_OUT
    except BoardError as error:
        problem, status = str(error), STATUS_BOARD_ERROR
    except KeyboardInterrupt:
        problem, status = "interrupted; the program was stopped.", STATUS_INTERRUPTED
    else:
        problem, status = "", STATUS_RAISED if result.traceback else 0
    printer.end_line()
    print(f"weft run: {problem}\n" if problem else result.traceback, end="", file=sys.stderr)
    return status
