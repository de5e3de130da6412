#!/usr/bin/env python3
"""Builds all that the random programs run on; tests/run.py calls it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def main() -> int:
    """Install and build everything, as the tests of these boards do."""
    for folder in ("boards", "pico"):
        subprocess.run([sys.executable, str(TESTS / folder / "prepare.py")], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
