"""Mistakes in the parallel interpreter: programs with threads have to notice each.

This proves the programs and the virtual Pico (turns of mixed lengths, stalls), not the interpreter.
All mistakes are in one firmware, and a word in its memory says which is made (library/mutants.py),
so each is shown to come from that: the same program on the same seed is well without it. CI takes a
few; `WEFT_MISTAKES=all python -m pytest tests/pico/test_parallel_mistakes.py` takes all, and
`WEFT_MISTAKES=name,name` those.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from emulated_board import EmulatedBoard, Failure
from mistakes import MISTAKES, NOT_NOTICED, Mistake
from mutants import Mutants
from weft.boards.virtual.stalls import parse_stall

pytestmark = pytest.mark.xdist_group("parallel mistakes")  # they share a build
PROGRAMS = Path(__file__).parent / "programs" / "parallel"
PRELUDE = (PROGRAMS / "prelude.py").read_text("utf-8")
REPORT = "\nprint('wrong:', len(wrong), wrong)\n"
MOST_S = 2.5
"""Of emulated time: four times what the slowest program takes."""
SEEDS = 12
IN_CI = (
    "reader-takes-no-second-look",
    "replaces-another-keys-value",
    "adds-where-another-key-is",
    "lock-kept-by-an-exception",
    "allocates-without-the-lock",
)


def chosen() -> list[str]:
    """The mistakes that WEFT_MISTAKES names, or those of CI."""
    words = os.environ.get("WEFT_MISTAKES", "")
    if words == "all":
        return [name for name in MISTAKES if name not in NOT_NOTICED]
    return words.split(",") if words else list(IN_CI)


@pytest.fixture(scope="module")
def mutants() -> Mutants:
    """The firmware in which each mistake can be made."""
    return Mutants(MISTAKES)


def wrong(mutants: Mutants, made: Mistake, seed: int, choice: int) -> str:
    """Run the program with a mistake, or none if `choice` is 0; return what it has found wrong."""
    source = (PROGRAMS / f"{made.program}.py").read_text("utf-8")
    board = EmulatedBoard(mutants.image, seed=seed)
    try:
        board.execute(f"import machine\nmachine.mem32[{mutants.word}] = {choice}")
        board.pico.stall(*(parse_stall(stall, mutants.image) for stall in made.stalls))
        text = board.execute(PRELUDE + source + REPORT, seconds=MOST_S)
    except Failure as failure:
        return str(failure)
    finally:
        board.close()
    return "" if text.endswith("wrong: 0 []\n") else text


@pytest.mark.parametrize("name", chosen())
def test_mistake_is_noticed(name: str, mutants: Mutants) -> None:
    made = MISTAKES[name]
    for seed in range(1, SEEDS + 1):
        found = wrong(mutants, made, seed, mutants.number(name))
        if found:
            break
    else:
        pytest.fail(f"{made.program} has not noticed it with {SEEDS} seeds")
    without = wrong(mutants, made, seed, 0)
    assert not without, f"{made.program}, seed {seed}, fails without the mistake too: {without}"
