"""MicroPython's own thread tests, five times each, over the serial line of the unix board.

A test passes if it prints what its .exp file says or, without one, what CPython prints: so does
MicroPython's own runner.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.transcript import Recorder
from weft.firmware.sources import MICROPYTHON, unpacked

ROUNDS = 5
LIMIT_S = 60.0
FOLDER = unpacked(MICROPYTHON) / "tests" / "thread"
PROGRAMS = sorted(FOLDER.glob("*.py"))

# The unix port's module machine has no disable_irq(): the test itself prints SKIP.
NOT_FOR_THIS_PORT = {"disable_irq"}


@pytest.fixture(scope="module")
def board() -> Iterator[Board]:
    """One board for the whole suite, as on a bench."""
    with Board("unix") as opened:
        yield opened


def expected_output(program: Path) -> re.Pattern[str]:
    """Return what the test must print. In an .exp file a backslash makes the next letter special
    as in a regular expression."""
    expected = program.with_suffix(".py.exp")
    if program.stem in NOT_FOR_THIS_PORT:
        return re.compile("SKIP\n")
    if expected.is_file():
        text = re.sub(" +\n", "\n", expected.read_text())
        pieces = re.findall(r"\\(.)|([^\\]+)", text)
        return re.compile(
            "".join(
                special or re.sub(r"[]()[{}.*+^$|]", r"\\\g<0>", plain) for special, plain in pieces
            )
        )
    done = subprocess.run(
        [sys.executable, "-BS", str(program)], capture_output=True, text=True, timeout=LIMIT_S
    )
    return re.compile(re.escape(done.stdout))


def test_the_suite_is_all_there() -> None:
    assert len(PROGRAMS) == 33


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_thread_suite(board: Board, program: Path) -> None:
    expected = expected_output(program)
    for turn in range(1, ROUNDS + 1):
        recorder = Recorder()
        result = board.run(
            program.read_text(), program.name, on_output=recorder, deadline=Deadline(LIMIT_S)
        )
        printed = "".join(f"{line.text}\n" for line in recorder.close())
        printed += result.traceback
        assert expected.fullmatch(printed), (
            f"round {turn} of {ROUNDS}: expected {expected.pattern!r}, but came {printed!r}"
        )
