"""Half an emulated minute of threads of twelve kinds, callbacks and files: all end well."""

from __future__ import annotations

import pytest
from chaos import port_of, run
from emulated_board import Start, seeds


@pytest.mark.parametrize("seed", seeds("1-2"))
def test_chaos_ends_well(start: Start, seed: int) -> None:
    run(start(seed=seed, port=port_of(seed)))
