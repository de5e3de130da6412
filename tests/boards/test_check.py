"""`weft check`: programs against CPython, and the reports of those that differ."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from weft.boards import attached, verdict
from weft.boards.lateness import LatenessGauge
from weft.boards.transcript import Recording
from weft.boards.verdict import check
from weft.cli import main
from weft.commands.check import all_examples

LIMIT_S = 300.0
# Times are the host's here, and the host may be busy.
TOLERANCE = "# check: tolerance 5000 ms\n"
GOOD = f"""\
{TOLERANCE}
import threading, time
def work(n):
    time.sleep(0.4 * n)
    print("worker", n)
for n in range(3):
    threading.Thread(target=work, args=(n,)).start()
"""
DIFFERENT = "import sys\nprint('same')\nprint(sys.implementation.name)"
LATE = """\
import sys, time
print("a")
time.sleep(0.4 if sys.implementation.name == "cpython" else 0.7)
print("b")
"""


def write(tmp_path: Path, source: str) -> Path:
    """Write a program to check."""
    program = tmp_path / "program.py"
    program.write_text(source)
    return program


class Stalled(LatenessGauge):
    """What a computer shows that stands still for a second in `runs` runs, and never again."""

    runs = 0

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self.worst_s = 1.0 if self.runs else 0.0
        type(self).runs -= bool(self.runs)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Recording]:
    """What the board has printed in each run of the program."""
    recordings: list[Recording] = []
    record_board = verdict.record_board

    def record(*words: Any) -> Recording:
        recordings.append(record_board(*words))
        return recordings[-1]

    monkeypatch.setattr(verdict, "record_board", record)
    monkeypatch.setattr(Stalled, "runs", 0)
    monkeypatch.setattr(verdict, "LatenessGauge", Stalled)
    return recordings


@pytest.mark.parametrize("board", ["unix", "unix-stock"])
def test_a_program_that_prints_the_same(tmp_path: Path, board: str) -> None:
    assert check(write(tmp_path, GOOD), board, None, LIMIT_S).problem == ""


def test_a_program_that_prints_something_else(tmp_path: Path) -> None:
    problem = check(write(tmp_path, DIFFERENT), "unix", None, LIMIT_S).problem
    assert problem.startswith("'cpython' was expected, but 'micropython' came")


def test_the_order_of_one_thread_counts(tmp_path: Path, runs: list[Recording]) -> None:
    source = (
        "import sys, threading\n"
        "words = ['a', 'b'] if sys.implementation.name == 'cpython' else ['b', 'a']\n"
        "thread = threading.Thread(target=lambda: [print(word) for word in words])\n"
        "thread.start()\nthread.join()\n"
    )
    problem = check(write(tmp_path, source), "unix", None, LIMIT_S).problem
    assert problem.startswith("'a' was expected, but 'b' came")
    assert len(runs) == 1, "an order that is wrong is no matter of time"


def test_a_program_that_is_late_each_time(tmp_path: Path, runs: list[Recording]) -> None:
    problem = check(write(tmp_path, LATE), "unix", None, LIMIT_S).problem
    assert re.match(r"'b' came \d\.\d+ s after the line before it; 0\.\d+ s was", problem), problem
    assert len(runs) == verdict.TRIES


def test_a_program_that_is_late_once(tmp_path: Path, runs: list[Recording]) -> None:
    before = tmp_path / "before"
    program = LATE.replace("0.4", "1.5").replace("0.7", f"0 if once({str(before)!r}) else 1.5")
    once = "# check: tolerance 1000 ms\n"
    once += "def once(path):\n    try:\n        open(path).close()\n    except OSError:\n"
    once += "        open(path, 'w').close()\n        return True\n"
    assert check(write(tmp_path, once + program), "unix", None, LIMIT_S).problem == ""
    assert len(runs) == 2


def test_a_try_of_a_computer_that_is_late_does_not_count(
    tmp_path: Path, runs: list[Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stalled, "runs", 2)
    problem = check(write(tmp_path, DIFFERENT), "unix", None, LIMIT_S).problem
    assert problem.startswith("'cpython' was expected, but 'micropython' came")
    assert "late itself" not in problem, "the last try was of a computer in time"
    assert len(runs) == 3


def test_a_computer_that_is_always_late_ends_the_check_too(
    tmp_path: Path, runs: list[Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stalled, "runs", 1000)
    problem = check(write(tmp_path, DIFFERENT), "unix", None, LIMIT_S).problem
    assert problem.endswith("This computer was late itself, by up to 1.000 s.")
    assert len(runs) == verdict.LATE_TRIES + 1


def test_the_gauge_sees_a_process_that_stands_still() -> None:
    program = (
        "import time\n"
        "from weft.boards.lateness import LatenessGauge\n"
        "with LatenessGauge() as gauge:\n"
        "    print('measuring', flush=True)\n"
        "    input()\n"
        "print(gauge.worst_s)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        assert process.stdout.readline() == "measuring\n"
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        process.send_signal(signal.SIGCONT)
        printed, _ = process.communicate("\n", timeout=LIMIT_S)
    assert float(printed) >= 0.25


def test_a_program_that_raises_on_one_side(tmp_path: Path) -> None:
    source = "import sys\nif sys.implementation.name != 'cpython': raise SystemExit(0)\nsys.exit(3)"
    problem = check(write(tmp_path, source), "unix", None, LIMIT_S).problem
    assert problem == "only CPython ended with an error"


def test_a_program_that_hangs_on_the_board(tmp_path: Path) -> None:
    source = "import sys\nwhile sys.implementation.name == 'micropython': pass\n"
    problem = check(write(tmp_path, source), "unix", None, 1.0).problem
    assert "did not end within 1 s" in problem


def test_a_comment_that_is_no_rule(tmp_path: Path) -> None:
    problem = check(write(tmp_path, "# check: maybe\n"), "unix", None, LIMIT_S).problem
    assert "is no rule" in problem


def test_junit_and_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text("print('x')")
    bad.write_text(DIFFERENT)
    junit = tmp_path / "result.xml"
    arguments = ["check", str(good), str(bad), "--board", "unix", "--junit", str(junit)]
    assert main(arguments) == 1
    assert "1 of 2 programs print what they must." in capsys.readouterr().out
    suite = ElementTree.parse(junit).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failure = suite.find("testcase[@name='bad']/failure")
    assert failure is not None and "'cpython' was expected" in (failure.get("message") or "")
    assert main(arguments[:2] + arguments[3:]) == 0


def test_an_unknown_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "no_such_example", "--board", "unix"]) == 1
    assert "There is no file and no example 'no_such_example'" in capsys.readouterr().err


def test_without_the_board_no_program_is_tried(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attached.list_ports, "comports", list)
    assert main(["check", "--board", "pico"]) == 1
    output = capsys.readouterr()
    assert (output.out, output.err.count("No pico is attached")) == ("", 1)


def test_a_result_that_can_not_be_written_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program, junit = write(tmp_path, "print('x')"), tmp_path / "missing" / "result.xml"
    assert main(["check", str(program), "--board", "unix", "--junit", str(junit)]) == 1
    assert capsys.readouterr().err == f"weft check: {junit}: No such file or directory.\n"


def test_ctrl_c_ends_both_sides_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = write(tmp_path, "while True: pass")
    with interrupted_after(1.0):
        assert main(["check", str(program), "--board", "unix", "--timeout", "600"]) == 130
    assert "weft check: stopped." in capsys.readouterr().err


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """Raise KeyboardInterrupt in the block, as Ctrl-C does."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("board", ["unix", "unix-stock"])
@pytest.mark.parametrize("program", all_examples(), ids=lambda path: path.stem)
def test_every_example(tmp_path: Path, program: Path, board: str) -> None:
    source = TOLERANCE + program.read_text("utf-8")
    problem = check(write(tmp_path, source), board, None, LIMIT_S).problem
    assert not problem, f"{problem}\nagain: weft check {program.stem} --board {board}"
