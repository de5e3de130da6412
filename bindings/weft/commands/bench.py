"""`weft bench`: how fast weft is beside Python's own threading, on this computer."""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import statistics
import sys
from pathlib import Path
from typing import Any

from weft.bench.compare import Result, compare
from weft.bench.rows import ROWS, Row

BOARDS = {"pico-virtual": "weft.boards.virtual.bench"}
"""The boards that can be measured, each with the module whose rows() does it."""

_EPILOG = """\
examples:
  weft bench                     the whole table, in about a quarter of a minute
  weft bench event               the rows whose name has "event" in it
  weft bench --json times.json   the table, and the figures for a script
  weft bench --board pico-virtual   how fast the emulated Pico is

Both sides run in this Python, each in a process of its own, a round of one and then a round of the
other. Compare inside a row only: another row may have met another machine. The ratio is that of the
medians; below 1, weft is faster.
"""


def add(subparsers: Any) -> None:
    """Add the parser of `weft bench`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "bench",
        help="measure weft beside Python's threading",
        description="Measure weft's operations beside those of Python's threading and queue.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("filter", nargs="?", default="", help="only rows with this in their name")
    parser.add_argument("--rounds", type=int, default=15, help="rounds for each row (default: 15)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 if a ratio is above its row's limit"
    )
    parser.add_argument("--board", choices=BOARDS, help="measure this board instead")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure, print the table, and return the exit status."""
    if arguments.board is not None:
        return run_on_board(arguments)
    rows = [row for row in ROWS if arguments.filter.lower() in row.name.lower()]
    if not rows:
        print(f"weft bench: no row has {arguments.filter!r} in its name.", file=sys.stderr)
        return 2
    if arguments.rounds < 1:
        print("weft bench: --rounds takes a whole number from 1.", file=sys.stderr)
        return 2
    try:
        results = compare(rows, arguments.rounds, _progress_bar(rows, arguments.rounds))
    except KeyboardInterrupt:
        print("\nweft bench: stopped.", file=sys.stderr)
        return 130
    finally:
        _clear_progress()
    print_table(results)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report(results), indent=2) + "\n", "utf-8")
    above = [result for result in results if result.ratio > result.row.limit]
    for result in above:
        print(f"above its limit of {result.row.limit:.2f}: {result.row.name}")
    return 1 if above and arguments.check else 0


def run_on_board(arguments: argparse.Namespace) -> int:
    """Measure a board, print its figures beside their targets, and return the exit status."""
    from weft.boards.errors import BoardError

    try:
        rows = importlib.import_module(BOARDS[arguments.board]).rows()
    except BoardError as error:
        print(f"weft bench: {error}", file=sys.stderr)
        return 1
    width = max(len(row.name) for row in rows)
    for row in rows:
        bound = "at least" if row.higher_is_better else "at most"
        print(f"{row.name:{width}}  {row.value:8.2f} {row.unit:4}  {bound} {row.target:g}")
    if arguments.json is not None:
        figures = {row.name: {"value": row.value, "unit": row.unit} for row in rows}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return 1 if arguments.check and not all(row.good for row in rows) else 0


def report(results: list[Result]) -> dict[str, object]:
    """Return what --json writes."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "rows": [result.as_json() for result in results],
    }


def print_table(results: list[Result]) -> None:
    """Print a line for each row: both sides' median and least time, the ratio and its limit."""
    width = max(len(result.row.name) for result in results)
    print(f"Python {platform.python_version()}, median (min)")
    print(f"{'operation':{width}}  {'threading':>19}  {'weft':>19}  ratio  limit")
    for result in results:
        print(
            f"{result.row.name:{width}}  {_times(result.threading):>19}  "
            f"{_times(result.weft):>19}  {result.ratio:5.2f}  {result.row.limit:5.2f}"
        )


def _times(rounds: list[float]) -> str:
    return f"{_time(statistics.median(rounds))} ({_time(min(rounds))})"


def _time(seconds: float) -> str:
    return f"{seconds * 1e9:.0f} ns" if seconds < 1e-6 else f"{seconds * 1e6:.1f} us"


def _progress_bar(rows: list[Row], rounds: int) -> Any:
    if not sys.stderr.isatty():
        return lambda row, done: None
    total = len(rows) * (rounds + 1)

    def show(row: Row, done: int) -> None:
        part = (rows.index(row) * (rounds + 1) + done) / total
        filled = round(part * 30)
        bar = "#" * filled + "." * (30 - filled)
        sys.stderr.write(f"\r[{bar}] {part:4.0%} {row.name:40.40}")
        sys.stderr.flush()

    return show


def _clear_progress() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r" + " " * 80 + "\r")
