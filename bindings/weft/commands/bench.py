"""`weft bench`: how fast weft is, here beside Python's own threading, and on boards."""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from weft.bench import order
from weft.bench.side_by_side import WARM_UP, Result, compare
from weft.bench.timings import ROWS, Row

_EPILOG = """\
examples:
  weft bench                     the whole table, in about a quarter of a minute
  weft bench event               the rows whose name has "event" in it
  weft bench --json times.json   the table, and the figures for a script
  weft bench --order             how often threading_event's lines come in their usual order, while
                                 20 programs run at once (15 rounds take about a minute)
  weft bench --board pico-virtual               weft's firmware, beside stock and the targets
  weft bench --board pico-virtual --only event  some of its rows
  weft bench --board pico --port /dev/ttyACM0   what a board can measure by itself
  weft bench --board pico-virtual --emulator    how fast the emulated Pico is, on this computer

On this computer both sides run in this Python, each in a process of its own, a round of one and
then a round of the other. Compare inside a row only: another row may have met another machine. The
ratio is that of the medians; below 1, weft is faster.

On pico-virtual time is the emulated Pico's, so its figures are the same on every computer; they
count the processor's cycles but no waits for the flash. With --board the exit status is 0 if every
row could be measured and, with --check, if no target is missed.
"""


def add(subparsers: Any) -> None:
    """Add the parser of `weft bench`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "bench",
        help="measure weft beside Python's threading",
        description="Measure weft's operations beside those of Python's threading and queue, or on "
        "a board with weft's firmware.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    only = "only rows with this word in their name"
    parser.add_argument("word", nargs="?", default=argparse.SUPPRESS, help=only)
    parser.add_argument("--only", dest="word", default="", metavar="WORD", help="the same")
    parser.add_argument("--rounds", type=int, default=15, help="rounds for each row (default: 15)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 if a row misses its limit or target"
    )
    parser.add_argument(
        "--order", action="store_true", help="count how often an example's lines come in order"
    )
    parser.add_argument("--board", metavar="NAME", help="measure this board; see 'weft boards'")
    parser.add_argument("--port", metavar="URL", help="the board's port (default: find it)")
    parser.add_argument(
        "--emulator", action="store_true", help="measure the emulator of the virtual Pico itself"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure, print the table, and return the exit status."""
    if arguments.board is not None:
        return run_on_board(arguments)
    if arguments.rounds < 1:
        print("weft bench: --rounds takes a whole number from 1.", file=sys.stderr)
        return 2
    if arguments.order:
        return run_order(arguments)
    rows = [row for row in ROWS if arguments.word.lower() in row.name.lower()]
    if not rows:
        print(f"weft bench: no row has {arguments.word!r} in its name.", file=sys.stderr)
        return 2
    with tqdm(total=len(rows) * (WARM_UP + arguments.rounds), leave=False, disable=None) as bar:

        def show(row: Row) -> None:
            bar.set_description_str(row.name, refresh=False)
            bar.update()

        results = compare(rows, arguments.rounds, show)
    print_table(results)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(as_json(results), indent=2) + "\n", "utf-8")
    above = [result for result in results if result.ratio > result.row.limit]
    for result in above:
        print(f"above its limit of {result.row.limit:.2f}: {result.row.name}")
    return 1 if above and arguments.check else 0


def run_order(arguments: argparse.Namespace) -> int:
    """Count how often an example's lines come in the order of its listing, for each side."""
    runs = arguments.rounds * order.AT_ONCE // 2
    with tqdm(total=arguments.rounds, leave=False, disable=None) as bar:
        counts = order.count(arguments.rounds, bar.update)
    print(f"{order.EXAMPLE} in the order of its listing, {order.AT_ONCE} programs at once")
    for side, count in counts.items():
        print(f"{side:10} {count:4} of {runs}")
    if arguments.json is not None:
        content = {"example": order.EXAMPLE, "runs": runs, "in_order": counts}
        arguments.json.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    return 0


def run_on_board(arguments: argparse.Namespace) -> int:
    """Measure a board, print the table as it grows, and return the exit status."""
    from weft.boards.bench import report

    return report.run(
        arguments.board,
        arguments.port,
        word=arguments.word,
        of_emulator=arguments.emulator,
        check=arguments.check,
        json_file=arguments.json,
    )


def as_json(results: list[Result]) -> dict[str, object]:
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
