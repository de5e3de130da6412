"""Each bundled example prints what it must, under plain python and under `weft run`.

For the programs of the threading tour that is the tour's listing, as far as the program guarantees
its order: the lines of one thread keep theirs, and so do lines with a pause between them. Which of
two threads that have just been started prints first is the machine's to say. How often the order
is exactly the listing's is a figure of `weft bench --order`.
"""

from __future__ import annotations

import ast
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from weft import examples
from weft.boards.compare import Rules, compare
from weft.boards.lateness import LatenessGauge
from weft.boards.transcript import Line

LIMIT = 300
TRIES = 5
SHORTEST_PAUSE_S = 1.0
"""Of a program's lines. A computer that stands still for half of it may print them in another
order, under plain python too."""
MAX_LINES = 60

# A pause of the program comes before each part but the first.
TOUR = {
    "threading_simple": [["Worker"] * 5],
    "threading_simpleargs": [[f"Worker: {number}" for number in range(5)]],
    "threading_daemon": [
        [
            "(daemon    ) Starting",
            "(non-daemon) Starting",
            "(non-daemon) Exiting",
        ]
    ],
    "threading_daemon_join": [
        [
            "(daemon    ) Starting",
            "(non-daemon) Starting",
            "(non-daemon) Exiting",
        ],
        ["(daemon    ) Exiting"],
    ],
    "threading_daemon_join_timeout": [
        [
            "(daemon    ) Starting",
            "(non-daemon) Starting",
            "(non-daemon) Exiting",
        ],
        ["d.isAlive() True"],
    ],
    "threading_event": [
        [
            "(block     ) wait_for_event starting",
            "(non-block ) wait_for_event_timeout starting",
            "(MainThread) Waiting before calling Event.set()",
        ],
        [
            "(non-block ) event set: False",
            "(non-block ) doing other work",
            "(non-block ) wait_for_event_timeout starting",
        ],
        [
            "(MainThread) Event is set",
            "(block     ) event set: True",
            "(non-block ) event set: True",
            "(non-block ) processing event",
        ],
    ],
}

TRIALS = 300
NEW_THREAD_FIRST = f"""\
import io, threading
def came_first():
    came = []
    def say(who):
        print(who, file=io.StringIO())
        came.append(who)
    thread = threading.Thread(target=say, args=("new",))
    thread.start()
    say("starter")
    thread.join()
    return came == ["new", "starter"]
print(sum(came_first() for _ in range({TRIALS})))
"""

NAMES = examples.names()


def run(*command: str) -> list[str]:
    """Run the command; return the lines that it logs and then those that it prints."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    finished = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=LIMIT, env=environment
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stderr.splitlines() + finished.stdout.splitlines()


def listing(name: str) -> list[Line]:
    """Return the tour's lines. Each tells its thread, or else is of a thread of its own."""
    return [
        Line(text, float(part), text.partition(")")[0] if text.startswith("(") else str(number))
        for part, texts in enumerate(TOUR[name])
        for number, text in enumerate(texts)
    ]


def difference_from_listing(name: str, lines: list[str]) -> str:
    """Say where lines are not what the tour's program guarantees; "" if they are."""
    came = [Line(text, 0.0) for text in lines]
    difference = compare(listing(name), came, Rules(tolerance=math.inf))
    return f"{difference.message}; came {lines}" if difference else ""


def difference_in_outputs(name: str) -> str:
    """Run an example under both; say what is not as it must be, "" if nothing."""
    path = examples.path_of(name)
    assert path is not None
    under_python = run(str(path))
    under_weft = run("-m", "weft", "run", name)
    if name not in TOUR:
        same = under_weft == under_python
        return "" if same else f"plain python: {under_python}; weft: {under_weft}"
    for who, lines in (("plain python", under_python), ("weft", under_weft)):
        if difference := difference_from_listing(name, lines):
            return f"{who}: {difference}"
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_same_output(name: str) -> None:
    for _ in range(TRIES):
        with LatenessGauge() as gauge:
            difference = difference_in_outputs(name)
        if not (difference and gauge.may_explain(SHORTEST_PAUSE_S)):
            break
    assert not difference, difference


def test_only_what_a_program_guarantees_is_asked_for() -> None:
    block, non_block, main, *rest = [line.text for line in listing("threading_event")]
    assert not difference_from_listing("threading_event", [main, block, non_block, *rest])
    *rest, is_set, block, non_block, processing = [block, non_block, main, *rest]
    assert not difference_from_listing(
        "threading_event", [*rest, non_block, processing, block, is_set]
    )
    within_a_thread = difference_from_listing(
        "threading_event", [*rest, is_set, block, processing, non_block]
    )
    assert f"{non_block!r} was expected, but {processing!r} came" in within_a_thread
    across_a_pause = difference_from_listing(
        "threading_event", [*rest[:-1], is_set, rest[-1], block, non_block, processing]
    )
    assert f"{rest[-1]!r} was expected, but {is_set!r} came" in across_a_pause


def test_a_new_thread_comes_first_most_of_the_time(tmp_path: Path) -> None:
    """No program may count on it, so neither does this test; without weft's care it never comes."""
    program = tmp_path / "program.py"
    program.write_text(NEW_THREAD_FIRST)
    (line,) = run("-m", "weft", "run", str(program))
    assert int(line) > TRIALS / 2, f"the new thread came first in {line} of {TRIALS} trials"


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
