"""The conformance suite (tests/conformance) as programs for a board that has its files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

SUITE = Path(__file__).parents[2] / "conformance"
FILES = [SUITE / "subject.py", *sorted(SUITE.glob("cases_*.py"))]


@dataclass(frozen=True)
class Case:
    """One case: the module that it is in, and its name there."""

    group: str
    name: str

    @property
    def program(self) -> str:
        """What a board must carry out without an error."""
        return (
            "import queue, threading, subject\n"
            f"from {self.group} import {self.name}\n"
            f"subject.Subject(threading, queue).run({self.name})\n"
        )

    def __str__(self) -> str:
        return f"{self.group}-{self.name}"


CASES = [
    Case(path.stem, name)
    for path in FILES
    for name in re.findall(r"^def (case_\w+)", path.read_text("utf-8"), re.MULTILINE)
]
GROUPS = sorted({case.group for case in CASES})
