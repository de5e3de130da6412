"""The raw REPL is entered from every state that a healthy board can be in."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fakes import FakeLine, fake_board
from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardReset, StillRunning
from weft.boards.port import Port
from weft.boards.process import BoardProcess
from weft.boards.repl import CTRL_A, CTRL_C, CTRL_E, RawRepl

LIMIT_S = 60.0
GREETING = b"WEFT-TEST-READY\r\n"


def enter_and_answer(port: Port) -> None:
    """Enter the raw REPL and prove that it answers."""
    repl = RawRepl(port)
    repl.enter()
    assert repl.evaluate("6 * 7") == 42


def start_program(port: Port, source: str) -> None:
    """Start a program and leave it running once it has printed GREETING."""
    repl = RawRepl(port)
    repl.enter()
    output = bytearray()

    def stop_at_greeting(data: bytes) -> None:
        output.extend(data)
        if GREETING in output:
            raise Started

    with pytest.raises(Started):
        repl.run(source, stop_at_greeting, Deadline(LIMIT_S))


class Started(Exception):
    """The program has begun."""


PROGRAMS = {
    "busy": "print('WEFT-TEST-READY')\nwhile True: pass",
    "asleep": "import time\nprint('WEFT-TEST-READY')\nwhile True: time.sleep(100)",
    "waiting": "import threading\nprint('WEFT-TEST-READY')\nthreading.Event().wait()",
    "joining": (
        "import threading, time\n"
        "t = threading.Thread(target=lambda: time.sleep(1000))\n"
        "t.start()\nprint('WEFT-TEST-READY')\nt.join()"
    ),
    "chatty": "print('WEFT-TEST-READY')\nwhile True: print('x' * 100)",
    "threads": (
        "import threading\n"
        "def chat():\n"
        "    while True: print('y' * 50, 'raw REPL; CTRL-B to exit')\n"
        "for _ in range(3): threading.Thread(target=chat, daemon=True).start()\n"
        "print('WEFT-TEST-READY')\n"
        "while True: pass"
    ),
    "reading": "import sys\nprint('WEFT-TEST-READY')\nsys.stdin.read(100000)",
    "stubborn": (
        "print('WEFT-TEST-READY')\n"
        "caught = 0\n"
        "while caught < 3:\n"
        "    try:\n"
        "        while True: pass\n"
        "    except KeyboardInterrupt: caught += 1\n"
    ),
}


@pytest.mark.parametrize("state", PROGRAMS)
def test_enters_while_a_program_runs(unix_process: BoardProcess, state: str) -> None:
    with Port(unix_process.url) as port:
        start_program(port, PROGRAMS[state])
        port.unread.clear()
        enter_and_answer(port)


def test_enters_again_and_again_with_threads_running(unix_process: BoardProcess) -> None:
    with Port(unix_process.url) as port:
        start_program(port, PROGRAMS["threads"])
        for _ in range(5):
            enter_and_answer(port)
        RawRepl(port).soft_reset()
        enter_and_answer(port)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x04", id="soft reset"),
        pytest.param(CTRL_A + b"\x04", id="soft reset in raw mode"),
        pytest.param(CTRL_E + b"def f():\r", id="paste mode"),
        pytest.param(b"if True:\r", id="unfinished statement"),
        pytest.param(CTRL_A + b"print('unfinished", id="unfinished raw command"),
        pytest.param(CTRL_A + CTRL_E + b"A" + CTRL_A + b"print('x", id="unfinished raw paste"),
        pytest.param(random.Random(1).randbytes(65536), id="64 KB of garbage"),
        pytest.param(b"x" * 65536, id="64 KB of letters"),
    ],
)
def test_enters_after(unix_process: BoardProcess, sent: bytes) -> None:
    with Port(unix_process.url) as port:
        port.write(sent)
        enter_and_answer(port)


def test_enters_after_garbage_while_a_program_runs(unix_process: BoardProcess) -> None:
    with Port(unix_process.url) as port:
        start_program(port, PROGRAMS["asleep"])
        port.write(bytes(range(32, 127)) * 700)
        enter_and_answer(port)


@pytest.mark.parametrize("name", ["boot.py", "main.py"])
@pytest.mark.parametrize("state", ["busy", "threads", "stubborn"])
def test_enters_although_a_start_program_never_ends(
    unix_process: BoardProcess, name: str, state: str
) -> None:
    with Port(unix_process.url) as port:
        RawRepl(port).enter()
        Path(unix_process.folder, name).write_text(PROGRAMS[state])
        port.write(b"\x02\x04")  # friendly REPL, soft reset: the program starts
        deadline = Deadline(LIMIT_S)
        while GREETING not in port.unread:
            assert port.receive(deadline), f"{name} did not start"
        enter_and_answer(port)
        RawRepl(port).soft_reset(limit_s=6.0)
        enter_and_answer(port)


def test_soft_reset_ends_threads_and_forgets_variables(unix_board: Board) -> None:
    repl = unix_board.repl
    repl.run(
        "import threading, time\nkept = 1\nthreading.Thread(target=time.sleep, args=(99,)).start()"
    )
    repl.soft_reset()
    assert repl.run(
        "import threading\nassert threading.active_count() == 1\nkept"
    ).traceback.endswith("NameError: name 'kept' isn't defined\n")


def test_output_of_threads_while_code_is_sent_is_handed_over(unix_board: Board) -> None:
    repl = unix_board.repl
    repl.run(
        "import threading\n"
        "go = threading.Event()\n"
        "def chat():\n"
        "    go.wait()\n"
        "    for i in range(2000): print('line', i)\n"
        "thread = threading.Thread(target=chat)\n"
        "thread.start()"
    )
    output = bytearray()
    repl.run("go.set()", output.extend, Deadline(LIMIT_S))
    long_comment = "#" * 60 + "\n"
    for _ in range(5):
        code = long_comment * 300 + "print('ran')"
        assert not repl.run(code, output.extend, Deadline(LIMIT_S)).traceback
    assert not repl.run("thread.join()", output.extend, Deadline(LIMIT_S)).traceback
    lines = output.decode().split("\r\n")
    assert [line for line in lines if line.startswith("line")] == [f"line {i}" for i in range(2000)]
    assert lines.count("ran") == 5


def test_a_program_that_does_not_end_is_reported_and_can_be_interrupted(unix_board: Board) -> None:
    repl = unix_board.repl
    with pytest.raises(StillRunning, match="did not end within"):
        repl.run("while True: pass", deadline=Deadline(2.0))
    assert "KeyboardInterrupt" in repl.interrupt().traceback
    assert repl.evaluate("1 + 1") == 2


def test_ctrl_c_goes_to_the_main_thread(unix_board: Board) -> None:
    repl = unix_board.repl
    source = (
        "import threading\n"
        "ended = []\n"
        "def work():\n"
        "    try:\n"
        "        while not stop.is_set(): pass\n"
        "        ended.append('as told')\n"
        "    except KeyboardInterrupt: ended.append('by Ctrl-C')\n"
        "stop = threading.Event()\n"
        "threads = [threading.Thread(target=work) for _ in range(3)]\n"
        "for thread in threads: thread.start()\n"
        "while True: pass"
    )
    with pytest.raises(StillRunning):
        repl.run(source, deadline=Deadline(2.0))
    assert "KeyboardInterrupt" in repl.interrupt().traceback
    repl.run("stop.set()\nfor thread in threads: thread.join()", deadline=Deadline(LIMIT_S))
    assert repl.evaluate("ended") == ["as told"] * 3


def test_a_syntax_error_early_in_a_long_program_is_reported(unix_board: Board) -> None:
    result = unix_board.repl.run("def def\n" + "x = 1\n" * 20000)
    assert result.traceback.endswith("SyntaxError: invalid syntax\n")
    assert unix_board.repl.evaluate("2 + 2") == 4


def test_a_reset_in_the_middle_of_a_program_is_noticed(unix_board: Board) -> None:
    with pytest.raises(BoardReset, match="restarted while the program was running"):
        unix_board.repl.run(
            "print('before')\n"
            "print('MicroPython v1.25.0 on 2025-04-15; Raspberry Pi Pico with RP2040')\n"
            "print('Type \"help()\" for more information.')\n"
            "print('>>> ', end='')\n"
            "while True: pass",
            deadline=Deadline(LIMIT_S),
        )


def test_without_raw_paste_a_program_is_sent_in_small_pieces(unix_board: Board) -> None:
    unix_board.repl._has_raw_paste = False
    output = bytearray()
    unix_board.repl.run("#" * 1500 + "\nprint('arrived')", output.extend)
    assert output == b"arrived\r\n"


OWN = (
    b'Traceback (most recent call last):\r\n  File "<stdin>", line 9, in <module>\r\nOops: mine\r\n'
)
OWN_FIRST, OWN_REST = OWN[:60], OWN[60:]
THREAD = (
    b"Exception in thread worker:\r\nTraceback (most recent call last):\r\n"
    b'  File "<stdin>", line 2, in work\r\nValueError: bad\r\n'
)
UNHANDLED = THREAD.replace(b"Exception in thread", b"Unhandled exception in thread started by")
MEMORY = b"MemoryError: memory allocation failed\r\n"


@pytest.mark.parametrize(
    ("answer", "output", "error"),
    [
        pytest.param(b"a\r\n\x04\x04>", b"a\r\n", b"", id="no error"),
        pytest.param(b"a\r\n\x04" + OWN + b"\x04>", b"a\r\n", OWN, id="an error"),
        pytest.param(b"a\x04" + MEMORY + b"\x04>", b"a", MEMORY, id="an error without traceback"),
        pytest.param(b"\x04" + THREAD + b"\x04>", THREAD, b"", id="a thread's error"),
        pytest.param(b"\x04" + UNHANDLED + b"\x04>", UNHANDLED, b"", id="a _thread thread's error"),
        pytest.param(
            THREAD[:90] + b"\x04" + THREAD[90:] + b"\x04>", THREAD, b"", id="mark 1 in it"
        ),
        pytest.param(
            b"\x04" + THREAD[:90] + b"\x04" + THREAD[90:] + b">", THREAD, b"", id="mark 2"
        ),
        pytest.param(THREAD[:90] + b"\x04\x04" + THREAD[90:] + b">", THREAD, b"", id="both marks"),
        pytest.param(b"\x04" + THREAD + OWN + b"\x04>", THREAD, OWN, id="a thread's before"),
        pytest.param(b"\x04" + OWN + THREAD + b"\x04>", THREAD, OWN, id="a thread's after"),
        pytest.param(b"\x04" + OWN_FIRST + THREAD + OWN_REST + b"\x04>", THREAD, OWN, id="within"),
        pytest.param(b"\x04" + THREAD + MEMORY + b"\x04>", THREAD, MEMORY, id="and no traceback"),
        pytest.param(b"\x04Error: x\r\na\r\n\x04>", b"Error: x\r\na\r\n", b"", id="a print"),
    ],
)
def test_the_error_of_a_thread_is_not_taken_for_that_of_the_program(
    answer: bytes, output: bytes, error: bytes
) -> None:
    def behave(line: FakeLine) -> None:
        while CTRL_C not in line.read() and not line.stop.is_set():
            pass
        line.write(answer)

    printed = bytearray()
    with fake_board(behave) as line, Port(line.port) as port:
        result = RawRepl(port).interrupt(printed.extend)
    assert (bytes(printed), result.traceback) == (output, error.decode().replace("\r\n", "\n"))
