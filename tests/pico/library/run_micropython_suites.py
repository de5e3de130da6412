#!/usr/bin/env python3
"""MicroPython's own tests on the virtual Pico, in emulated time.

    python tests/pico/library/run_micropython_suites.py --suite thread --seeds 1-20
    python tests/pico/library/run_micropython_suites.py --suite thread --seeds 7 mutate_list
    python tests/pico/library/run_micropython_suites.py --suite basics --firmware stock

Each test of the suite "thread" has a board of its own. The many and short ones of "basics" share
boards, a group of neighbours each; naming one of them runs its whole group, so that a failure
repeats. After each test a soft reset must work. WEFT_PICO_IMAGE names another image.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from emulated_board import EmulatedBoard, Failure, seed_range, stock_image, weft_image
from micropython_suite import SKIPPED, expected_output, name_of, programs
from weft.boards.errors import VirtualBoardError

LIMIT_S = {"thread": 90.0, "basics": 20.0}
"""The board's time that a test may take, by suite."""

GROUP_SIZE = {"thread": 1, "basics": 60}

IMAGES = {"weft": weft_image, "stock": stock_image}


Outcome = Literal["passed", "failed", "skipped"]


@functools.cache
def left_out() -> dict[str, Outcome]:
    """Return the tests that must not pass, and how they end instead."""
    sections = tomllib.loads((Path(__file__).parent / "left_out.toml").read_text("utf-8"))
    outcomes: dict[str, Outcome] = dict.fromkeys(sections["fails"], "failed")
    return outcomes | dict.fromkeys(sections["skips"], "skipped")


@dataclass(frozen=True)
class Verdict:
    """How a test ended. `seconds` is the board's time; `detail` says how it failed."""

    name: str
    seed: int
    port: str
    seconds: float
    outcome: Outcome
    detail: str = ""

    @property
    def problem(self) -> str:
        """Why the test did not end as it must, and how to see that again; else ""."""
        must = left_out().get(self.name, "passed")
        if self.outcome == must:
            return ""
        suite, _, test = self.name.partition("/")
        where = f"--seeds {self.seed} --port {self.port}"
        again = (
            f"python tests/pico/library/run_micropython_suites.py --suite {suite} {where} {test}"
        )
        what = f"{self.name} must have {must}, but {self.outcome} with seed {self.seed}"
        return f"{what}: {self.detail}\nagain: {again}"


@dataclass(frozen=True)
class Group:
    """Tests that run one after another on one board."""

    suite: str
    tests: tuple[Path, ...]


def groups(suite: str) -> list[Group]:
    """Divide a suite."""
    tests, size = programs(suite), GROUP_SIZE[suite]
    return [Group(suite, tuple(tests[at : at + size])) for at in range(0, len(tests), size)]


def run_group(group: Group, image: Path, seed: int, port: str = "uart0") -> list[Verdict]:
    """Run a group's tests; one that spoils its board costs the others nothing but time."""
    verdicts: list[Verdict] = []
    while len(verdicts) < len(group.tests):
        verdicts += _run_until_spoilt(group, len(verdicts), image, seed, port)
    return verdicts


def _run_until_spoilt(
    group: Group, first: int, image: Path, seed: int, port: str
) -> Iterator[Verdict]:
    """Run tests on a fresh board until one of them does not end, or not let itself be reset."""
    name = name_of(group.tests[first])
    try:
        with closing(EmulatedBoard(image, seed=seed, port=port)) as board:
            for test in group.tests[first:]:
                name = name_of(test)
                verdict = _run_test(board, test, name, LIMIT_S[group.suite])
                board.soft_reset()
                yield verdict
    except (Failure, VirtualBoardError) as error:
        yield Verdict(name, seed, port, 0.0, "failed", f"the board stopped: {error}")


def _run_test(board: EmulatedBoard, test: Path, name: str, limit_s: float) -> Verdict:
    board.begin(test.read_text("utf-8"))
    ended = board.finish(limit_s)
    came, expected = ended.text + ended.traceback, expected_output(test)
    outcome: Outcome = "passed" if expected.fullmatch(came) else "failed"
    if ended.text == SKIPPED:
        outcome = "skipped"
    detail = f"expected the pattern {expected.pattern[:800]!r}, but came {came[:800]!r}"
    return Verdict(name, board.seed, board.port, ended.seconds, outcome, detail)


def main() -> int:
    """Run what the command line says; 0 if nothing failed."""
    arguments = _parse()
    image = IMAGES[arguments.firmware]()
    chosen = [
        group
        for group in groups(arguments.suite)
        if not arguments.test or any(test.stem in arguments.test for test in group.tests)
    ]
    if not chosen:
        print(
            f"run_micropython_suites.py: there is no test {' '.join(arguments.test)}",
            file=sys.stderr,
        )
        return 2
    begin = time.monotonic()
    outcomes: Counter[Outcome] = Counter()
    problems = 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        jobs = [
            pool.submit(run_group, group, image, seed, arguments.port)
            for seed in arguments.seeds
            for group in chosen
        ]
        for job in jobs:
            for verdict in job.result():
                outcomes[verdict.outcome] += 1
                problems += bool(verdict.problem)
                _show(verdict, arguments.verbose)
    taken = time.monotonic() - begin
    counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    print(
        f"{arguments.suite} with {arguments.firmware} firmware, {len(arguments.seeds)} seeds:"
        f" {counts}; {problems} not as they must; {taken:.0f} s"
    )
    return 1 if problems else 0


def _show(verdict: Verdict, verbose: bool) -> None:
    if verbose:
        seconds = f"({verdict.seconds:.3f} s)"
        print(f"{verdict.outcome:7} {verdict.name} seed {verdict.seed} {seconds}", flush=True)
    if verdict.problem:
        print(verdict.problem, flush=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run MicroPython's own tests on the virtual Pico.")
    parser.add_argument("--suite", choices=sorted(LIMIT_S), default="thread")
    parser.add_argument("--seeds", type=seed_range, default="1", metavar="FIRST-LAST")
    parser.add_argument("--firmware", choices=sorted(IMAGES), default="weft")
    parser.add_argument("--port", choices=["uart0", "usb"], default="uart0")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="at once")
    parser.add_argument("--verbose", action="store_true", help="a line for each test")
    parser.add_argument("test", nargs="*", help="only these, such as stress_aes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
