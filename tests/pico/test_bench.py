"""`weft bench --board`: every row is measured, and the targets that are reached stay so.

pico-virtual's figures are of emulated time: they are the same on every computer, however busy.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from weft.boards.bench import measure, places, table
from weft.boards.bench.rows import ROWS, Row
from weft.boards.errors import BoardError

TARGETS = {
    "Event.set() to the waiter's next line": ("us", 60),
    "Event.wait(timeout), idle": ("us", 1000),
    "Thread.join(timeout), idle": ("us", 1000),
    "thread in C besides its stack": ("bytes", 100),
    "thread in Python besides its stack": ("bytes", 100),
    "firmware, more than stock's": ("bytes", 64 * 1024),
    "one thread's speed beside stock's": ("times", 0.95),
    "Threads at once, default stack": ("", 32),
}
AT_LEAST = {"one thread's speed beside stock's", "Threads at once, default stack"}
ON_STOCK = ("lock hand-off round trip", "loop in the main thread", "free heap after boot")

pytestmark = pytest.mark.xdist_group("bench")  # one run gives the whole table to many tests


def bench(*words: object, image: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `weft bench`, with weft's firmware in `image`."""
    return subprocess.run(
        [sys.executable, "-m", "weft", "bench", *map(str, words)],
        env=os.environ | ({} if image is None else {"WEFT_PICO_IMAGE": str(image)}),
        capture_output=True,
        text=True,
        timeout=1500,
    )


@pytest.fixture(scope="module")
def whole(
    image: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, dict[str, Any]]]:
    """The whole table of pico-virtual, and the rows of its JSON by name."""
    file = tmp_path_factory.mktemp("bench") / "figures.json"
    done = bench("--board", "pico-virtual", "--json", file, image=image)
    assert done.returncode == 0, done.stdout + done.stderr
    content = json.loads(file.read_text("utf-8"))
    assert content["board"] == "pico-virtual"
    return done.stdout, {row["name"]: row for row in content["rows"]}


def test_every_row_is_measured(whole: tuple[str, dict[str, dict[str, Any]]]) -> None:
    shown, figures = whole
    assert len(figures) == len(ROWS)
    for row in ROWS:
        assert row.name in shown
        assert figures[row.name]["value"] is not None, figures[row.name]["problem"]
    assert "not measured" not in shown


def test_stock_stands_beside_where_it_can_do_it_too(
    whole: tuple[str, dict[str, dict[str, Any]]],
) -> None:
    _, figures = whole
    for name in ON_STOCK:
        assert figures[name]["other"] > 0
    assert figures["_thread's threads at once"]["other"] == 1
    assert figures["Queue round trip"]["other"] is None


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_is_reached(name: str, whole: tuple[str, dict[str, dict[str, Any]]]) -> None:
    _, figures = whole
    unit, target = TARGETS[name]
    row = figures[name]
    assert (row["unit"], row["target"]) == (unit, target)
    assert row["value"] >= target if name in AT_LEAST else row["value"] <= target
    assert row["ok"] is True


def test_a_board_behind_a_port_is_measured_too(image: Path) -> None:
    done = bench("--board", "pico-virtual-uart", "--only", "simplequeue", image=image)
    assert done.returncode == 0, done.stderr
    _, section, row = done.stdout.splitlines()
    assert section == "Threads in Python"
    assert row.split()[:4] == ["SimpleQueue", "round", "trip", row.split()[3]]
    assert row.split()[4] == "us"


def test_what_can_not_be_measured_fails(image: Path) -> None:
    done = bench("--board", "pico-virtual", "--only", "simplequeue", image=image.with_name("none"))
    assert done.returncode == 1
    assert "not measured: The firmware " in done.stdout


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--board", "pico-virtual", "--only", "no such"], 2, "no row has 'no such' in its name"),
        (["--board", "pico-virtual-stock"], 1, "pico-virtual-stock has stock firmware"),
        (["--board", "nothing"], 1, "There is no board 'nothing'"),
        (["--board", "unix", "--emulator"], 2, "--emulator goes with --board pico-virtual"),
    ],
)
def test_what_is_wrong_is_said(words: list[str], status: int, message: str) -> None:
    done = bench(*words)
    assert done.returncode == status
    assert message in done.stderr


class FakePlace:
    """A place with two programs, one of which fails."""

    other = "stock"

    def rows(self) -> list[Row]:
        return [
            Row("Good", "quick", "good", "time", "us", 100),
            Row("Good", "large", "good", "count", "", 3, at_least=True),
            Row("Bad", "lost", "bad", "time", "us", 5),
            Row("Good", "absent", "good", "other", "bytes"),
            Row("Good", "speed", "good", "time", "times", 1, at_least=True, derived="speed"),
        ]

    def figures(self, program: str) -> places.Figures:
        if program == "bad":
            raise BoardError("bad failed: ValueError: x.")
        return places.parse(program, "clock mhz: 125\nhello\ntime: 8\ncount: 2\n", "")

    def other_figures(self, program: str) -> places.Figures:
        return {}


def test_one_failure_keeps_nothing_back() -> None:
    place = FakePlace()
    rows = measure.rows_for(place, "")
    results = list(measure.measure(place, rows))
    assert [result.value for result in results] == [8, 2, None, None, None]
    assert [result.good for result in results] == [True, False, None, None, None]
    assert results[0].cycles == 1000
    lines = [line.split() for line in table.lines("fake", place.other, rows, results)]
    assert ["quick", "8", "us", "1000", "at", "most", "100", "us:", "ok"] in lines
    assert ["large", "2", "at", "least", "3:", "MISSED"] in lines
    assert ["not", "measured:", "bad", "failed:", "ValueError:", "x."] in lines
    assert ["lost", "-", "at", "most", "5", "us:", "not", "measured"] in lines
    assert ["not", "measured:", "good", "did", "not", "print", "'other'"] in lines


def test_a_program_that_raises_has_failed() -> None:
    with pytest.raises(BoardError, match=r"^events failed: MemoryError$"):
        places.parse("events", "time: 1\n", "Traceback (most recent call last):\nMemoryError: \n")
