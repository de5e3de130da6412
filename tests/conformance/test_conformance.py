"""Runs the conformance suite on this computer: against weft, and against CPython's own modules.

That CPython passes proves the suite. `pytest tests/conformance -k "weft and set_then_clear"` runs
one case. subject.py says what a case may do.
"""

from __future__ import annotations

import importlib.util
import queue
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import weft.queue
import weft.threading

FOLDER = Path(__file__).parent

Case = Callable[[Any], None]


def load(path: Path) -> types.ModuleType:
    """Import a file of this folder, which is no package: on a board its files stand alone."""
    spec = importlib.util.spec_from_file_location(f"conformance_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Subject = load(FOLDER / "subject.py").Subject
SUBJECTS = {
    "cpython": Subject(threading, queue),
    "weft": Subject(weft.threading, weft.queue),
}


def collect() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("cases_*.py")):
        group = path.stem.removeprefix("cases_")
        cases = {name: case for name, case in vars(load(path)).items() if name.startswith("case_")}
        for subject_name, subject in SUBJECTS.items():
            if group == "queue_shutdown" and not hasattr(subject.queue, "ShutDown"):
                continue  # CPython has it from 3.13
            for name, case in cases.items():
                test_id = f"{subject_name}-{group}-{name.removeprefix('case_')}"
                yield pytest.param(subject, case, id=test_id)


@pytest.mark.filterwarnings("ignore:Exception in thread .*leave")  # pytest minds SystemExit too
@pytest.mark.parametrize(("subject", "case"), list(collect()))
def test_case(subject: Any, case: Case) -> None:
    subject.run(case)


def test_every_group_has_cases() -> None:
    for path in FOLDER.glob("cases_*.py"):
        assert any(name.startswith("case_") for name in vars(load(path))), f"{path.name} has none"
