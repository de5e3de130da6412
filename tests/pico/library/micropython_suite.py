"""MicroPython's own tests: where they are, and what each must print.

A test passes if it prints what its .exp file says or, without one, what CPython prints: so does
MicroPython's own runner, tests/run-tests.py.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

from weft.firmware.sources import MICROPYTHON, unpacked

CPYTHON_LIMIT_S = 600.0
SKIPPED = "SKIP\n"

# As in run-tests.py: their .exp files are patterns, those of all others are plain text.
PATTERNS = {"thread/thread_exc2", "basics/bytes_compare3", "basics/builtin_help"}
ANY_LINES = "########\n"


@functools.cache
def tests_folder() -> Path:
    """Return the folder tests of MicroPython's sources."""
    return unpacked(MICROPYTHON) / "tests"


def programs(suite: str) -> list[Path]:
    """Return the tests of a suite, such as "thread"."""
    return sorted((tests_folder() / suite).glob("*.py"))


def name_of(program: Path) -> str:
    """Return a test's name, such as "thread/mutate_list"."""
    return program.relative_to(tests_folder()).with_suffix("").as_posix()


@functools.cache
def expected_output(program: Path) -> re.Pattern[str]:
    """Return what the whole output of a test must match."""
    expected = program.with_suffix(".py.exp")
    if not expected.is_file():
        return re.compile(re.escape(_cpython_output(program)))
    text = expected.read_text("utf-8")
    if name_of(program) not in PATTERNS:
        return re.compile(re.escape(text))
    return re.compile("".join(map(_line_pattern, text.splitlines(keepends=True))))


def _line_pattern(line: str) -> str:
    """In a pattern, a backslash makes the next letter special as in a regular expression."""
    if line == ANY_LINES:
        return r"(?:.*\n)*?"
    pieces = re.findall(r"\\(.)|([^\\]+)", line, re.DOTALL)
    return "".join(
        special or re.sub(r"[][(){}.*+^$]", r"\\\g<0>", text) for special, text in pieces
    )


def _cpython_output(program: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-BS", str(program)],
        cwd=program.parent,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=CPYTHON_LIMIT_S,
        check=False,
    )
    output = done.stdout.decode("utf-8")
    return output if done.returncode == 0 else f"CPython failed:\n{output}"
