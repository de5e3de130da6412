"""Compares what a board printed with what CPython printed: lines, their order, their times.

CPython's run and the program say how much order there must be:
- A pause of `gap` seconds divides the lines into groups. The board must print the same groups, in
  the same order, with the same pauses to within `tolerance`.
- Inside a group, the lines of one thread keep their order. Lines of different threads may mix.
- Comments in the program add to this:
      # check: ordered                               no line may move
      # check: tolerance 300 ms                      instead of 150 ms
      # check: "LATER" after "EARLIER"               each LATER comes after the EARLIER of its turn
      # check: "LATER" 2.0 s after "EARLIER" within 150 ms
  The quoted texts are patterns in which * stands for any characters.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import zip_longest

from weft.boards.transcript import Line

GAP_S = 0.3
TOLERANCE_S = 0.15
MOST_PLACES = 2000  # keeps the search short when many threads print equal lines

_RULE = re.compile(r"^# check:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_TOLERANCE = re.compile(r"tolerance (?P<ms>\d+) ms")
_AFTER = re.compile(
    r'"(?P<later>.+?)"(?: (?P<seconds>[\d.]+) s)? after "(?P<earlier>.+?)"'
    r"(?: within (?P<ms>\d+) ms)?"
)


class RuleError(ValueError):
    """A "# check:" comment can't be understood."""


@dataclass(frozen=True)
class After:
    """Each line like `later` comes after a line like `earlier`; `seconds` later, if given."""

    later: str
    earlier: str
    seconds: float | None
    tolerance: float


@dataclass(frozen=True)
class Rules:
    """What of CPython's output a board has to keep to."""

    ordered: bool = False
    tolerance: float = TOLERANCE_S
    gap: float = GAP_S
    after: tuple[After, ...] = ()


@dataclass(frozen=True)
class Difference:
    """Why the board's output is wrong: the line of each side (from 0) where they part."""

    expected_index: int
    board_index: int
    message: str


def rules_of(source: str) -> Rules:
    """Read the "# check:" comments of a program. Raises RuleError."""
    rules = Rules()
    for text in _RULE.findall(source):
        if text == "ordered":
            rules = replace(rules, ordered=True)
        elif match := _TOLERANCE.fullmatch(text):
            rules = replace(rules, tolerance=int(match["ms"]) / 1000)
        elif match := _AFTER.fullmatch(text):
            seconds = float(match["seconds"]) if match["seconds"] else None
            tolerance = int(match["ms"]) / 1000 if match["ms"] else rules.tolerance
            rule = After(match["later"], match["earlier"], seconds, tolerance)
            rules = replace(rules, after=(*rules.after, rule))
        else:
            raise RuleError(f"the comment '# check: {text}' is no rule; see 'weft check --help'.")
    return rules


def compare(expected: Sequence[Line], board: Sequence[Line], rules: Rules) -> Difference | None:
    """Return the first difference, or None if the board printed what it must."""
    start = 0
    for group in _groups(expected, rules.gap):
        end = start + len(group)
        difference = _compare_lines(group, board[start:end], start, rules) or _compare_pause(
            expected, board, start, rules
        )
        if difference:
            return difference
        start = end
    if len(board) > start:
        return Difference(
            start, start, f"nothing more was expected, but {board[start].text!r} came"
        )
    return _check_after(board, rules)


