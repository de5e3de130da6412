"""`weft run` runs a program as `python` does: the same output, errors and exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from interpreter import LIMIT, environment

PROGRAMS = {
    "prints": "print('hello')",
    "arguments": "import sys; print(sys.argv[1:], len(sys.argv[0]) > 0)",
    "main": "if __name__ == '__main__': print(__file__, __doc__, __package__, __spec__)",
    "path": "import sys; print(sys.path[0])",
    "docstring": '"""What it is for."""\nprint(__doc__)',
    "annotations": "x: int = 1\nprint(__annotations__)",
    "sibling": "import sibling; print(sibling.NAME)",
    "raises": "def f():\n    raise ValueError('deep')\n\nf()",
    "raises_from": "try:\n    1 / 0\nexcept ArithmeticError as e:\n    raise KeyError(1) from e",
    "raises_group": "raise ExceptionGroup('many', [ValueError(1), KeyError(2)])",
    "assertion": "assert 1 == 2, 'not equal'",
    "syntax": "def f(:\n    pass",
    "indentation": "if True:\npass",
    "latin": "# coding: latin-1\nprint(ascii('\xe9'))",
    "exit_none": "raise SystemExit",
    "exit_number": "raise SystemExit(3)",
    "exit_text": "raise SystemExit('gone wrong')",
    "exit_object": "import sys; sys.exit([1, 2])",
    "exit_big": "import sys; sys.exit(256 + 7)",
    "os_exit": "import os; os._exit(9)",
    "interrupt": "raise KeyboardInterrupt",
    "abort": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "name_error": "prinnt('hello')",
    "thread_raises": """
import threading
def work():
    raise ValueError("in a thread")
t = threading.Thread(target=work, name="worker")
t.start()
t.join()
""",
    "thread_exits": """
import sys, threading
t = threading.Thread(target=sys.exit, args=(5,))
t.start()
t.join()
print("main goes on")
""",
    "excepthook": """
import sys
sys.excepthook = lambda kind, value, traceback: print("hook", kind.__name__, value)
raise ValueError(1)
""",
    "thread_hook": """
import threading
threading.excepthook = lambda args: print("hook", args.exc_type.__name__, args.thread.name)
t = threading.Thread(target=lambda: 1 / 0, name="worker")
t.start()
t.join()
""",
    "atexit": "import atexit; atexit.register(print, 'at exit'); raise ValueError(1)",
    "input": "print(input('name? '))",
    "print_options": "print(1, 2, sep='-', end='!\\n', flush=True); print()",
    "print_error": "print(1, sep=5)",
    "print_file": "import sys; print('to stderr', file=sys.stderr)",
    "pickle": """
import pickle
class Point: x = 1
print(pickle.loads(pickle.dumps(Point())).x)
""",
    "logging": """
import logging, threading
logging.basicConfig(format="%(threadName)s %(message)s")
t = threading.Thread(target=logging.warning, args=("hello",), name="worker")
t.start()
t.join()
""",
    "not_started": "import threading; threading.Thread().join()",
    "not_held": "import threading; threading.Lock().release()",
    "queue": """
import queue
q = queue.Queue(1)
q.put(1)
q.put_nowait(2)
""",
}


def run(command: list[str], folder: Path) -> tuple[int, str, str]:
    """Run the command; return its exit status, its output and its errors."""
    finished = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        input="Ada\n",
        capture_output=True,
        text=True,
        timeout=LIMIT,
        env=environment(),
    )
    return finished.returncode, finished.stdout, own_frames(finished.stderr, folder)


def own_frames(errors: str, folder: Path) -> str:
    """Drop the frames of tracebacks that are not the program's: threading's, queue's and weft's."""
    kept = []
    is_own = True
    for line in errors.splitlines(keepends=True):
        if line.startswith('  File "'):
            is_own = str(folder) in line
        elif not line.startswith("    "):
            is_own = True
        if is_own:
            kept.append(line)
    return "".join(kept)


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, tmp_path: Path) -> None:
    (tmp_path / "sibling.py").write_text("NAME = __name__\n", encoding="utf-8")
    program = tmp_path / "program.py"
    program.write_text(PROGRAMS[name], encoding="latin-1")
    expected = run([str(program), "one", "--two"], tmp_path)
    assert run(["-m", "weft", "run", str(program), "one", "--two"], tmp_path) == expected


def test_relative_path(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import sys; print(__file__, sys.argv); 1 / 0", "utf-8")
    expected = run(["program.py"], tmp_path)
    assert run(["-m", "weft", "run", "program.py"], tmp_path) == expected


def test_program_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "program.py").write_text("import sys; print(sys.path[0])", "utf-8")
    path = os.path.join("inside", "program.py")
    assert run(["-m", "weft", "run", path], tmp_path) == run([path], tmp_path)


@pytest.mark.parametrize("program", ["missing.py", "folder/missing.py"])
def test_missing_program(program: str, tmp_path: Path) -> None:
    expected = run([program], tmp_path)
    assert run(["-m", "weft", "run", program], tmp_path) == expected
    assert expected[0] == 2


def test_program_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    path = os.path.join("file", "program.py")
    expected = run([path], tmp_path)
    assert run(["-m", "weft", "run", path], tmp_path) == expected
    assert expected[0] == 2


def test_unknown_example(tmp_path: Path) -> None:
    status, output, error = run(["-m", "weft", "run", "threading_evnt"], tmp_path)
    assert (status, output) == (2, "")
    assert "did you mean threading_event?" in error


def test_program_gets_weft(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import queue, threading, concurrent.futures.thread as futures\n"
        "print(threading.__name__, queue.__name__, futures.threading.__name__)",
        encoding="utf-8",
    )
    status, output, error = run(["-m", "weft", "run", str(program)], tmp_path)
    assert (status, output, error) == (0, "weft.threading weft.queue weft.threading\n", "")


def test_everything_after_two_dashes_is_the_programs(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import sys; print(sys.argv[1:])", encoding="utf-8")
    for command in ([str(program), "--"], ["--", str(program)]):
        result = run(["-m", "weft", "run", *command, "--port", "x"], tmp_path)
        assert result == (0, "['--port', 'x']\n", "")
