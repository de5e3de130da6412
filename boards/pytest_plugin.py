"""A pytest plugin: the fixture `board` runs programs on real and virtual boards.

    pytest --board unix
    pytest --board pico --port /dev/ttyACM0 --board pico --port /dev/ttyACM1 -n 2 --dist loadgroup

Each test that asks for `board` runs once on each board named. What always holds: a program on a
board has a time limit, and a board that hangs fails its own test and is opened anew for the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError
from weft.boards.program import Program
from weft.boards.transcript import Line, Recorder
from weft.boards.verdict import check

TIMEOUT_S = 30.0


@dataclass(frozen=True)
class BoardSpec:
    """One --board with its --port."""

    name: str
    port: str | None

    def __str__(self) -> str:
        return f"{self.name}@{self.port}" if self.port else self.name


@dataclass(frozen=True)
class Output:
    """What a program printed on the board, and its traceback, empty if it ended well."""

    lines: list[Line]
    traceback: str

    @property
    def text(self) -> str:
        """The lines, each with a newline."""
        return "".join(f"{line.text}\n" for line in self.lines)


class BoardFixture:
    """A board in a test. It is opened when it is first used."""

    def __init__(self, spec: BoardSpec, timeout: float) -> None:
        self.spec = spec
        self.timeout = timeout
        self._board: Board | None = None

    def run(self, program: str | Path, *arguments: str, timeout: float | None = None) -> Output:
        """Run a program, given as source or as a file. Fails the test if the board hangs."""
        if isinstance(program, Path):
            to_run = Program.of_file(program, *arguments, name=program.name)
        else:
            to_run = Program(program, "program.py", arguments)
        recorder = Recorder()
        deadline = Deadline(self.timeout if timeout is None else timeout)
        try:
            if self._board is None:
                self._board = Board(self.spec.name, self.spec.port)
            result = self._board.run(to_run, recorder, deadline)
        except BoardError as error:
            problem = str(error)
        else:
            return Output(recorder.close(), result.traceback)
        self.close()
        shown = "".join(f"  {line.text}\n" for line in recorder.close())
        pytest.fail(f"{problem}\nThe board printed until then:\n{shown}", pytrace=False)

    def check(self, program: Path, timeout: float | None = None) -> None:
        """Fail the test unless the board prints what CPython prints, as `weft check` does."""
        self.close()
        limit = self.timeout if timeout is None else timeout
        verdict = check(program, self.spec.name, self.spec.port, limit)
        if verdict.problem:
            pytest.fail(f"{verdict.name} on {self.spec}: {verdict.problem}", pytrace=False)

    def close(self) -> None:
        """Close the board; the next use opens it again."""
        if self._board is not None:
            self._board.close()
            self._board = None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --board and --port."""
    group = parser.getgroup("weft", "boards (weft)")
    group.addoption(
        "--board", action="append", default=[], metavar="NAME", help="run board tests on this board"
    )
    group.addoption(
        "--port", action="append", default=[], metavar="URL", help="the port of the last --board"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", f"board(timeout={TIMEOUT_S:g}): the seconds that a program may take on a board"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that uses `board` once on each board."""
    # Not "board": a project may have a fixture or parameter of that name.
    if "_board_spec" not in metafunc.fixturenames:
        return
    names, ports = metafunc.config.getoption("--board"), metafunc.config.getoption("--port")
    specs = [
        BoardSpec(name, ports[index] if index < len(ports) else None)
        for index, name in enumerate(names)
    ]
    with_xdist = metafunc.config.pluginmanager.hasplugin("xdist")
    parameters = [
        # A board is used by one worker: --dist loadgroup keeps a group together.
        pytest.param(
            spec, id=str(spec), marks=pytest.mark.xdist_group(str(spec)) if with_xdist else ()
        )
        for spec in specs
    ]
    none = pytest.param(None, id="none", marks=pytest.mark.skip("no --board was given"))
    metafunc.parametrize("_board_spec", parameters or [none], indirect=True)


@pytest.fixture(scope="session")
def _boards() -> Iterator[dict[BoardSpec, BoardFixture]]:
    boards: dict[BoardSpec, BoardFixture] = {}
    yield boards
    for board in boards.values():
        board.close()


@pytest.fixture
def _board_spec(request: pytest.FixtureRequest) -> BoardSpec:
    spec: BoardSpec = request.param
    return spec


@pytest.fixture
def board(
    request: pytest.FixtureRequest,
    _board_spec: BoardSpec,
    _boards: dict[BoardSpec, BoardFixture],
) -> BoardFixture:
    """The board that this test runs on."""
    fixture = _boards.setdefault(_board_spec, BoardFixture(_board_spec, TIMEOUT_S))
    marker = request.node.get_closest_marker("board")
    fixture.timeout = marker.kwargs.get("timeout", TIMEOUT_S) if marker else TIMEOUT_S
    request.node.user_properties.append(("board", str(_board_spec)))
    return fixture
