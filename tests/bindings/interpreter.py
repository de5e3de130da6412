"""Runs scripts in interpreters of their own, with a limit, for the tests of this folder."""

from __future__ import annotations

import os
import subprocess
import sys

LIMIT = 240
"""Seconds that a script may take."""

WEFT = "weft.threading"
CPYTHON = "threading"


def command(code: str, module: str = WEFT) -> list[str]:
    """Return the command that runs the code, in which `threading` is `module`."""
    return [sys.executable, "-X", "faulthandler", "-c", f"import {module} as threading\n{code}"]


def environment() -> dict[str, str]:
    """Return an environment in which nothing changes how Python writes or warns."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}


def run(code: str, module: str = WEFT) -> subprocess.CompletedProcess[str]:
    """Run the code and return how it ended and what it wrote."""
    return subprocess.run(
        command(code, module), capture_output=True, text=True, timeout=LIMIT, env=environment()
    )


def output(code: str, module: str = WEFT) -> str:
    """Run the code, which has to end well and write no error; return what it wrote."""
    finished = run(code, module)
    assert finished.returncode == 0, f"exit status {finished.returncode}:\n{finished.stderr}"
    assert finished.stderr == "", f"it wrote errors:\n{finished.stderr}"
    return finished.stdout
