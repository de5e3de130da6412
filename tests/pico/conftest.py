"""What the tests of weft's firmware on a virtual Pico share.

WEFT_PICO_IMAGE names a UF2 or ELF to test instead of the one that is built from this checkout,
WEFT_PICO_TURNS other turns of the cores, and WEFT_SEEDS the seeds of each test that takes `seed`,
such as 1-20.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from emulated_board import (
    SEEDS_VARIABLE,
    TURNS,
    EmulatedBoard,
    Start,
    seed_for,
    seeds,
    stock_image,
    weft_image,
)

SAID_BYTES = 1500


@pytest.fixture(scope="session")
def image() -> Path:
    """The firmware under test."""
    return weft_image()


@pytest.fixture(scope="session")
def stock() -> Path:
    """The UF2 of stock MicroPython 1.25 for the Pico."""
    return stock_image()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test with each seed of WEFT_SEEDS, if that is given."""
    is_given = SEEDS_VARIABLE in os.environ
    marks = metafunc.definition.iter_markers("parametrize")
    if is_given and "seed" in metafunc.fixturenames and not any("seed" in m.args[0] for m in marks):
        metafunc.parametrize("seed", seeds(), ids=lambda seed: f"seed{seed}", indirect=True)


def name_of(item: pytest.Item) -> str:
    """Return what pytest calls the test, without the group that pytest-xdist adds."""
    return re.sub(r"@[^\]]*$", "", item.nodeid)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Which core runs when. By default each test has one seed, which its name chooses."""
    return int(getattr(request, "param", seed_for(name_of(request.node))))


@pytest.fixture
def start(request: pytest.FixtureRequest, image: Path) -> Iterator[Start]:
    """Start boards that end with the test: start(seed=1, port="usb", image=...)."""
    labs: list[EmulatedBoard] = []
    request.node.stash[_LABS] = labs

    def starter(*, image: Path = image, **options: Any) -> EmulatedBoard:
        board = EmulatedBoard(image, **options)
        labs.append(board)
        return board

    yield starter
    for board in labs:
        board.close()


@pytest.fixture
def board(start: Start, seed: int) -> EmulatedBoard:
    """A board at the raw REPL of its UART."""
    return start(seed=seed)


_LABS = pytest.StashKey[list[EmulatedBoard]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what each board has said last, and how to see it again."""
    report = yield
    if report.failed and call.when == "call":
        for board in item.stash.get(_LABS, []):
            said = board.pico.output(board.port)[-SAID_BYTES:].decode("utf-8", "replace")
            report.sections.append((f"{board.port} of the board with seed {board.seed}", said))
        given = os.environ.get("WEFT_PICO_IMAGE")
        image = f"WEFT_PICO_IMAGE={given} " if given else ""
        again = f"{image}python -m pytest '{name_of(item)}'   (turns {TURNS})"
        report.sections.append(("see it again", again))
    return report
