"""mpremote at a live board whose four threads keep both cores busy: what people use it for.

boot.py starts the threads, so that they run whenever mpremote does: it soft-resets the board before
each command but `resume`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from busy import busy_threads
from weft.boards.kinds import kind_named
from weft.boards.process import BoardProcess

COMMAND_S = 600
# mpremote's limits are for a board on the desk, not for one that shares a busy computer.
MPREMOTE = """\
import sys
from mpremote.main import main
from mpremote.transport_serial import SerialTransport
SerialTransport.enter_raw_repl.__defaults__ = (True, 300)
SerialTransport.read_until.__defaults__ = (300, None, None)
SerialTransport.exec_raw.__defaults__ = (300, None)
sys.exit(main())
"""
BOOT = busy_threads("busy", "allocating", "busy", "allocating")

Mpremote = Callable[..., str]

pytestmark = pytest.mark.xdist_group("live")


@pytest.fixture(scope="module", params=["pico-virtual", "pico-virtual-uart"])
def mpremote(
    request: pytest.FixtureRequest, image: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mpremote]:
    """Run mpremote at a board with busy threads; returns what it prints."""
    folder = tmp_path_factory.mktemp("mpremote")

    def run(*words: str, cwd: Path = folder) -> str:
        done = subprocess.run(
            [sys.executable, "-c", MPREMOTE, "connect", board.url, *words],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, f"mpremote {' '.join(words)} ended with:\n{said}"
        return done.stdout.replace("\r\n", "\n")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEFT_PICO_IMAGE", str(image))
        board = BoardProcess(kind_named(request.param))
    with board:
        (folder / "boot.py").write_text(BOOT, "utf-8")
        run("cp", "boot.py", ":boot.py")
        yield run


def test_exec_beside_threads_that_run(mpremote: Mpremote) -> None:
    program = (
        "a = sum(counts); time.sleep_ms(300); print(threading.active_count(), sum(counts) > a)"
    )
    assert mpremote("exec", program) == "5 True\n"
    assert mpremote("resume", "exec", program) == "5 True\n"


def test_exec_of_what_raises(mpremote: Mpremote) -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        mpremote("exec", "1 / 0")


def test_cp_both_ways_and_ls(mpremote: Mpremote, tmp_path: Path) -> None:
    data = bytes(i * 7 & 255 for i in range(3000))
    (tmp_path / "data.bin").write_bytes(data)
    mpremote("cp", "data.bin", ":data.bin", cwd=tmp_path)
    listed = mpremote("ls").split()
    assert "data.bin" in listed, listed
    assert listed[listed.index("data.bin") - 1] == "3000", listed
    mpremote("resume", "cp", ":data.bin", "back.bin", cwd=tmp_path)
    assert (tmp_path / "back.bin").read_bytes() == data
    mpremote("resume", "rm", ":data.bin")
    assert "data.bin" not in mpremote("resume", "ls")


def test_run(mpremote: Mpremote, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(
        "lines = []\n"
        "def work(n):\n    lines.append('thread %d' % n)\n"
        "own = [threading.Thread(target=work, args=(n,)) for n in range(3)]\n"
        "for thread in own: thread.start()\n"
        "for thread in own: thread.join()\n"
        "for line in sorted(lines): print(line)\n",
        "utf-8",
    )
    expected = "thread 0\nthread 1\nthread 2\n"
    assert mpremote("run", "program.py", cwd=tmp_path) == expected


def test_mount(mpremote: Mpremote, tmp_path: Path) -> None:
    (tmp_path / "of_the_host.py").write_text("value = 6 * 7\n", "utf-8")
    program = "import of_the_host, threading; print(of_the_host.value, threading.active_count())"
    assert "42 5\n" in mpremote("mount", ".", "exec", program, cwd=tmp_path)
