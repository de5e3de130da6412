"""Runs CPython's own suites over weft, each in a process of its own; see cpython_suites.py.

`pytest tests/upstream -s` shows the counts: cases run, failed, skipped, left out.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.mark.slow
@pytest.mark.parametrize(
    "suite", ["lock_tests", "test_queue", "test_threading", "test_threading_local"]
)
def test_suite(suite: str) -> None:
    command = [sys.executable, str(FOLDER / "cpython_suites.py"), suite]
    finished = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1500
    )
    counts = ", ".join(finished.stdout.splitlines()[-2:])
    print(f"CPython's {suite} over weft: {counts}")
    assert finished.returncode == 0, f"{' '.join(command)}:\n{finished.stdout}"
