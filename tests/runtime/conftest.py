"""Every test here needs the tools of runtime_tools.py: a missing one is a failure, not a skip."""

from __future__ import annotations

import pytest
from runtime_tools import missing_packages


@pytest.fixture(scope="session", autouse=True)
def tools() -> None:
    missing = missing_packages()
    if missing:
        pytest.fail(
            f"missing: {', '.join(missing)}. Install with: python tests/runtime/runtime_tools.py"
        )
