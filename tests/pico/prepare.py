#!/usr/bin/env python3
"""Installs and builds all that the tests of weft's Pico firmware need; tests/run.py calls it.

First what the tests of the virtual Pico need: compilers, stock MicroPython, the emulator. Then,
into the cache: weft's firmware for the Pico, both builds, and, to see that it builds, one of those
for the Pico 2; the C programs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from weft.firmware import rp2
from weft.firmware.steps import FIRMWARE
from weft.firmware.targets import firmware_for

TESTS = Path(__file__).parents[1]


def main() -> int:
    """Install and build everything."""
    subprocess.run([sys.executable, str(TESTS / "virtual" / "prepare.py")], check=True)
    for name in ("pico", "pico-parallel", "pico2-parallel"):
        print(f"{name}:", firmware_for(name, report=print), flush=True)
    for folder in (TESTS / "pico" / "programs", FIRMWARE / "benchmarks" / "kernel"):
        print("programs:", rp2.sdk_programs(folder, print, uses_runtime=True), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
