"""Fixtures of the board tests: the unix board, alone or open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from weft.boards.board import Board
from weft.boards.kinds import kind_named
from weft.boards.process import BoardProcess


@pytest.fixture
def unix_process() -> Iterator[BoardProcess]:
    """A unix board that nobody has opened."""
    with BoardProcess(kind_named("unix")) as process:
        yield process


@pytest.fixture
def unix_board() -> Iterator[Board]:
    """A unix board in its raw REPL."""
    with Board("unix") as board:
        yield board
