"""MicroPython's own thread tests, twice each, over the serial line of the unix boards.

A test passes if it prints what its .exp file says or, without one, what CPython prints: so does
MicroPython's own runner.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from micropython_suite import SKIPPED, expected_output, programs
from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.program import Program

ROUNDS = 2
REPEATS = 10
"""One thread that starves the other does so each time, a busy computer does not."""
LIMIT_S = 600.0  # a busy computer takes minutes for stress_aes
PROGRAMS = programs("thread")

# The unix port's module machine has no disable_irq(): the test itself prints SKIP.
NOT_FOR_THIS_PORT = {"disable_irq"}
# What a test prints when this computer was too busy for it: it measures pauses on the clock.
TOO_BUSY = {"thread_coop": "Slept too long"}


@pytest.fixture(scope="module", params=["unix", "unix-parallel"])
def board(request: pytest.FixtureRequest) -> Iterator[Board]:
    """One board for the whole suite, as on a bench."""
    with Board(request.param) as opened:
        yield opened


def test_the_suite_is_all_there() -> None:
    assert len(PROGRAMS) == 33


@pytest.mark.filterwarnings("default:.*is repeated")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_thread_suite(board: Board, program: Path) -> None:
    skips = program.stem in NOT_FOR_THIS_PORT
    expected = re.compile(SKIPPED) if skips else expected_output(program)
    for turn in range(1, ROUNDS + 1):
        printed = output_in_time(board, program)
        assert expected.fullmatch(printed), (
            f"round {turn} of {ROUNDS}: expected {expected.pattern!r}, but came {printed!r}"
        )


def output_in_time(board: Board, program: Path) -> str:
    """Run a program, again while this computer is too busy for it; return what it prints."""
    sign = TOO_BUSY.get(program.stem)
    for _ in range(REPEATS):
        printed = output_of(board, program)
        if sign is None or sign not in printed:
            break
        warnings.warn(f"{program.stem} is repeated, for it printed {printed!r}", stacklevel=2)
    return printed


def output_of(board: Board, program: Path) -> str:
    """Run a program and return what it prints."""
    output = bytearray()
    to_run = Program(program.read_text(), program.name)
    result = board.run(to_run, output.extend, Deadline(LIMIT_S))
    return output.decode(errors="replace").replace("\r\n", "\n") + result.traceback
