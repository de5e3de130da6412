"""Each bundled example prints the same under plain python and under `weft run`.

For the programs of the threading tour that is exactly the output that the tour shows.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from weft import examples

LIMIT = 60
MAX_LINES = 60

Order = Callable[[list[str]], list[str]]


def as_printed(lines: list[str]) -> list[str]:
    return lines


def last_in_any_order(count: int) -> Order:
    return lambda lines: [*lines[:-count], *sorted(lines[-count:])]


TOUR = {
    "threading_simple": ["Worker"] * 5,
    "threading_simpleargs": [f"Worker: {number}" for number in range(5)],
    "threading_daemon": [
        "(daemon    ) Starting",
        "(non-daemon) Starting",
        "(non-daemon) Exiting",
    ],
    "threading_daemon_join": [
        "(daemon    ) Starting",
        "(non-daemon) Starting",
        "(non-daemon) Exiting",
        "(daemon    ) Exiting",
    ],
    "threading_daemon_join_timeout": [
        "(daemon    ) Starting",
        "(non-daemon) Starting",
        "(non-daemon) Exiting",
        "d.isAlive() True",
    ],
    "threading_event": [
        "(block     ) wait_for_event starting",
        "(non-block ) wait_for_event_timeout starting",
        "(MainThread) Waiting before calling Event.set()",
        "(non-block ) event set: False",
        "(non-block ) doing other work",
        "(non-block ) wait_for_event_timeout starting",
        "(MainThread) Event is set",
        "(block     ) event set: True",
        "(non-block ) event set: True",
        "(non-block ) processing event",
    ],
}

# After set(), two threads go on at once.
ORDER: dict[str, Order] = {"threading_event": last_in_any_order(3)}

NAMES = examples.names()


def run(*command: str) -> list[str]:
    """Run the command; return the lines that it logs and then those that it prints."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    finished = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=LIMIT, env=environment
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stderr.splitlines() + finished.stdout.splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_same_output(name: str) -> None:
    path = examples.path_of(name)
    assert path is not None
    under_python = run(str(path))
    under_weft = run("-m", "weft", "run", name)
    if name not in TOUR:
        assert under_weft == under_python
        return
    in_order = ORDER.get(name, as_printed)
    assert in_order(under_weft) == in_order(TOUR[name])
    assert sorted(under_python) == sorted(TOUR[name])  # CPython's order is only most often that


def test_tour_is_complete() -> None:
    assert set(TOUR) <= set(NAMES)
    assert len(set(NAMES) - set(TOUR)) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_example_is_short_and_stands_alone(name: str) -> None:
    path = examples.path_of(name)
    assert path is not None
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MAX_LINES
    assert examples.summary(name).endswith(".")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported = [node.module or ""]
        else:
            continue
        for module in imported:
            assert module.partition(".")[0] in sys.stdlib_module_names


def test_examples_lists_each_with_one_line() -> None:
    lines = run("-m", "weft", "examples")
    for name in NAMES:
        assert any(name in line and examples.summary(name) in line for line in lines), name


@pytest.mark.skipif(os.name == "nt", reason="no such error there")
def test_examples_ends_quietly_once_nobody_reads() -> None:
    command = [sys.executable, "-m", "weft", "examples"]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=buffered
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait(timeout=LIMIT)) == (b"", 1)


@pytest.mark.parametrize("name", NAMES)
def test_examples_prints_one(name: str) -> None:
    path = examples.path_of(name)
    assert path is not None
    assert run("-m", "weft", "examples", name) == Path(path).read_text("utf-8").splitlines()
