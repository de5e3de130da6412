"""All C is formatted by clang-format, all Python by ruff; ruff and mypy have nothing to say.

The tools are of the project's extra "test", which pins clang-format: another version may format
otherwise. Each failure names the command that shows, or mends, what is wrong.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 900
CHECKED_TESTS = ["tests/test_house.py", "tests/test_format.py", "tests/runtime"]
CHECKED_TESTS += ["tests/virtual", "tests/pico", "tests/fuzz"]


def expect_success(command: list[str], mend: str) -> None:
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if ended.returncode != 0:
        output = f"{ended.stdout}{ended.stderr}"
        pytest.fail(f"{shlex.join(command)}\n{output}\nmend it with: {mend}", pytrace=False)


def c_files() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.c", "*.h"]
    listed = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    ).stdout.split("\n")
    return [name for name in listed if name and (ROOT / name).is_file()]


def test_c_is_formatted() -> None:
    program = Path(sysconfig.get_path("scripts")) / "clang-format"
    assert program.is_file(), "clang-format is missing: pip install '.[test]'"
    files = c_files()
    assert len(files) > 20, f"expected all C files, came {files}"
    expect_success([str(program), "--dry-run", "-Werror", *files], "clang-format -i FILES")


def test_python_is_formatted() -> None:
    # Python only: a README's example may set out its comments as it likes.
    command = [sys.executable, "-m", "ruff", "format", "--check", "--exclude", "*.md"]
    expect_success(command, "ruff format --exclude '*.md'")


def test_ruff_has_nothing_to_say() -> None:
    expect_success([sys.executable, "-m", "ruff", "check"], "ruff check --fix")


def test_types_of_the_package() -> None:
    expect_success([sys.executable, "-m", "mypy", "-p", "weft"], "an editor")


@pytest.mark.parametrize("path", CHECKED_TESTS)
def test_types_of_tests(path: str) -> None:
    expect_success([sys.executable, "-m", "mypy", path], "an editor")
