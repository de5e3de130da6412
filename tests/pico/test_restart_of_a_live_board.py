"""A restart of a live board is noticed on both of its lines, with the report of weft's firmware."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from weft.boards.kinds import kind_named
from weft.boards.process import BoardProcess
from weft.boards.runner import run_on_board

BOARDS = ("pico-virtual", "pico-virtual-uart")
LIMIT_S = 300.0  # of the host's time, for a host that is busy with other things

FAULT = "machine.mem32[0xfffffff0] = 1"
FAULT_IN_A_THREAD = f"""\
import threading
def work():
    {FAULT}
threading.Thread(target=work, name="worker").start()
while True: pass
"""
WATCHDOG = "machine.WDT(timeout=100)\nwhile True: pass"
POSSIBLE = {
    # Its USB port vanishes, and a port of the network that does says no more.
    "pico-virtual": "was lost while the program was running, and can be opened again",
    "pico-virtual-uart": "machine.reset(), a watchdog, a crash or a weak power supply",
}

pytestmark = pytest.mark.xdist_group("live")


@pytest.fixture(autouse=True)
def under_test(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the boards the image that all tests here are for."""
    monkeypatch.setenv("WEFT_PICO_IMAGE", str(image))


def run(
    code: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, board: str, port: str | None
) -> str:
    """Run a program that restarts the board; return what weft says, which must be one line."""
    program = tmp_path / "program.py"
    program.write_text(f"import machine\nprint('before')\n{code}\nprint('after')\n")
    status = run_on_board(program, [], board=board, port=port, timeout=LIMIT_S)
    output = capsys.readouterr()
    assert status == 1, f"expected the status 1; came {status}, and {output}"
    assert len(output.err.splitlines()) == 1, output
    assert "after" not in output.out, output
    return output.err


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize(("code", "thread"), [(FAULT, "MainThread"), (FAULT_IN_A_THREAD, "worker")])
def test_a_hard_fault_is_reported_with_its_thread(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, board: str, code: str, thread: str
) -> None:
    said = run(code, capsys, tmp_path, board, None)
    expected = rf" restarted while .*: a hard fault at 0x1\w+ in the thread {thread}\.\n"
    assert re.search(expected, said), said


@pytest.fixture(params=BOARDS)
def board(request: pytest.FixtureRequest, under_test: None) -> Iterator[tuple[str, str]]:
    """A board that was there before, and its port: as one on the desk."""
    with BoardProcess(kind_named(request.param)) as process:
        yield request.param, process.url


def test_other_restarts_of_a_board_that_stays(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, board: tuple[str, str]
) -> None:
    for code in ("machine.reset()", WATCHDOG, "machine.reset()"):
        said = run(code, capsys, tmp_path, *board)
        assert POSSIBLE[board[0]] in said, f"after {code!r} came {said!r}"
