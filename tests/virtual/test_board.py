"""The virtual Pico as one of weft's boards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from weft.boards.board import Board
from weft.boards.clock import clock_of
from weft.boards.errors import VirtualBoardError
from weft.boards.kinds import kind_named
from weft.boards.process import command_of
from weft.boards.transcript import Recorder
from weft.boards.virtual import pico_process
from weft.firmware.steps import BuildError

LIMIT_S = 300
BOARDS = ["pico-virtual", "pico-virtual-uart", "pico-virtual-stock"]
THREAD_ON_CORE_1 = """\
import _thread, machine, time
CPUID = 0xd0000000
done = _thread.allocate_lock()
done.acquire()
def work():
    print('thread on core', machine.mem32[CPUID])
    done.release()
_thread.start_new_thread(work, ())
done.acquire()
print('main on core', machine.mem32[CPUID])
"""


def weft(
    *arguments: object, image: Path | None = None, seed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the command line, with an image and a seed for the board."""
    environment = os.environ | {"WEFT_PICO_SEED": seed}
    if image is not None:
        environment["WEFT_PICO_IMAGE"] = str(image)
    return subprocess.run(
        [sys.executable, "-m", "weft", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.usefixtures("micropython")
def test_lines_have_the_times_of_the_board() -> None:
    """However busy this computer is."""
    with Board("pico-virtual-stock") as board:
        assert board.process is not None
        recorder = Recorder(clock_of(board.process.folder))
        board.run("import time\nprint(1)\ntime.sleep(2)\nprint(2)", on_output=recorder)
    first, second = recorder.close()
    assert 1.99 <= second.at - first.at <= 2.02


@pytest.mark.usefixtures("micropython")
def test_weft_run_shows_a_thread_on_core_1(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(THREAD_ON_CORE_1)
    done = weft("run", "--board", "pico-virtual-stock", program)
    assert done.stderr == ""
    assert done.stdout == "thread on core 1\nmain on core 0\n"
    assert done.returncode == 0


@pytest.mark.parametrize("board", BOARDS)
def test_weft_run_shows_a_traceback(tmp_path: Path, micropython: Path, board: str) -> None:
    program = tmp_path / "program.py"
    program.write_text("print('before')\n1 / 0\n")
    done = weft("run", "--board", board, program, image=micropython, seed="7")
    assert (done.returncode, done.stdout) == (1, "before\n")
    assert "ZeroDivisionError: divide by zero" in done.stderr


@pytest.mark.usefixtures("micropython")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "import machine; machine.reset()",
            " restarted while the program was running: machine.reset() or the watchdog.",
        ),
        (
            "import machine; machine.mem32[0xfffffff0] = 1",
            " was lost: core 0 has crashed: write to an address where nothing is (0xfffffff0)",
        ),
    ],
)
def test_weft_run_says_that_stock_firmware_restarted_or_crashed(
    tmp_path: Path, code: str, expected: str
) -> None:
    program = tmp_path / "program.py"
    program.write_text(code)
    done = weft("run", "--board", "pico-virtual-stock", program)
    assert (done.returncode, done.stdout) == (1, "")
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("board", BOARDS)
def test_it_is_listed(board: str) -> None:
    assert f"  {board} " in weft("boards").stdout
    assert kind_named(board).cores == 2


@pytest.mark.parametrize(
    ("name", "target", "port"),
    [
        ("pico-virtual", "pico", "usb"),
        ("pico-virtual-uart", "pico", "uart0"),
        ("pico-virtual-stock", "pico-stock", "usb"),
    ],
)
def test_each_kind_has_its_firmware_and_its_port(
    name: str, target: str, port: str, micropython: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def firmware_for(target: str, report: Callable[[str], None]) -> Path:
        built.append(target)
        return micropython

    monkeypatch.setattr(pico_process, "firmware_for", firmware_for)
    monkeypatch.delenv("WEFT_PICO_IMAGE", raising=False)
    monkeypatch.setenv("WEFT_PICO_SEED", "12")
    words = command_of(kind_named(name)).words
    assert built == [target]
    assert words[-6:] == ["--image", str(micropython), "--serve", port, "--seed", "12"]


def test_a_bad_seed_is_one_sentence(tmp_path: Path, micropython: Path) -> None:
    program = tmp_path / "program.py"
    program.touch()
    done = weft("run", "--board", "pico-virtual", program, image=micropython, seed="seven")
    assert done.returncode == 1
    assert done.stderr == (
        "weft run: WEFT_PICO_SEED is 'seven'; set it to a whole number, or unset it.\n"
    )


def test_firmware_that_can_not_be_built_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def firmware_for(target: str, report: Callable[[str], None]) -> Path:
        raise BuildError("the build failed: a.c:1: error: no (the whole log is LOG).")

    monkeypatch.setattr(pico_process, "firmware_for", firmware_for)
    monkeypatch.delenv("WEFT_PICO_IMAGE", raising=False)
    with pytest.raises(VirtualBoardError, match=r"the whole log is LOG\)\. Or name a UF2 of"):
        command_of(kind_named("pico-virtual"))


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_bad_image_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    image = tmp_path / "bad.uf2"
    image.write_bytes(content)
    program = tmp_path / "program.py"
    program.touch()
    done = weft("run", "--board", "pico-virtual", program, image=image)
    assert done.returncode == 1
    assert done.stderr.startswith("weft run: ")
    assert str(image) in done.stderr
    assert len(done.stderr.splitlines()) == 1
