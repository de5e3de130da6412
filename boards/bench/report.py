"""`weft bench --board`: measures a board, and prints its figures beside stock's and the targets."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from weft.boards.bench import emulator, table
from weft.boards.bench.measure import Result, measure, rows_for
from weft.boards.bench.places import ParallelPlace, Place, SerialPlace, VirtualPlace
from weft.boards.bench.rows import Row
from weft.boards.errors import BoardError
from weft.boards.kinds import kind_named

VIRTUAL = "pico-virtual"
VIRTUAL_PLACES: dict[str, Callable[[], Place]] = {
    VIRTUAL: VirtualPlace,
    "pico-virtual-parallel": ParallelPlace,
}
STATUS_FAILED = 1
STATUS_MISUSED = 2


def run(
    board: str,
    port: str | None,
    *,
    word: str,
    of_emulator: bool,
    check: bool,
    json_file: Path | None,
) -> int:
    """Print the table of the rows with `word` in their name or section; return the exit status.

    That is 0 if every row could be measured and, with `check`, every target is reached. Raises
    BoardError.
    """
    if of_emulator and board != VIRTUAL:
        return _misused(f"--emulator goes with --board {VIRTUAL}.")
    with contextlib.ExitStack() as stack:
        place = None if of_emulator else _place(board, port, stack)
        rows, results = _emulator(word) if place is None else _measured(place, word)
        if not rows:
            return _misused(f"no row has {word!r} in its name or its section.")
        measured = _show(board, "" if place is None else place.other, rows, results)
    if json_file is not None:
        content = {"board": board, "rows": [result.as_json() for result in measured]}
        json_file.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    failed = any(result.value is None for result in measured)
    missed = any(result.good is False for result in measured)
    return STATUS_FAILED if failed or (check and missed) else 0


def _place(name: str, port: str | None, stack: contextlib.ExitStack) -> Place:
    if kind_named(name).firmware == "stock":
        raise BoardError(
            f"{name} has stock firmware, which 'weft bench --board {VIRTUAL}' shows beside weft's."
        )
    if name in VIRTUAL_PLACES and port is None:
        return VIRTUAL_PLACES[name]()
    return stack.enter_context(SerialPlace(name, port))


def _measured(place: Place, word: str) -> tuple[Sequence[Row], Iterable[Result]]:
    rows = rows_for(place, word)
    return rows, measure(place, rows)


def _emulator(word: str) -> tuple[Sequence[Row], Iterable[Result]]:
    rows = [row for row in emulator.ROWS if word.lower() in row.name.lower()]
    return rows, emulator.results(rows)


def _show(board: str, other: str, rows: Sequence[Row], results: Iterable[Result]) -> list[Result]:
    measured: list[Result] = []

    def kept() -> Iterable[Result]:
        for result in results:
            measured.append(result)
            yield result

    for line in table.lines(board, other, rows, kept()):
        print(line, flush=True)
    return measured


def _misused(why: str) -> int:
    print(f"weft bench: {why}", file=sys.stderr)
    return STATUS_MISUSED
