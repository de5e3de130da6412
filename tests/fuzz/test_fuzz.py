"""Random programs of threads print what CPython prints, and find no result that no order explains.

fuzz.py runs more of them; what fails here says how to see it again.
"""

from __future__ import annotations

import pytest
from fuzz import again
from fuzz_targets import BLOCK, TARGETS, cpython_outputs
from random_programs import program

BLOCKS = {
    "unix-parallel": 8,
    "unix-parallel-asan": 2,
    "unix-parallel-tsan": 2,
    "pico-virtual-parallel": 1,
}
CASES = [(target, block) for target, count in BLOCKS.items() for block in range(count)]


@pytest.mark.parametrize(("target", "block"), CASES)
def test_random_programs(target: str, block: int) -> None:
    seeds = list(range(block * BLOCK, (block + 1) * BLOCK))
    passed, faults = TARGETS[target]().run(seeds)
    assert not faults, f"{faults[0]}\nsee it again: {again(target, faults[0].seed)}"
    assert passed == seeds


def test_a_seed_is_one_program() -> None:
    assert program(7) == program(7) != program(8)


def test_cpython_finds_nothing_wrong() -> None:
    """The programs are right: so what is wrong elsewhere is not theirs."""
    seeds = range(1000, 1000 + BLOCK)
    for output in cpython_outputs([program(seed) for seed in seeds]):
        assert output.endswith("wrong: []\n")
