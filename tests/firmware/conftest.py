"""What the tests of weft's modules on the unix board share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from weft.boards.board import Board


@pytest.fixture(scope="module", params=["unix", "unix-parallel", "unix-stock"])
def board(request: pytest.FixtureRequest) -> Iterator[Board]:
    """Each kind of firmware."""
    with Board(request.param) as opened:
        yield opened
