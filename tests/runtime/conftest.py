"""Every test here needs the tools that prepare.py installs: a missing one is a failure, no skip."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PREPARE = Path(__file__).resolve().parent / "prepare.py"


@pytest.fixture(scope="session", autouse=True)
def tools() -> None:
    command = [sys.executable, str(PREPARE), "--check"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if ended.returncode != 0:
        pytest.fail(f"{ended.stderr.strip()}: install with python tests/runtime/prepare.py")
