"""Modules that several threads of the board import at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.transcript import Recorder

LIMIT_S = 60.0
MODULES = {
    "record.py": "runs = []\n",
    "slow.py": "import record, time\nrecord.runs.append('slow')\ntime.sleep(0.05)\nvalue = 42\n",
    "fails.py": "import record, time\nrecord.runs.append('fails')\ntime.sleep(0.05)\n"
    "if record.runs.count('fails') < 2: raise ValueError('first time')\nvalue = 1\n",
    "chicken.py": "import record\nrecord.meet.wait()\nimport egg\nvalue = 'chicken'\n",
    "egg.py": "import record\nrecord.meet.wait()\nimport chicken\nvalue = 'egg'\n",
    "package/__init__.py": "import record, time\nrecord.runs.append('package')\n"
    "time.sleep(0.05)\nready = 'ready'\n",
    "package/module.py": "import record, time\nfrom . import ready\n"
    "record.runs.append(ready)\ntime.sleep(0.05)\nvalue = 7\n",
    "endless.py": "import record\nrecord.began.set()\nrecord.let_go.wait()\nvalue = 'whole'\n",
}
PROGRAM = """\
import sys, threading
sys.path.append(%r)
import record
def together(*functions):
    results = []
    threads = [threading.Thread(target=lambda f=f: results.append(f())) for f in functions]
    for thread in threads: thread.start()
    for thread in threads: thread.join(20)
    print(record.runs, sorted(results), any(thread.is_alive() for thread in threads))
    record.runs.clear()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The modules, as files."""
    base = tmp_path_factory.mktemp("modules")
    for name, source in MODULES.items():
        (base / name).parent.mkdir(exist_ok=True)
        (base / name).write_text(source)
    return base


@pytest.fixture(scope="module", params=["unix", "unix-parallel"])
def board(request: pytest.FixtureRequest) -> Iterator[Board]:
    """weft's firmware; stock firmware has no locks for imports."""
    with Board(request.param) as opened:
        yield opened


def lines_of(board: Board, folder: Path, source: str) -> list[str]:
    """Run a program that may import the modules, and return what it printed."""
    recorder = Recorder()
    program = PROGRAM % str(folder) + source
    result = board.run(program, on_output=recorder, deadline=Deadline(LIMIT_S))
    assert not result.traceback
    return [line.text for line in recorder.close()]


def test_a_module_runs_once_and_others_wait_for_it(board: Board, folder: Path) -> None:
    source = """\
def one():
    import slow
    return slow.value
def other():
    from slow import value
    return value
together(one, other, one, other)
"""
    assert lines_of(board, folder, source) == ["['slow'] [42, 42, 42, 42] False"]


def test_a_module_that_failed_is_run_by_the_next_who_imports_it(board: Board, folder: Path) -> None:
    source = """\
def get():
    try:
        import fails
        return str(fails.value)
    except ValueError as error:
        return str(error)
together(get, get, get)
"""
    expected = ["['fails', 'fails'] ['1', '1', 'first time'] False"]
    assert lines_of(board, folder, source) == expected


def test_modules_that_import_each_other_do_not_wait_for_each_other(
    board: Board, folder: Path
) -> None:
    source = """\
record.meet = threading.Barrier(2)
def first():
    import chicken
    return chicken.value
def second():
    import egg
    return egg.value
together(first, second)
"""
    assert lines_of(board, folder, source) == ["[] ['chicken', 'egg'] False"]


def test_a_package_is_whole_before_what_is_in_it(board: Board, folder: Path) -> None:
    source = """\
def dotted():
    import package.module
    return str(package.module.value)
def relative():
    from package import module
    return str(module.value)
def outer():
    import package
    return package.ready
together(dotted, relative, outer, dotted)
"""
    expected = ["['package', 'ready'] ['7', '7', '7', 'ready'] False"]
    assert lines_of(board, folder, source) == expected


def test_other_modules_do_not_wait_for_one_that_takes_long(board: Board, folder: Path) -> None:
    source = """\
record.began, record.let_go = threading.Event(), threading.Event()
def long():
    import endless
    return endless.value
thread = threading.Thread(target=long)
thread.start()
record.began.wait()
import slow, package.module
print(slow.value, package.module.value)
record.let_go.set()
import endless
print(endless.value)
"""
    assert lines_of(board, folder, source)[-2:] == ["42 7", "whole"]