def _groups(lines: Sequence[Line], gap: float) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        if groups and line.at - groups[-1][-1].at < gap:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _compare_lines(
    expected: Sequence[Line], board: Sequence[Line], start: int, rules: Rules
) -> Difference | None:
    """Compare the lines of a group: the board's have to be a mix of what each thread printed."""
    threads: dict[str, list[str]] = {}
    for line in expected:
        threads.setdefault("" if rules.ordered else line.thread, []).append(line.text)
    # How many lines each thread may have printed. Equal lines of threads give several answers.
    places = {(0,) * len(threads)}
    for offset, came in enumerate([*board, None][: len(expected)]):
        following = {
            (*place[:i], place[i] + 1, *place[i + 1 :])
            for place in places
            for i, texts in enumerate(threads.values())
            if came and texts[place[i] : place[i] + 1] == [came.text]
        }
        if not following:
            wanted = sorted(
                {
                    repr(texts[position])
                    for place in places
                    for position, texts in zip(place, threads.values(), strict=True)
                    if position < len(texts)
                }
            )
            what_came = f"{came.text!r} came" if came else "the output ended"
            message = f"{' or '.join(wanted)} was expected, but {what_came}"
            return Difference(start + offset, start + offset, message)
        places = set(sorted(following)[:MOST_PLACES])
    return None


def _compare_pause(
    expected: Sequence[Line], board: Sequence[Line], start: int, rules: Rules
) -> Difference | None:
    """Compare the pause before a group."""
    if start == 0:
        return None
    wanted = expected[start].at - expected[start - 1].at
    found = board[start].at - board[start - 1].at
    if _is_within(found, wanted, rules.tolerance):
        return None
    return Difference(
        start,
        start,
        f"{board[start].text!r} came {found:.3f} s after the line before it; {wanted:.3f} s was "
        f"expected, within {rules.tolerance * 1000:.0f} ms",
    )


def _is_within(seconds: float, wanted: float, tolerance: float) -> bool:
    return abs(seconds - wanted) <= tolerance


def _check_after(board: Sequence[Line], rules: Rules) -> Difference | None:
    for rule in rules.after:
        earlier = [i for i, line in enumerate(board) if fnmatchcase(line.text, rule.earlier)]
        later = [i for i, line in enumerate(board) if fnmatchcase(line.text, rule.later)]
        if not later:
            return Difference(len(board), len(board), f"no line is like {rule.later!r}")
        for turn, index in enumerate(later):
            if turn >= len(earlier) or earlier[turn] > index:
                message = f"{board[index].text!r} came before a line like {rule.earlier!r}"
                return Difference(index, index, message)
            seconds = board[index].at - board[earlier[turn]].at
            if rule.seconds is not None and not _is_within(seconds, rule.seconds, rule.tolerance):
                message = (
                    f"{board[index].text!r} came {seconds:.3f} s after "
                    f"{board[earlier[turn]].text!r}; {rule.seconds:.3f} s was expected, within "
                    f"{rule.tolerance * 1000:.0f} ms"
                )
                return Difference(index, index, message)
    return None


def is_untimely(expected: Sequence[Line], board: Sequence[Line], rules: Rules) -> bool:
    """Whether all lines came, but a pause is another: a busy computer may be why, on either side.

    A pause that CPython had by chance also demands an order that the program does not guarantee.
    """
    if sorted(line.text for line in expected) != sorted(line.text for line in board):
        return False
    starts = itertools.accumulate(len(group) for group in _groups(expected, rules.gap)[:-1])
    any_time = replace(
        rules, after=tuple(replace(rule, tolerance=math.inf) for rule in rules.after)
    )
    return any(_compare_pause(expected, board, start, rules) for start in starts) or (
        _check_after(board, rules) is not None and _check_after(board, any_time) is None
    )


def report(expected: Sequence[Line], board: Sequence[Line], difference: Difference) -> str:
    """Show both sides with their times, and mark the line where they part."""
    width = max([len(line.text) for line in expected] + [len("CPython")])
    rows = [f"  {'':8} {'CPython':{width}}   {'':8} board"]
    for index, (left, right) in enumerate(zip_longest(expected, board)):
        mark = ">" if index == difference.board_index else " "
        left_cell = f"{left.at:7.3f}s {left.text:{width}}" if left else " " * (9 + width)
        right_cell = f"{right.at:7.3f}s {right.text}" if right else ""
        rows.append(f"{mark} {left_cell} | {right_cell}".rstrip())
    return "\n".join([difference.message, *rows])
