"""The virtual Pico as one of weft's boards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from weft.boards.kinds import kind_named

LIMIT_S = 120
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


def weft(*arguments: object, image: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line, with an image for the board."""
    environment = os.environ | ({} if image is None else {"WEFT_PICO_IMAGE": str(image)})
    return subprocess.run(
        [sys.executable, "-m", "weft", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def test_weft_run_shows_a_thread_on_core_1(tmp_path: Path, micropython: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(THREAD_ON_CORE_1)
    done = weft("run", "--board", "pico-virtual", program, image=micropython)
    assert done.stderr == ""
    assert done.stdout == "thread on core 1\nmain on core 0\n"
    assert done.returncode == 0


def test_weft_run_shows_a_traceback(tmp_path: Path, micropython: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("print('before')\n1 / 0\n")
    done = weft("run", "--board", "pico-virtual", program, image=micropython)
    assert (done.returncode, done.stdout) == (1, "before\n")
    assert "ZeroDivisionError: divide by zero" in done.stderr


def test_it_is_listed() -> None:
    assert "pico-virtual" in weft("boards").stdout
    assert kind_named("pico-virtual").cores == 2


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
