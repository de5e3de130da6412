#!/usr/bin/env python3
"""Runs random programs of threads on a target, and compares what they print with CPython.

    python tests/fuzz/fuzz.py --target unix-parallel --seeds 1-1000
    python tests/fuzz/fuzz.py --target unix-parallel-tsan --seeds 7 --show    # prints the program

What has passed is kept, for each firmware and generator: so a run that is cut short goes on where
it stopped, and tells the total. A program that fails is run again the next time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "pico" / "library")]

from emulated_board import seed_range  # type: ignore[import-not-found]  # noqa: E402
from fuzz_targets import BLOCK, TARGETS, Fault  # noqa: E402
from random_programs import program  # noqa: E402

STATE = HERE.parents[1] / ".weft" / "fuzz"
SHOWN_FAULTS = 10


class Passed:
    """The seeds that a target has passed, in a file."""

    def __init__(self, target: str, key: str) -> None:
        self._path = STATE / f"{target}.json"
        self._key = key
        text = self._path.read_text("utf-8") if self._path.is_file() else "{}"
        self._all: dict[str, list[list[int]]] = json.loads(text)

    def seeds(self) -> set[int]:
        """Those of this firmware and generator."""
        return {seed for first, last in self._ranges() for seed in range(first, last + 1)}

    def total(self) -> int:
        """How many programs have been run, with any firmware and generator."""
        return sum(last - first + 1 for ranges in self._all.values() for first, last in ranges)

    def add(self, seeds: Iterable[int]) -> None:
        """Keep that they have passed."""
        ranges: list[list[int]] = []
        for seed in sorted(self.seeds() | set(seeds)):
            if ranges and ranges[-1][1] == seed - 1:
                ranges[-1][1] = seed
            else:
                ranges.append([seed, seed])
        self._all[self._key] = ranges
        self._path.parent.mkdir(parents=True, exist_ok=True)
        other = self._path.with_suffix(".new")
        other.write_text(json.dumps(self._all), "utf-8")
        other.replace(self._path)

    def _ranges(self) -> list[list[int]]:
        return self._all.get(self._key, [])


def generator_key() -> str:
    """Name what makes the programs."""
    files = (
        HERE / name
        for name in ("random_programs.py", "containers.py", "language.py", "resources.py")
    )
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def blocks(seeds: Iterable[int]) -> Iterator[list[int]]:
    """Part the seeds into those that run together: the same ones, whatever was asked for."""
    block: list[int] = []
    for seed in sorted(seeds):
        if block and seed // BLOCK != block[0] // BLOCK:
            yield block
            block = []
        block.append(seed)
    if block:
        yield block


def run(target: str, seeds: range, jobs: int) -> list[Fault]:
    """Run the programs that have not passed yet. Prints how far it is; returns the faults."""
    runner = TARGETS[target]()
    passed = Passed(target, f"{runner.key}-{generator_key()}")
    todo = list(blocks(set(seeds) - passed.seeds()))
    faults: list[Fault] = []
    with ThreadPoolExecutor(jobs) as pool:
        for future in as_completed([pool.submit(runner.run, block) for block in todo]):
            right, found = future.result()
            passed.add(right)
            for fault in found:
                print(f"{fault}\n  see it again: {again(target, fault.seed)}\n", flush=True)
            faults += found
            if len(faults) >= SHOWN_FAULTS:
                pool.shutdown(cancel_futures=True)
                break
    done = len(passed.seeds() & set(seeds))
    print(f"{target}: {done} of {len(seeds)} programs passed, {len(faults)} failed; "
          f"{passed.total()} in all")  # fmt: skip
    return faults


def again(target: str, seed: int) -> str:
    """Return the command that runs one program."""
    return f"python tests/fuzz/fuzz.py --target {target} --seeds {seed}"


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Run random programs of threads.")
    parser.add_argument("--target", choices=sorted(TARGETS), default="unix-parallel")
    parser.add_argument("--seeds", type=seed_range, default="1-1000", metavar="FIRST-LAST")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    parser.add_argument("--show", action="store_true", help="print the programs, and run nothing")
    arguments = parser.parse_args()
    if arguments.show:
        for seed in arguments.seeds:
            print(program(seed, TARGETS[arguments.target].rounds))
        return 0
    return 1 if run(arguments.target, arguments.seeds, arguments.jobs) else 0


if __name__ == "__main__":
    sys.exit(main())
