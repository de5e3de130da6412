"""Runs the conformance suite on boards, over their serial lines.

The cases are those that CPython and weft pass on this computer (tests/conformance); they and
subject.py are copied to the board and run there against the board's threading and queue.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conformance_suite import CASES, FILES, Case
from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError
from weft.boards.upload import put_file

LIMIT_S = 60.0


@pytest.fixture(scope="module", params=["unix", "unix-parallel", "unix-stock"])
def suite_on_board(request: pytest.FixtureRequest) -> Iterator[Board]:
    """A board that has the suite on it."""
    with Board(request.param) as board:
        for path in FILES:
            put_file(board.repl, path.read_bytes(), path.name)
        yield board


def test_the_suite_is_found() -> None:
    assert len(CASES) > 100


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case_on_board(suite_on_board: Board, case: Case) -> None:
    output = bytearray()
    try:
        result = suite_on_board.repl.run(case.program, output.extend, Deadline(LIMIT_S))
    except BoardError as error:
        suite_on_board.repl.enter()
        suite_on_board.repl.soft_reset()
        pytest.fail(f"{error} It printed: {output.decode(errors='replace')}")
    assert not result.traceback, output.decode(errors="replace")
