"""What the tests of the virtual Pico share: firmware that is built, and boards that always end."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from weft.boards.virtual.pico import VirtualPico

Start = Callable[..., VirtualPico]


def _prepare() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "virtual_prepare", Path(__file__).parent / "prepare.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def micropython() -> Path:
    """The UF2 of stock MicroPython 1.25 for the Pico."""
    path: Path = _prepare().micropython()
    return path


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of the programs in programs/, built."""
    path: Path = _prepare().programs()
    return path


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
