"""The verdict on one program: does a board print what CPython prints, in order and in time?

Both run at the same time. A slow board is late each time, a busy computer is not: if only a pause
is wrong, the program gets TRIES tries. While the computer is late itself, any difference may be its
fault (an event is already set when a wait begins): such a try does not count, up to LATE_TRIES.
"""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from weft.boards.board import Board
from weft.boards.clock import clock_of
from weft.boards.compare import RuleError, compare, is_untimely, report, rules_of
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError
from weft.boards.lateness import LatenessGauge
from weft.boards.program import Program
from weft.boards.transcript import (
    Recorder,
    Recording,
    record,
    running_on_cpython,
    without_tracebacks,
)

TRIES = 3
LATE_TRIES = 5


@dataclass(frozen=True)
class Verdict:
    """How the check of one program ended; `problem` is empty if all was well."""

    name: str
    seconds: float
    problem: str


@dataclass(frozen=True)
class _Attempt:
    """How one try ended. `tolerance` is that of its pauses, infinite if lateness explains nothing.

    If `is_untimely`, every line came, but not in time.
    """

    problem: str = ""
    tolerance: float = math.inf
    is_untimely: bool = False


def check(program: Path, board: str, port: str | None, timeout: float) -> Verdict:
    """Run a program on both sides at once and compare."""
    start = time.monotonic()
    tries, late_tries = TRIES, LATE_TRIES
    while tries:
        with LatenessGauge() as gauge:
            attempt = _attempt(program, board, port, timeout)
        problem = attempt.problem
        if gauge.may_explain(attempt.tolerance):
            problem += f"\nThis computer was late itself, by up to {gauge.worst_s:.3f} s."
            if late_tries:
                late_tries -= 1
                continue
        if not attempt.is_untimely:
            break
        tries -= 1
    return Verdict(program.stem, time.monotonic() - start, problem)


def _attempt(program: Path, board: str, port: str | None, timeout: float) -> _Attempt:
    with ThreadPoolExecutor(1) as pool, running_on_cpython(program) as process:
        future = pool.submit(record, process, program, timeout)
        try:
            to_send = Program.of_file(program, name=program.name)
            rules = rules_of(to_send.source)
            recording = record_board(to_send, board, port, timeout)
            expected = future.result()
        except (BoardError, RuleError) as error:
            return _Attempt(str(error))
    left, right = (without_tracebacks(side.lines) for side in (expected, recording))
    difference = compare(left, right, rules)
    if difference:
        problem = report(left, right, difference)
        return _Attempt(problem, rules.tolerance, is_untimely(left, right, rules))
    if expected.failed != recording.failed:
        side = "CPython" if expected.failed else "the board"
        return _Attempt(f"only {side} ended with an error")
    return _Attempt()


def record_board(program: Program, board: str, port: str | None, timeout: float) -> Recording:
    """Run the program on the board. Raises BoardError, also at the timeout."""
    with Board(board, port) as opened:
        recorder = Recorder(clock_of(opened.process.folder if opened.process else None))
        result = opened.run(program, recorder, Deadline(timeout))
    recorder(result.traceback.encode())
    return Recording(recorder.close(), bool(result.traceback))
