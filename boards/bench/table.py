"""The table of a board's figures: each line comes as soon as it is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weft.boards.bench.measure import Result
from weft.boards.bench.rows import Row

LEAST_IN_MS = 10_000  # microseconds
MOST_CYCLES = 200_000  # above it they say no more than the time does
WHOLE = ("bytes", "")


def lines(board: str, other: str, rows: Iterable[Row], results: Iterable[Result]) -> Iterator[str]:
    """Give the lines of the table, each as soon as its row is measured.

    `other` is the name of the firmware that stands beside.
    """
    width = max(len(row.name) for row in rows) + 2
    yield f"{board:{width}}  {'weft':>12}  {'cycles':>10}  {other:>12}  target"
    section = problem = ""
    for result in results:
        if result.row.section != section:
            section = result.row.section
            yield section
        if result.problem and result.problem != problem:
            problem = result.problem
            yield f"  not measured: {problem}"
        yield _line(result, width).rstrip()


def _line(result: Result, width: int) -> str:
    row = result.row
    clock = result.clock_mhz
    counts = result.cycles is not None and result.cycles < MOST_CYCLES
    cycles = f"{result.cycles:.0f}" if counts else ""
    other = _quantity(result.other, row.unit, clock)
    return (
        f"  {row.name:{width - 2}}  {_quantity(result.value, row.unit, clock) or '-':>12}  "
        f"{cycles:>10}  {other:>12}  {_target(result)}"
    )


def _quantity(value: float | None, unit: str, clock_mhz: float | None) -> str:
    if value is None:
        return ""
    if unit == "cycles":
        return "" if clock_mhz is None else f"{value / clock_mhz:.1f} us"
    if unit == "us":
        return f"{value / 1000:.1f} ms" if value >= LEAST_IN_MS else f"{value:.0f} us"
    if unit in WHOLE:
        return f"{value:.0f} {unit}".strip()
    return f"{value:.2f}" if unit == "times" else f"{value:.2f} {unit}"


def _target(result: Result) -> str:
    row = result.row
    if row.target is None:
        return ""
    bound = "at least" if row.at_least else "at most"
    unit = "" if row.unit == "times" else f" {row.unit}".rstrip()
    word = {True: "ok", False: "MISSED", None: "not measured"}[result.good]
    return f"{bound} {row.target:g}{unit}: {word}"
