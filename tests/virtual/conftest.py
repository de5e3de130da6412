"""What the tests of the virtual Pico share: firmware that is built, and boards that always end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from weft.boards.virtual.pico import VirtualPico
from weft.firmware import rp2
from weft.firmware.targets import firmware_for

Start = Callable[..., VirtualPico]


@pytest.fixture(scope="session")
def micropython() -> Path:
    """The UF2 of stock MicroPython 1.25 for the Pico."""
    return firmware_for("pico-stock")


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of the programs in programs/, built."""
    return rp2.sdk_programs(Path(__file__).parent / "programs")


@pytest.fixture
def start() -> Iterator[Start]:
    """Start boards that end with the test: start(image, seed=..., turns=..., flash=...)."""
    boards: list[VirtualPico] = []

    def starter(image: Path | None, **options: Any) -> VirtualPico:
        board = VirtualPico(image, **options)
        boards.append(board)
        return board

    yield starter
    for board in boards:
        board.close()
