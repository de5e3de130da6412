"""pytest-xdist runs the tests of an xdist_group in one process.

Such tests share a build, or real time. Nothing fails if the groups are not kept, as with pytest 9.2
and pytest-xdist 3.8 (pytest-xdist's issue 1386): all is only slower, and late.
"""

from __future__ import annotations

import re

import pytest

PROCESSES = 2


def test_the_tests_of_a_group_run_in_one_process(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import pytest\n"
        "@pytest.mark.parametrize('number', range(6))\n"
        "@pytest.mark.xdist_group('live')\n"
        "def test(number): pass\n"
    )
    arguments = ("-n", str(PROCESSES), "--dist", "loadgroup", "-v", "-p", "no:cacheprovider")
    result = pytester.runpytest_subprocess(*arguments, timeout=300)
    where = re.findall(r"\[(gw\d)\] .* PASSED", str(result.stdout))
    assert where and set(where) == {where[0]}, (
        f"pytest {pytest.__version__} runs the tests of a group in several processes; install "
        "what pyproject.toml asks for: pip install '.[test]'"
    )
