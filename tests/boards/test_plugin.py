"""The pytest plugin, as another project would use it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from weft.firmware.sources import cache_folder

EXAMPLE = """
import pytest

def test_output(board):
    output = board.run("print('one')\\nprint('two')")
    assert output.text == "one\\ntwo\\n"
    assert not output.traceback

def test_failure_is_visible(board):
    assert "ZeroDivisionError" in board.run("1 / 0").traceback
"""

HANGING = """
import pytest

@pytest.mark.board(timeout=2)
def test_hangs(board):
    board.run("print('before')\\nwhile True: pass")

def test_next(board):
    assert board.run("print('alive')").text == "alive\\n"
"""


CACHE = cache_folder()  # before pytester gives each test a home of its own


@pytest.fixture(autouse=True)
def plugin(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the inner pytest find the firmware that is built already."""
    monkeypatch.setenv("WEFT_CACHE", str(CACHE))
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:cacheprovider")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest in a process of its own."""
    return pytester.runpytest_subprocess(*arguments, timeout=300)


def test_runs_on_each_board(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(EXAMPLE)
    result = run(pytester, "--board", "unix", "--board", "unix-stock", "-v")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*test_output?unix? PASSED*", "*test_output?unix-stock? PASSED*"])


def test_without_a_board_board_tests_are_skipped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(EXAMPLE)
    run(pytester).assert_outcomes(skipped=2)


def test_a_hung_board_fails_its_test_and_not_the_next(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HANGING)
    result = run(pytester, "--board", "unix")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*did not end within 2 s*", "*before*"])


def test_several_boards_at_once_with_xdist_and_junit(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(EXAMPLE)
    boards = ["--board", "unix", "--board", "unix-stock"]
    result = run(pytester, *boards, "-n", "2", "--dist", "loadgroup", "--junitxml=out.xml")
    result.assert_outcomes(passed=4)
    cases = ElementTree.parse(pytester.path / "out.xml").findall(".//property[@name='board']")
    assert sorted(case.get("value") or "" for case in cases) == ["unix"] * 2 + ["unix-stock"] * 2


def test_check_compares_with_cpython(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        good="import threading\nprint(threading.active_count())",
        bad="import sys\nprint(sys.implementation.name)",
        test_it=(
            "from pathlib import Path\n"
            "def test_good(board): board.check(Path('good.py'))\n"
            "def test_bad(board): board.check(Path('bad.py'))\n"
        ),
    )
    result = run(pytester, "--board", "unix")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*'cpython' was expected*but 'micropython' came*"])


def test_an_unknown_board_fails_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(EXAMPLE)
    result = run(pytester, "--board", "nonsense")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*There is no board 'nonsense'*"])
