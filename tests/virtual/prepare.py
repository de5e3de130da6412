#!/usr/bin/env python3
"""Installs and builds all that the tests of the virtual Pico need; run once before pytest.

    python tests/virtual/prepare.py

Debian packages (compilers) by apt-get, stock MicroPython and the programs in programs/ by
firmware/stock/build.py into the cache. With a warm cache it takes a second. Node comes with the
`virtual` extra; the emulator fetches its npm package itself.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

sys.path.insert(0, str(ROOT / "firmware" / "stock"))
import build  # noqa: E402


def micropython() -> Path:
    """Return the UF2 of stock MicroPython."""
    return build.micropython()


def programs() -> Path:
    """Return the folder with a .uf2 and a .elf of each program in programs/."""
    return build.sdk_programs(HERE / "programs")


def main() -> int:
    """Install and build everything."""
    build.install_tools()
    print(f"stock MicroPython: {micropython()}", flush=True)
    print(f"programs: {programs()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
