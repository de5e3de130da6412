"""The conformance suite on a virtual Pico with weft's firmware, over both of its ports.

library/run_conformance.py runs more seeds; test_over_serial.py runs a part of the suite live.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
import run_conformance as conformance
from conformance_suite import CASES, Case
from emulated_board import seed_for


@pytest.fixture(scope="session")
def flash(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A flash with the suite on it."""
    return conformance.flash_with_suite(image, tmp_path_factory.mktemp("flash"))


@functools.cache
def verdicts(group: str, flash: Path, seed: int, port: str) -> dict[Case, conformance.Verdict]:
    """Run the cases of a file, once; how each ended."""
    return {verdict.case: verdict for verdict in conformance.run_group(group, flash, seed, port)}


def test_the_suite_is_found() -> None:
    assert len(CASES) > 100


@pytest.mark.parametrize(
    ("case", "port", "seed"),
    [
        pytest.param(
            case,
            port,
            seed,
            id=f"{case}-{port}-seed{seed}",
            marks=pytest.mark.xdist_group(f"{case.group}-{port}-{seed}"),
        )
        for port in conformance.PORTS
        for case in CASES
        for seed in (seed_for(f"{case.group}-{port}"),)
    ],
)
def test_case(case: Case, port: str, seed: int, flash: Path) -> None:
    verdict = verdicts(case.group, flash, seed, port)[case]
    if verdict.problem:
        pytest.fail(verdict.problem, pytrace=False)
