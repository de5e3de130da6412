"""MicroPython's own tests on a virtual Pico with weft's firmware.

library/run_micropython_suites.py runs more seeds.

tests/thread is run whole, also what MicroPython's own runner leaves out for the rp2 port; and
tests/basics, to show that nothing else broke.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
import run_micropython_suites as suites
from emulated_board import seed_for
from micropython_suite import name_of, programs

BASICS_SEED = 1
BASICS = suites.groups("basics")
LEFT_OUT = sorted(suites.left_out())


@functools.cache
def verdicts(group: suites.Group, image: Path, seed: int) -> dict[str, suites.Verdict]:
    """Run a group's tests, once; how each ended, by name."""
    return {verdict.name: verdict for verdict in suites.run_group(group, image, seed)}


def expect_well(verdict: suites.Verdict) -> None:
    if verdict.problem:
        pytest.fail(verdict.problem, pytrace=False)


def test_the_suites_are_all_there() -> None:
    assert len(programs("thread")) == 33
    assert len(programs("basics")) == 540
    assert {name_of(test) for test in programs("basics")} >= set(LEFT_OUT)


@pytest.mark.parametrize("test", programs("thread"), ids=lambda test: test.stem)
def test_thread(test: Path, image: Path) -> None:
    group = suites.Group("thread", (test,))
    expect_well(verdicts(group, image, seed_for(test.stem))[name_of(test)])


@pytest.mark.parametrize(
    ("group", "name"),
    [
        pytest.param(
            group,
            name_of(test),
            id=test.stem,
            marks=pytest.mark.xdist_group(f"basics-{group.tests[0].stem}"),
        )
        for group in BASICS
        for test in group.tests
    ],
)
def test_basics(group: suites.Group, name: str, image: Path) -> None:
    expect_well(verdicts(group, image, BASICS_SEED)[name])


@pytest.mark.xdist_group("basics-stock")
@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_left_out_ends_alike_on_stock_firmware(name: str, stock: Path) -> None:
    tests = tuple(test for test in programs("basics") if name_of(test) in LEFT_OUT)
    expect_well(verdicts(suites.Group("basics", tests), stock, BASICS_SEED)[name])
