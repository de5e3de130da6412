"""`weft run` never takes an option that was meant for it for one of the program's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from weft.cli import main

LIMIT_S = 60.0


@pytest.fixture
def program(tmp_path: Path) -> str:
    """A program that shows its arguments."""
    path = tmp_path / "program.py"
    path.write_text("import sys; print(sys.implementation.name, sys.argv[1:])")
    return str(path)


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["a", "b", "--board", "unix"], "--board unix"),
        (["a", "--board=pico-virtual"], "--board pico-virtual"),
        (["--board", "unix", "a", "--port", "/dev/ttyACM0"], "--port /dev/ttyACM0"),
        (["--board", "unix", "a", "--port=socket://host:4000"], "--port socket://host:4000"),
    ],
)
def test_an_option_that_can_only_be_wefts_is_refused(
    program: str, capsys: pytest.CaptureFixture[str], words: list[str], option: str
) -> None:
    assert main(["run", program, *words]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == (
        f"weft run: {option!r} comes after the program's arguments; put it before the program, or "
        "put -- before the arguments if it is the program's own.\n"
    )


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        (["--", "a", "--board", "unix"], ["a", "--board", "unix"]),
        (["a", "--", "--board", "unix"], ["a", "--", "--board", "unix"]),
        (["a", "--board", "chess"], ["a", "--board", "chess"]),
        (["a", "--port", "/dev/ttyACM0"], ["a", "--port", "/dev/ttyACM0"]),
        (["a", "--timeout", "5", "--board"], ["a", "--timeout", "5", "--board"]),
    ],
)
def test_the_programs_own_options_reach_it(
    program: str, words: list[str], arguments: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "weft", "run", program, *words],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"cpython {arguments}\n", "")


def test_they_reach_it_on_a_board_too(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", program, "--board", "unix", "--", "--board", "unix"]) == 0
    assert capsys.readouterr().out == "micropython ['--board', 'unix']\n"
