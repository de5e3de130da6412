"""Measures rows at a place, one program after another: `measure(place, rows)` gives the results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from weft.boards.bench.places import Figures, Place
from weft.boards.bench.rows import Row
from weft.boards.errors import BoardError

CLOCK = "clock mhz"


@dataclass(frozen=True)
class Result:
    """What a row has come to; `other` is what the other firmware does there, if it can.

    If there is no value, `problem` says why.
    """

    row: Row
    value: float | None
    other: float | None = None
    clock_mhz: float | None = None
    problem: str = ""

    @property
    def good(self) -> bool | None:
        """Whether the target is reached; None if there is none, or no value."""
        if self.value is None or self.row.target is None:
            return None
        if self.row.at_least:
            return self.value >= self.row.target
        return self.value <= self.row.target

    @property
    def cycles(self) -> float | None:
        """The value in cycles of the processor, if it is a time."""
        if self.row.unit == "us" and self.value is not None and self.clock_mhz is not None:
            return self.value * self.clock_mhz
        return self.value if self.row.unit == "cycles" else None

    @property
    def microseconds(self) -> float | None:
        """The value in microseconds, if it is a time."""
        if self.row.unit == "cycles" and self.value is not None and self.clock_mhz is not None:
            return self.value / self.clock_mhz
        return self.value if self.row.unit == "us" else None

    def as_json(self) -> dict[str, object]:
        """Return what --json writes for this row."""
        return {
            "section": self.row.section,
            "name": self.row.name,
            "value": self.value,
            "unit": self.row.unit,
            "cycles": self.cycles,
            "us": self.microseconds,
            "other": self.other,
            "target": self.row.target,
            "bound": "at least" if self.row.at_least else "at most",
            "ok": self.good,
            "problem": self.problem,
        }


def rows_for(place: Place, word: str) -> list[Row]:
    """Return the rows that can be measured there and have the word in their name or section."""
    return [row for row in place.rows() if word.lower() in f"{row.section} {row.name}".lower()]


def measure(place: Place, rows: Sequence[Row]) -> Iterator[Result]:
    """Give the result of each row in turn; a program that has failed does not keep others back."""
    outcomes: dict[str, tuple[Figures, Figures, str]] = {}
    for row in rows:
        if row.program not in outcomes:
            outcomes[row.program] = _run(place, row.program)
        yield _result(row, *outcomes[row.program])


def _run(place: Place, program: str) -> tuple[Figures, Figures, str]:
    try:
        figures = place.figures(program)
        return figures, place.other_figures(program), ""
    except BoardError as error:
        return {}, {}, str(error)


def _result(row: Row, figures: Figures, other_figures: Figures, problem: str) -> Result:
    value, other = figures.get(row.figure), other_figures.get(row.figure)
    if not problem and (value is None or (row.derived and other is None)):
        return Result(row, None, problem=f"{row.program} did not print {row.figure!r}")
    if row.derived and value is not None and other is not None:
        return Result(row, other / value if row.derived == "speed" else value - other)
    return Result(row, value, other, figures.get(CLOCK), problem)
