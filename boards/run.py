"""Runs a program on a board and shows what it prints: `weft run PROGRAM --board NAME`."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError, StillRunning

STATUS_RAISED = 1
STATUS_NO_PROGRAM = 2
STATUS_BOARD_ERROR = 1
STATUS_TIMED_OUT = 124  # as timeout(1)
STATUS_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


class Printer:
    """Writes a board's bytes to standard output as they come, as text with the host's newlines."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def __call__(self, data: bytes) -> None:
        sys.stdout.write(self._decoder.decode(data).replace("\r", ""))
        sys.stdout.flush()


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
        source = program_path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        print(f"weft run: {program_path} can't be read: {why}.", file=sys.stderr)
        return STATUS_NO_PROGRAM
    try:
        with Board(board, port) as opened:
            result = opened.run(
                source, str(program_path), tuple(program_arguments), Printer(), Deadline(timeout)
            )
    except StillRunning as error:
        print(f"weft run: {error}", file=sys.stderr)
        return STATUS_TIMED_OUT
    except BoardError as error:
        print(f"weft run: {error}", file=sys.stderr)
        return STATUS_BOARD_ERROR
    except KeyboardInterrupt:
        print("weft run: interrupted; the program was stopped.", file=sys.stderr)
        return STATUS_INTERRUPTED
    print(result.traceback, end="", file=sys.stderr)
    return STATUS_RAISED if result.traceback else 0
