"""Runs the conformance suite on boards, over their serial lines.

The cases are those that CPython and weft pass on this computer (tests/conformance); they and
subject.py are copied to the board and run there against the board's threading and queue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from weft.boards.board import Board
from weft.boards.commands.install import put_file
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError

SUITE = Path(__file__).parent.parent / "conformance"
LIMIT_S = 60.0
CASES = [
    (path.stem, name)
    for path in sorted(SUITE.glob("cases_*.py"))
    for name in re.findall(r"^def (case_\w+)", path.read_text(), re.MULTILINE)
]


@pytest.fixture(scope="module", params=["unix", "unix-stock"])
def suite_on_board(request: pytest.FixtureRequest) -> Iterator[Board]:
    """A board that has the suite on it."""
    with Board(request.param) as board:
        for path in [SUITE / "subject.py", *SUITE.glob("cases_*.py")]:
            put_file(board.repl, path.read_bytes(), path.name)
        yield board


def test_the_suite_is_found() -> None:
    assert len(CASES) > 100


@pytest.mark.parametrize(("group", "case"), CASES, ids=lambda word: word)
def test_case_on_board(suite_on_board: Board, group: str, case: str) -> None:
    code = (
        "import queue, threading, subject\n"
        f"from {group} import {case}\n"
        f"subject.Subject(threading, queue).run({case})\n"
    )
    output = bytearray()
    try:
        result = suite_on_board.repl.run(code, output.extend, Deadline(LIMIT_S))
    except BoardError as error:
        suite_on_board.repl.enter()
        suite_on_board.repl.soft_reset()
        pytest.fail(f"{error} It printed: {output.decode(errors='replace')}")
    assert not result.traceback, output.decode(errors="replace")
