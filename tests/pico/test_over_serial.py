"""weft's firmware on a live virtual Pico, over the serial paths that a user has: USB and the UART.

It takes real time; the whole conformance suite and more seeds run in emulated time, in the tests
beside this one. All tests here are one group for pytest-xdist: no two boards run at once.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conformance_suite import CASES, SUITE, Case
from weft import examples
from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.upload import put_file
from weft.boards.verdict import check

BOARDS = ("pico-virtual", "pico-virtual-uart")
CHECKED = [("pico-virtual", name) for name in examples.names()] + [
    ("pico-virtual-uart", "threading_event"),
    ("pico-virtual-uart", "queue_producer_consumer"),
]
GROUP = "cases_event"
LIMIT_S = 300.0

pytestmark = pytest.mark.xdist_group("live")


@pytest.fixture(autouse=True)
def under_test(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the boards the image that all tests here are for."""
    monkeypatch.setenv("WEFT_PICO_IMAGE", str(image))


@pytest.mark.parametrize(("board", "name"), CHECKED)
def test_weft_check(board: str, name: str) -> None:
    problem = check(examples.FOLDER / f"{name}.py", board, None, LIMIT_S).problem
    if problem:
        pytest.fail(f"weft check {name} --board {board} says: {problem}", pytrace=False)


@pytest.fixture(scope="module", params=BOARDS)
def board_with_cases(request: pytest.FixtureRequest, image: Path) -> Iterator[Board]:
    """A board that has some of the conformance suite on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEFT_PICO_IMAGE", str(image))
        with Board(request.param) as board:
            for name in ("subject.py", f"{GROUP}.py"):
                put_file(board.repl, (SUITE / name).read_bytes(), name)
            yield board


@pytest.mark.parametrize("case", [case for case in CASES if case.group == GROUP], ids=str)
def test_case(board_with_cases: Board, case: Case) -> None:
    output = bytearray()
    result = board_with_cases.repl.run(case.program, output.extend, Deadline(LIMIT_S))
    assert not result.traceback, f"{board_with_cases.kind.name}: {result.traceback} {output!r}"


READS = """\
import sys, threading
import helper
done = threading.Event()
def chat():
    while not done.wait(0.01):
        print('chat')
thread = threading.Thread(target=chat)
thread.start()
lines = [input(), sys.stdin.readline(), sys.stdin.read()]
done.set()
thread.join()
print(helper.value, [len(line) for line in lines], lines[0], repr(lines[2]))
"""


@pytest.mark.parametrize("board", BOARDS)
def test_input_and_a_module_beside_the_program(tmp_path: Path, board: str) -> None:
    """A line is longer than the board's buffer, and a thread prints meanwhile."""
    program = tmp_path / "program.py"
    program.write_text(READS)
    (tmp_path / "helper.py").write_text("value = 42\n")
    done = subprocess.run(
        [sys.executable, "-m", "weft", "run", str(program), "--board", board],
        input=b"first\n" + b"x" * 1000 + b"\n\x03\xc3\xaf",
        capture_output=True,
        timeout=LIMIT_S,
    )
    printed = [line for line in done.stdout.decode().splitlines() if line != "chat"]
    assert (done.returncode, printed) == (0, ["42 [5, 1001, 2] first '\\x03\\xef'"]), done
