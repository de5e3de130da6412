"""`weft run --board`: output, errors, arguments, limits and Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from weft.boards.identify import is_idle
from weft.boards.port import Port
from weft.boards.process import BoardProcess
from weft.boards.runner import STATUS_INTERRUPTED, STATUS_NO_PROGRAM, STATUS_TIMED_OUT, run_on_board

RUN = (
    "import sys; from pathlib import Path; from weft.boards.runner import run_on_board; "
    "sys.exit(run_on_board(Path(sys.argv[1]), sys.argv[2:], board='unix'))"
)


def run_source(
    tmp_path: Path,
    source: str,
    *arguments: str,
    board: str = "unix",
    timeout: float | None = 60.0,
    port: str | None = None,
) -> int:
    """Run a program on a board and return weft's exit status."""
    program = tmp_path / "program.py"
    program.write_text(source)
    return run_on_board(program, list(arguments), board=board, port=port, timeout=timeout)


def test_prints_what_the_board_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = run_source(tmp_path, "import sys\nprint('hello', sys.argv[1:], __name__)", "a", "b c")
    assert (status, capsys.readouterr().out) == (0, "hello ['a', 'b c'] __main__\n")


@pytest.mark.parametrize("board", ["unix", "unix-stock"])
def test_waits_for_threads_but_not_for_daemons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], board: str
) -> None:
    source = (
        "import threading\n"
        "go = threading.Event()\n"
        "def work():\n    go.wait()\n    print('worker')\n"
        "threading.Thread(target=work).start()\n"
        "threading.Thread(target=lambda: threading.Event().wait(), daemon=True).start()\n"
        "print('main')\ngo.set()\n"
    )
    assert run_source(tmp_path, source, board=board) == 0
    assert capsys.readouterr().out == "main\nworker\n"


def test_a_program_that_raises_ends_with_status_1_and_its_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run_source(tmp_path, "print('before')\n1 / 0\n")
    output = capsys.readouterr()
    assert (status, output.out) == (1, "before\n")
    assert output.err.splitlines() == [
        "Traceback (most recent call last):",
        f'  File "{tmp_path}/program.py", line 2, in <module>',
        "ZeroDivisionError: divide by zero",
    ]


def test_threads_finish_after_the_program_raised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "import threading, time\n"
        "threading.Thread(target=lambda: (time.sleep(0.1), print('worker'))).start()\n"
        "raise ValueError('main')"
    )
    assert run_source(tmp_path, source) == 1
    assert capsys.readouterr().out == "worker\n"


def test_an_exception_in_a_thread_is_printed_and_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "import threading\n"
        "def work(): raise ValueError('bad')\n"
        "threading.Thread(target=work, name='worker').start()\n"
    )
    assert run_source(tmp_path, source) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Exception in thread worker:"
    assert f'  File "{tmp_path}/program.py", line 2, in work' in lines
    assert lines[-1] == "ValueError: bad"


def test_exit_in_the_program_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_source(tmp_path, "import sys\nprint('x')\nsys.exit()\nprint('y')") == 0
    assert capsys.readouterr().out == "x\n"


def test_a_hung_program_is_reported_at_its_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run_source(tmp_path, "while True: pass", timeout=2.0)
    assert status == STATUS_TIMED_OUT
    assert "did not end within 2 s" in capsys.readouterr().err


def test_lines_of_several_threads_never_mix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "import threading\n"
        "def chat(n):\n"
        "    for i in range(200): print('thread', n, 'says', i, 'times', n * 'x')\n"
        "for n in range(5): threading.Thread(target=chat, args=(n,)).start()\n"
    )
    for board in ("unix", "unix-stock"):
        assert run_source(tmp_path, source, board=board) == 0
        expected = [f"thread {n} says {i} times {n * 'x'}" for n in range(5) for i in range(200)]
        assert sorted(capsys.readouterr().out.splitlines()) == sorted(expected), board


def test_ctrl_c_stops_the_program_on_the_board(tmp_path: Path, unix_process: BoardProcess) -> None:
    program = tmp_path / "program.py"
    program.write_text("import threading\nprint('running')\nthreading.Event().wait()")
    script = RUN.replace("board='unix'", f"board='unix', port={unix_process.url!r}")
    with subprocess.Popen(
        [sys.executable, "-c", script, str(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == STATUS_INTERRUPTED
    assert "KeyboardInterrupt" in output
    assert "the program was stopped" in errors
    # The board is free for the next program.
    assert run_source(tmp_path, "print('next')", port=unix_process.url) == 0


def test_the_board_ends_with_weft_even_if_weft_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import os, time\nprint(os.getcwd())\ntime.sleep(1000)")
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(program)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        folder = process.stdout.readline().strip()
        board = [pid for pid in processes() if working_folder(pid) == folder]
        assert len(board) == 1
        process.kill()
        process.wait()
    descriptor = os.pidfd_open(board[0]) if working_folder(board[0]) == folder else None
    if descriptor is not None:
        import select

        assert select.select([descriptor], [], [], 60.0)[0], "the board outlived weft"
        os.close(descriptor)


def processes() -> list[int]:
    """Return the ids of all processes."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def working_folder(pid: int) -> str:
    """Return the working folder of a process, "" if there is none any more."""
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return ""


def test_a_board_is_left_at_its_prompt_without_our_threads(
    tmp_path: Path, unix_process: BoardProcess
) -> None:
    source = (
        "import threading\n"
        "threading.Thread(target=lambda: threading.Event().wait(), daemon=True).start()"
    )
    assert run_source(tmp_path, source, port=unix_process.url) == 0
    with Port(unix_process.url) as port:
        assert is_idle(port)
    assert len(os.listdir(f"/proc/{unix_process.pid}/task")) == 2  # main and the line's reader


def test_a_program_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_on_board(Path("no-such.py"), [], board="unix") == STATUS_NO_PROGRAM
    assert "can't be read" in capsys.readouterr().err


def test_an_unknown_board(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_source(tmp_path, "", board="nonsense") == 1
    assert "There is no board 'nonsense'; the known ones are" in capsys.readouterr().err
