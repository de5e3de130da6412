"""Standard input of a program on a board: asked for, never swallowed, interrupted by Ctrl-C."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from weft.boards.standard_input import Wish, wish_of

LIMIT_S = 60.0
BOARDS = ["unix", "unix-stock"]
READS = """\
import sys
print('hello', input('name? '))
print(repr(sys.stdin.readline()), repr(sys.stdin.read(3)), repr(sys.stdin.buffer.read(2)))
for line in sys.stdin:
    print(len(line), repr(line[-3:]))
try:
    input()
except EOFError:
    print('the end')
"""
POLLS = """\
import select, sys
poll = select.poll()
poll.register(sys.stdin, select.POLLIN)
"""
INPUT = b"weft\n\x03\x04\x05 \xc3\xaf\n\xe2\x82\xac\xc3\xafz\xff\n" + b"0" * 9000 + b"\nlast"


def command(program: Path, board: str) -> list[str]:
    """The words of a `weft run`."""
    return [sys.executable, "-m", "weft", "run", str(program), "--board", board]


def run(program: Path, board: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end, with this input by a pipe."""
    return subprocess.run(
        command(program, board), input=given, capture_output=True, timeout=LIMIT_S
    )


def program_in(folder: Path, source: str) -> Path:
    """Write a program."""
    program = folder / "program.py"
    program.write_text(source)
    return program


@pytest.mark.parametrize("board", BOARDS)
def test_a_program_reads_what_comes_by_a_pipe(tmp_path: Path, board: str) -> None:
    done = run(program_in(tmp_path, READS), board, INPUT)
    assert done.stdout.decode().splitlines() == [
        "name? hello weft",
        r"'\x03\x04\x05 \xef\n' '\u20ac\xefz' b'\xff\n'",
        r"9001 '00\n'",
        "4 'ast'",
        "the end",
    ]


def test_it_is_what_the_computer_prints(tmp_path: Path) -> None:
    program = program_in(tmp_path, READS.replace(", repr(sys.stdin.buffer.read(2))", ""))
    given = INPUT.replace(b"\xff", b"")
    runs = [
        subprocess.run(words, input=given, capture_output=True, timeout=LIMIT_S, check=True).stdout
        for words in (command(program, "unix"), [sys.executable, "-X", "utf8", str(program)])
    ]
    assert (
        runs[0].decode().replace("\\u20ac\\xef", "\u20ac\u00ef").replace("\\xef", "\u00ef")
        == runs[1].decode()
    )


def test_a_program_leaves_what_it_does_not_read(tmp_path: Path) -> None:
    program = program_in(tmp_path, "print('no input here')")
    (tmp_path / "input").write_text("for the next\n")
    with (tmp_path / "input").open() as given:
        for expected in (b"no input here\n", b"for the next\n"):
            words = command(program, "unix") if expected.startswith(b"no") else ["cat"]
            done = subprocess.run(
                words, stdin=given, capture_output=True, timeout=LIMIT_S, check=True
            )
            assert done.stdout == expected


def test_without_input_it_ends_at_once(tmp_path: Path) -> None:
    done = subprocess.run(
        command(program_in(tmp_path, "input()"), "unix"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_S,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.endswith(b"EOFError: \n"), done.stderr


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """A pseudo-terminal: our end, and the program's."""
    near, far = pty.openpty()
    yield near, far
    os.close(near)
    os.close(far)


def start_at(terminal: tuple[int, int], program: Path) -> subprocess.Popen[bytes]:
    """Start a `weft run` whose keyboard is the terminal."""
    return subprocess.Popen(
        command(program, "unix"),
        stdin=terminal[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def test_threads_print_while_somebody_thinks(tmp_path: Path, terminal: tuple[int, int]) -> None:
    source = (
        "import threading\n"
        "asked = threading.Event()\n"
        "def work():\n"
        "    asked.wait()\n"
        "    for i in range(3): print('worker', i)\n"
        "threading.Thread(target=work).start()\n"
        "asked.set()\n"
        "print('got', input('? '))"
    )
    with start_at(terminal, program_in(tmp_path, source)) as process:
        assert process.stdout is not None
        seen = b""
        while b"worker 2\n" not in seen or b"? " not in seen:
            seen += process.stdout.read1()  # type: ignore[attr-defined]
        os.write(terminal[0], b"an answer\n")
        rest, errors = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, rest, errors) == (0, b"got an answer\n", b"")


def test_ctrl_c_while_a_program_waits_for_input(tmp_path: Path, terminal: tuple[int, int]) -> None:
    program = program_in(tmp_path, "input('? ')")
    with start_at(terminal, program) as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b"? "
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    assert b"KeyboardInterrupt" in output
    assert errors == b"weft run: interrupted; the program was stopped.\n"


def test_what_is_typed_stays_at_the_terminal(tmp_path: Path, terminal: tuple[int, int]) -> None:
    """For the shell: the program asks for one line, and two are typed."""
    os.write(terminal[0], b"first\nsecond\n")
    with start_at(terminal, program_in(tmp_path, "print(input())")) as process:
        output, _ = process.communicate(timeout=LIMIT_S)
    assert output == b"first\n"
    assert os.read(terminal[1], 100) == b"second\n"


def test_a_program_that_polls_gets_input_as_it_comes(
    tmp_path: Path, terminal: tuple[int, int]
) -> None:
    source = (
        POLLS + "print('ready')\n"
        "while not poll.poll(100): pass\n"
        "print(repr(sys.stdin.readline()))\n"
    )
    with start_at(terminal, program_in(tmp_path, source)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        os.write(terminal[0], b"one\n\x04")
        output, errors = process.communicate(timeout=LIMIT_S)
    assert (process.returncode, output, errors) == (0, b"'one\\n'\n", b"")


@pytest.mark.parametrize("board", BOARDS)
def test_a_program_that_polls_gets_what_was_there_before_it(tmp_path: Path, board: str) -> None:
    source = (
        POLLS + "line = ''\n"
        "while line != 'end':\n"
        "    poll.poll(1000)\n"
        "    line = sys.stdin.readline().strip()\n"
        "    print(line)\n"
    )
    lines = [f"line {number}" for number in range(100)] + ["end"]
    given = "".join(f"{line}\n" for line in lines).encode()
    done = run(program_in(tmp_path, source), board, given)
    assert (done.stderr, done.stdout.decode().splitlines()) == (b"", lines)


@pytest.mark.parametrize(
    ("source", "wish"),
    [
        ("print('input')", Wish.NONE),
        ("def f(): return input()", Wish.INPUT),
        ("import sys\nsys.stdin.read()", Wish.STDIN),
        ("from sys import stdin", Wish.STDIN),
        ("import sys, select\nselect.poll().register(sys.stdin)", Wish.POLLED),
        ("from asyncio import StreamReader\nimport sys\nStreamReader(sys.stdin)", Wish.POLLED),
        ("input( # not Python", Wish.NONE),
    ],
)
def test_what_a_program_wants_is_seen_in_its_text(source: str, wish: Wish) -> None:
    assert wish_of([source]) is wish
