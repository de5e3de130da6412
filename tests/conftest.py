"""What bare `pytest` says: it runs what needs no set-up, and tests/run.py runs the rest."""

from __future__ import annotations

import importlib.util

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """End the run with a sentence if weft is not installed."""
    if importlib.util.find_spec("weft") is None:
        raise pytest.UsageError("install weft first: pip install '.[test]'")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what is not run."""
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return None
    return "these need no set-up; `python3 tests/run.py` sets up and runs all, --list lists them"
