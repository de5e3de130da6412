"""MicroPython's own thread tests on the parallel interpreter, under AddressSanitizer and
ThreadSanitizer: they print what they must, and neither has anything to report.

tests/fuzz runs random programs on both.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from micropython_suite import SKIPPED, expected_output, programs
from weft.firmware.targets import firmware_for

LIMIT_S = 600.0
TOO_LONG = {"stress_aes"}  # one thread after the other, minutes of it
PROGRAMS = [program for program in programs("thread") if program.stem not in TOO_LONG]


@pytest.mark.parametrize("target", ["unix-parallel-asan", "unix-parallel-tsan"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_thread_suite(target: str, program: Path) -> None:
    done = subprocess.run(
        [firmware_for(target), program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=program.parent,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    expected = expected_output(program)
    assert expected.fullmatch(done.stdout) or done.stdout == SKIPPED, (
        f"expected {expected.pattern!r}, but came {done.stdout}"
    )
