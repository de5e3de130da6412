"""The verdict on one program: does a board print what CPython prints, in order and in time?

Both run at the same time. If only a pause is wrong, the computer may be busy: the program gets two
more tries.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from weft.boards.board import Board
from weft.boards.clock import clock_of
from weft.boards.compare import RuleError, compare, is_untimely, report, rules_of
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError
from weft.boards.program import Program
from weft.boards.transcript import (
    Recorder,
    Recording,
    record,
    running_on_cpython,
    without_tracebacks,
)

TRIES = 3


@dataclass(frozen=True)
class Verdict:
    """How the check of one program ended; `problem` is empty if all was well."""

    name: str
    seconds: float
    problem: str


def check(program: Path, board: str, port: str | None, timeout: float) -> Verdict:
    """Run a program on both sides at once and compare.

    A slow board is late each time, a busy computer is not: a wrong pause gets TRIES tries.
    """
    start = time.monotonic()
    for _ in range(TRIES):
        problem, is_late = _check_once(program, board, port, timeout)
        if not is_late:
            break
    return Verdict(program.stem, time.monotonic() - start, problem)


def _check_once(program: Path, board: str, port: str | None, timeout: float) -> tuple[str, bool]:
    """Return what is wrong, and whether that may be the fault of a computer that is busy."""
    with ThreadPoolExecutor(1) as pool, running_on_cpython(program) as process:
        future = pool.submit(record, process, program, timeout)
        try:
            to_send = Program.of_file(program, name=program.name)
            rules = rules_of(to_send.source)
            recording = record_board(to_send, board, port, timeout)
            expected = future.result()
        except (BoardError, RuleError) as error:
            return str(error), False
    left, right = (without_tracebacks(side.lines) for side in (expected, recording))
    difference = compare(left, right, rules)
    if difference:
        return report(left, right, difference), is_untimely(left, right, rules)
    if expected.failed != recording.failed:
        side = "CPython" if expected.failed else "the board"
        return f"only {side} ended with an error", False
    return "", False


def record_board(program: Program, board: str, port: str | None, timeout: float) -> Recording:
    """Run the program on the board. Raises BoardError, also at the timeout."""
    with Board(board, port) as opened:
        recorder = Recorder(clock_of(opened.process.folder if opened.process else None))
        result = opened.run(program, recorder, Deadline(timeout))
    recorder(result.traceback.encode())
    return Recording(recorder.close(), bool(result.traceback))
