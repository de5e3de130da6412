"""A board that restarts under a program is noticed on any line, by all that run programs."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeLine, cable, fake_board, served
from weft.boards.process import BoardProcess
from weft.boards.pytest_plugin import BoardFixture, BoardSpec
from weft.boards.runner import run_on_board
from weft.boards.verdict import check

LIMIT_S = 60.0
BANNER = """\
print('MicroPython v1.25.0 on 2025-04-15; Raspberry Pi Pico with RP2040')
print('Type "help()" for more information.')
print('>>> ', end='')
"""
REPORT = "print('weft: a hard fault at 0x10001234 in the thread worker; the board restarts')\n"
BEFORE = "import sys\nprint('before')\n"
# CPython, which `weft check` asks too, does not restart.
AFTER = "while sys.implementation.name == 'micropython': pass\n"
WHILE = "restarted while the program was running"
VANISHED = "was lost and came back while the program was running"
CASES = {
    "banner": (BANNER, f"{WHILE} (machine.reset(), a watchdog, a crash"),
    "banner, then output": (BANNER + "print('boot')\n", f"{WHILE} (machine.reset(), a watchdog"),
    "report": (REPORT, f"{WHILE}: a hard fault at 0x10001234 in the thread worker."),
    "usb": ("print('VANISH')\n", VANISHED),
}


@pytest.fixture
def port(unix_process: BoardProcess, tmp_path: Path) -> Iterator[str]:
    """A port that vanishes when the program prints VANISH, and comes back as USB does."""
    link = tmp_path / "port"
    cables: list[FakeLine] = []
    host_spoke = threading.Event()

    def note(data: bytes) -> bytes:
        host_spoke.set()
        return data

    def vanish(data: bytes) -> bytes:
        # The program's text is not echoed, so that this is its output.
        if host_spoke.is_set() and b"VANISH" in data:
            cables[0].unplug()
            (tmp_path / "new").symlink_to(again.port)
            os.replace(tmp_path / "new", link)
            return b""
        return data

    with (
        fake_board(lambda line: None) as again,
        cable(unix_process.url, to_board=note, to_host=vanish) as line,
    ):
        cables.append(line)
        link.symlink_to(line.port)
        yield str(link)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A program during which the board restarts, and what must be said."""
    shows, expected = CASES[request.param]
    program = tmp_path / "program.py"
    program.write_text(BEFORE + shows + AFTER)
    return program, expected


def test_weft_run(case: tuple[Path, str], port: str, capsys: pytest.CaptureFixture[str]) -> None:
    program, expected = case
    assert run_on_board(program, [], board="unix", port=port, timeout=LIMIT_S) == 1
    output = capsys.readouterr()
    # A pty drops what was not read yet when its other end vanishes.
    came = output.out[: len("before\n")]
    assert came == "before\n" or (expected == VANISHED and "before\n".startswith(came))
    assert expected in output.err
    assert len(output.err.splitlines()) == 1


def test_weft_check(case: tuple[Path, str], port: str) -> None:
    program, expected = case
    assert expected in check(program, "unix", port, LIMIT_S).problem


def test_the_pytest_plugin(case: tuple[Path, str], port: str) -> None:
    program, expected = case
    with (
        contextlib.closing(BoardFixture(BoardSpec("unix", port), LIMIT_S)) as board,
        pytest.raises(pytest.fail.Exception) as failure,
    ):
        board.run(program)
    assert expected in str(failure.value)
    assert "The board printed until then:\n" in str(failure.value)


def test_a_lost_network_connection_is_no_restart(
    unix_process: BoardProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "program.py"
    program.write_text("print('VAN' + 'ISH')\n" + AFTER)
    with served(unix_process.url, lost_at=b"VANISH") as port:
        assert run_on_board(program, [], board="unix", port=port, timeout=LIMIT_S) == 1
    assert capsys.readouterr().err == (
        f"weft run: The connection to {port} was lost while the program was running, and can be "
        "opened again: look at the network and the server, and whether the board restarted.\n"
    )
