"""Turns of mixed lengths show races that short ones hide, and stalls those that are looked for.

Each finding repeats with its seed: `weft virtual pico --image stale.uf2 --until DONE --seed N`;
tests/virtual/prepare.py prints where the programs are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from weft.boards.errors import BoardError, ImageError, VirtualBoardError
from weft.boards.virtual.pico import DEFAULT_TURNS, VirtualPico
from weft.boards.virtual.stalls import Stall, parse_stall
from weft.boards.virtual.symbols import Symbols

Start = Callable[..., VirtualPico]

SEEDS = (1, 2, 3)
SHORT = "random:64"
REAL_S = 600.0


@pytest.fixture(scope="module")
def stale(programs: Path) -> Symbols:
    """The functions of the program with the two buffers."""
    return Symbols(programs / "stale.elf")


def counts(pico: VirtualPico, line: str) -> list[int]:
    """Run a program to its end; return the numbers on a line that it prints."""
    pico.run_until("uart0", b"DONE\r\n", seconds=30, real_s=REAL_S)
    output = pico.output("uart0").decode()
    found = re.search(line, output)
    assert found is not None, output
    return [int(word) for word in found.groups()]


def torn(pico: VirtualPico) -> int:
    """Run the program with the two buffers; return how often a buffer was read half filled."""
    (count,) = counts(pico, r"torn (\d+) of 40000")
    return count


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lock_of_load_and_store_is_seen_to_be_none(
    start: Start, programs: Path, seed: int
) -> None:
    pico = start(programs / "naive_lock.uf2", seed=seed)
    met, lost = counts(pico, r"met (\d+), lost (\d+) of 40000")
    assert met > 0, f"seed {seed}, turns {DEFAULT_TURNS}: the cores never met in 40,000 rounds"
    assert lost > 0, f"seed {seed}, turns {DEFAULT_TURNS}: no update was lost in 40,000 rounds"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_reader_that_is_held_up_is_seen(start: Start, programs: Path, seed: int) -> None:
    count = torn(start(programs / "stale.uf2", seed=seed))
    assert count > 0, f"seed {seed}, turns {DEFAULT_TURNS}: no reader was late in 40,000 rounds"


@pytest.mark.parametrize("seed", SEEDS)
def test_short_turns_hide_it(start: Start, programs: Path, seed: int) -> None:
    """What the mix is for: no core ever stands still for as long as it takes to fill a buffer."""
    assert torn(start(programs / "stale.uf2", seed=seed, turns=SHORT)) == 0


def test_a_stall_between_two_loads_hits(start: Start, programs: Path, stale: Symbols) -> None:
    pico = start(programs / "stale.elf", turns=SHORT)
    pico.stall(Stall.at(stale, "between_the_loads", every=10, times=100))
    count = torn(pico)
    assert pico.stalled() == [100]
    assert count == 100, f"100 readers were held for as long as many fillings, and {count} noticed"


def test_a_stall_of_the_other_core_does_not_hit(
    start: Start, programs: Path, stale: Symbols
) -> None:
    pico = start(programs / "stale.elf", turns=SHORT)
    pico.stall(Stall.at(stale, "read_torn*", core=1))
    assert torn(pico) == 0
    assert pico.stalled() == [0]


def test_a_stall_by_chance_is_the_seeds(start: Start, programs: Path, stale: Symbols) -> None:
    def run(seed: int) -> tuple[int, dict[str, Any]]:
        pico = start(programs / "stale.elf", turns=SHORT, seed=seed)
        pico.stall(Stall.at(stale, "read_torn*", chance=1000, cycles=2000))
        return torn(pico), pico.state()["stalls"][0]

    count, stall = run(1)
    assert count > 0
    assert 0.7 < stall["held"] * 1000 / stall["reached"] < 1.3, stall
    assert run(1) == (count, stall), "the same seed gave another run"
    assert run(2) != (count, stall), "each seed is another choice"


def test_a_program_does_what_it_does_under_stalls(start: Start, programs: Path) -> None:
    """Each instruction that is held is executed once, be it a call, a branch or a load."""
    image = programs / "arithmetic.elf"
    free, held = start(image), start(image)
    held.stall(
        *(parse_stall(f"{name}*,cycles=50", image) for name in ("main", "stdio_uart_out_chars"))
    )
    for board in (free, held):
        board.run_until("uart0", b"DONE\r\n", seconds=10, real_s=REAL_S)
    assert held.output("uart0") == free.output("uart0")
    assert min(held.stalled()) > 100, held.stalled()


def test_stalls_end(start: Start, programs: Path, stale: Symbols) -> None:
    pico = start(programs / "stale.elf", turns=SHORT)
    pico.stall(Stall.at(stale, "read_torn*", times=1), Stall.at(stale, "main"))
    while pico.stalled() != [1, 1]:
        assert pico.run(0.0002).seconds < 1, pico.stalled()
    pico.stall()
    assert pico.stalled() == []
    torn(pico)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("nowhere", "has no function nowhere"),
        ("main+x", "is no place"),
        ("main,colour=3", "is no option of a stall"),
        ("main,core=2", "is no stall"),
        ("main,every=0", "is no stall"),
    ],
)
def test_a_wrong_stall_is_one_sentence(
    start: Start, programs: Path, words: str, problem: str
) -> None:
    image = programs / "stale.uf2"
    with pytest.raises(BoardError, match=problem):
        start(image).stall(parse_stall(words, image))


def test_what_is_no_elf_file_is_one_sentence(programs: Path, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is no ELF file"):
        Symbols(programs / "stale.uf2")
    with pytest.raises(ImageError, match="can't be read"):
        Symbols(tmp_path / "none.elf")
    with pytest.raises(VirtualBoardError, match="give --image"):
        parse_stall("main", None)
