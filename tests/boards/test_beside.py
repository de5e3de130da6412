"""The modules beside a program come with it: what it imports, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from weft.boards.beside import modules_beside
from weft.boards.pytest_plugin import BoardFixture, BoardSpec
from weft.boards.runner import run_on_board
from weft.boards.verdict import check

LIMIT_S = 60.0
FILES = {
    "program.py": (
        "import helper, package.inner\n"
        "from package import deep\n"
        "print(helper.value, package.inner.value, deep.value)\n"
        "helper.fail()\n"
    ),
    "helper.py": "import another\nvalue = another.value\ndef fail():\n    1 / 0\n",
    "another.py": "# " + "long " * 2000 + "\nvalue = '\u20ac'\n",
    "package/__init__.py": "",
    "package/inner.py": "from . import deep\nvalue = deep.value + 1\n",
    "package/deep.py": "value = 5\n",
    "package/unused.py": "print('not imported')\n",
    "machine.py": "print('a stand-in for the board')\n",
}
SENT = [
    "another.py",
    "helper.py",
    "package/__init__.py",
    "package/deep.py",
    "package/inner.py",
]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program with helpers."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "program.py"


@pytest.mark.parametrize("board", ["unix", "unix-stock"])
def test_they_are_imported_and_named_in_tracebacks(
    program: Path, capsys: pytest.CaptureFixture[str], board: str
) -> None:
    assert run_on_board(program, [], board=board, timeout=LIMIT_S) == 1
    output = capsys.readouterr()
    assert output.out == "\u20ac 6 5\n"
    assert output.err.splitlines()[1:] == [
        f'  File "{program}", line 4, in <module>',
        f'  File "{program.parent}/helper.py", line 4, in fail',
        "ZeroDivisionError: divide by zero",
    ]


def test_weft_check_and_the_plugin_send_them(program: Path) -> None:
    program.write_text(FILES["program.py"].replace("helper.fail()\n", ""))
    (program.parent / "another.py").write_text("value = 4")
    assert check(program, "unix", None, LIMIT_S).problem == ""
    board = BoardFixture(BoardSpec("unix", None), LIMIT_S)
    try:
        assert board.run(program).text == "4 6 5\n"
    finally:
        board.close()


def test_only_what_is_imported_is_sent(program: Path) -> None:
    program.write_text("import machine, sys, no_such\n" + FILES["program.py"])
    assert list(modules_beside(program)) == SENT


def test_a_program_may_be_imported_by_its_helper(program: Path) -> None:
    program.write_text("import helper")
    (program.parent / "helper.py").write_text("import program")
    assert list(modules_beside(program)) == ["helper.py", "program.py"]


def test_a_module_that_does_not_compile_is_reported_by_the_board(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (program.parent / "another.py").write_text("def def")
    assert run_on_board(program, [], board="unix", timeout=LIMIT_S) == 1
    assert capsys.readouterr().err.endswith("SyntaxError: invalid syntax\n")


def test_a_program_that_does_not_compile_has_none(program: Path) -> None:
    program.write_text("import helper\ndef def")
    assert modules_beside(program) == {}
