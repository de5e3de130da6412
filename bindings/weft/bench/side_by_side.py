"""Runs the two sides in turns, so that whatever else the machine does falls on both."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from weft.bench.timings import Row

SIDES = ("threading", "weft")
WARM_UP = 1


@dataclass(frozen=True)
class Result:
    """The rounds of one row, in seconds for one operation."""

    row: Row
    threading: list[float]
    weft: list[float]

    @property
    def ratio(self) -> float:
        """weft's median over threading's: below 1, weft is faster."""
        return statistics.median(self.weft) / statistics.median(self.threading)

    def as_json(self) -> dict[str, object]:
        """Return what --json writes for this row; times in nanoseconds."""
        sides = {"threading": self.threading, "weft": self.weft}
        return {
            "name": self.row.name,
            "ratio": self.ratio,
            "limit": self.row.limit,
            **{
                side: {
                    "median_ns": statistics.median(rounds) * 1e9,
                    "min_ns": min(rounds) * 1e9,
                    "rounds": len(rounds),
                }
                for side, rounds in sides.items()
            },
        }


class Worker:
    """A process that times rows for one side."""

    def __init__(self, side: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "weft.bench.worker", side],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def time(self, row: Row) -> float:
        """Time one round; seconds for one operation. RuntimeError if the process has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{row.name}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process that timed {row.name!r} ended: see its message above")
        return float(answer)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()


def compare(rows: Sequence[Row], rounds: int, progress: Callable[[Row], None]) -> list[Result]:
    """Time every row, `rounds` times on each side in turns, after a round to warm up.

    `progress` is called with the row after each round.
    """
    results = []
    with Worker(SIDES[0]) as stock, Worker(SIDES[1]) as weft:
        for row in rows:
            result = Result(row, [], [])
            for done in range(WARM_UP + rounds):
                times = stock.time(row), weft.time(row)
                progress(row)
                if done >= WARM_UP:
                    result.threading.append(times[0])
                    result.weft.append(times[1])
            results.append(result)
    return results
