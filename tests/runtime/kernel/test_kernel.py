"""Our kernel on simulated cores: many seeds, each of which decides every interleaving.

The conformance of the runtime over it is among the variants of test_runtime.py; here it is run
with more seeds, and besides there are random programs and cases (tests/runtime/kernel, the program
`sim`). A seed that fails is shown with the command that repeats it.
"""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from runtime_build import VARIANTS, build, run

SECONDS = 1800


@dataclass(frozen=True)
class Part:
    """A range of seeds for one build of `sim`, or of weft_tests."""

    variant: str
    count: int


PROGRAMS = [
    Part("kernel-gcc", 5_000),
    Part("kernel-2-cores", 5_000),
    Part("kernel-swaps-2-cores", 2_500),
    Part("kernel-1-core", 1_000),
    Part("kernel-clang", 500),
    Part("kernel-deep", 2_500),
    Part("kernel-deep-2-cores", 5_000),
    Part("kernel-asan-ubsan-gcc", 1_000),
]
CASES = [Part("kernel-gcc", 40), Part("kernel-deep-2-cores", 20), Part("kernel-asan-ubsan-gcc", 5)]
CONFORMANCE = [Part("kernel-gcc", 20), Part("kernel-2-cores", 20), Part("kernel-deep-2-cores", 10)]

FAILURES = {
    "deadlock": "deadlock: all cores sleep, and nothing is to come",
    "lost_wake_up": "lost wake-up: all cores sleep, and thread sleeper waits on units",
    "no_way_out": "spins for the lock of atomic sections without an end",
    "data_race": "data race on shared",
}


def processors() -> int:
    return len(os.sched_getaffinity(0))


def run_all(commands: list[list[str]], capture: pytest.CaptureFixture[str], what: str) -> None:
    """Runs commands side by side, with a line of progress now and then; one that fails ends all."""
    start = told = time.monotonic()
    processes = [
        subprocess.Popen(one, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for one in commands
    ]
    try:
        while any(process.poll() is None for process in processes):
            assert time.monotonic() - start < SECONDS, f"{what}: no end within {SECONDS} s"
            if any(process.poll() for process in processes):
                break
            time.sleep(0.05)
            if time.monotonic() - told > 10:
                told = time.monotonic()
                with capture.disabled():
                    print(f"\n  {what}: {told - start:.0f} s", end="", flush=True)
        for process in processes:
            if process.poll():
                output = process.communicate()[0]
                pytest.fail(
                    f"{what}: expected status 0, came {process.returncode}\n{output}", False
                )
    finally:
        for process in processes:
            with process:  # closes its pipe and waits
                process.kill()
    with capture.disabled():
        print(f"\n  {what}: ok, {time.monotonic() - start:.0f} s", end="", flush=True)


def split(program: Path, count: int) -> list[list[str]]:
    """`sim` over the seeds 1 to count, a part of them for each processor."""
    share = -(-count // processors())
    firsts = range(1, count + 1, share)
    return [
        [str(program), "--seed", str(first), "--count", str(min(share, count + 1 - first))]
        for first in firsts
    ]


@pytest.mark.parametrize("part", PROGRAMS, ids=lambda part: part.variant)
def test_random_programs(part: Part, capsys: pytest.CaptureFixture[str]) -> None:
    program = build(VARIANTS[part.variant], "sim")
    run_all(split(program, part.count), capsys, f"{part.count} seeds, {part.variant}")


@pytest.mark.parametrize("part", CASES, ids=lambda part: part.variant)
def test_cases(part: Part) -> None:
    program = build(VARIANTS[part.variant], "sim")
    names = run([str(program), "--list"], SECONDS).split()
    assert len(names) > 5, f"expected the names of cases, came {names}"
    for name in names:
        run([str(program), "--case", name, "--count", str(part.count)], SECONDS)


@pytest.mark.parametrize("part", CONFORMANCE, ids=lambda part: part.variant)
def test_conformance(part: Part) -> None:
    program = build(VARIANTS[part.variant])
    for seed in range(2, part.count + 2):
        options = ["--stress", "2", "--no-memory-check", "--seed", str(seed)]
        run([str(program), *options], SECONDS)


@pytest.mark.parametrize("name", FAILURES)
def test_what_is_wrong_is_found(name: str) -> None:
    """The simulator itself: what it says, and how to see it again."""
    program = build(VARIANTS["kernel-deep"], "sim")
    for seed in ("1", "2", "3"):
        command = [str(program), "--case", name, "--seed", seed]
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert ended.returncode == 1, f"expected status 1, came {ended.returncode}"
        assert FAILURES[name] in ended.stdout, f"{FAILURES[name]!r} not in {ended.stdout}"
        assert f"see it again: {' '.join(command)} --verbose" in ended.stdout


def hashes(variant: str) -> list[str]:
    program = build(VARIANTS[variant], "sim")
    output = run([str(program), "--count", "30", "--hash"], SECONDS)
    return [line for line in output.splitlines() if line.startswith("seed ")]


def test_the_same_seed_gives_the_same_run() -> None:
    """So a failure can be looked at under a sanitizer, too. (A deep build has more points.)"""
    first = hashes("kernel-gcc")
    assert len({line.split()[-1] for line in first}) == 30, f"seeds are alike: {first}"
    for variant in ("kernel-gcc", "kernel-clang", "kernel-asan-ubsan-gcc"):
        assert hashes(variant) == first, f"{variant} runs otherwise"
    assert hashes("kernel-deep") == hashes("kernel-deep")


def test_each_step_can_be_shown() -> None:
    program = build(VARIANTS["kernel-gcc"], "sim")
    output = run([str(program), "--seed", "3", "--verbose"], SECONDS)
    assert "main" in output and "runs on core" in output and "waits on" in output
