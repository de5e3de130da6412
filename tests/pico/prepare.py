#!/usr/bin/env python3
"""Installs and builds all that the tests of weft's Pico firmware need; tests/run.py calls it.

Debian packages (compilers) by apt-get; into the cache: weft's firmware for the Pico and, to see
that it builds, the Pico 2; stock MicroPython; the C programs; the emulator's npm package.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from weft.boards.virtual import node
from weft.firmware import pico
from weft.firmware.build import firmware_for
from weft.firmware.steps import FIRMWARE

PROGRAMS = Path(__file__).parent / "programs"
BENCH = FIRMWARE / "rp2040" / "bench"
IMAGES = ("pico", "pico-stock", "pico2")


def main() -> int:
    """Install and build everything."""
    missing = pico.missing_packages()
    if missing:
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*sudo, "apt-get", "update", "-qq"], check=True)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        subprocess.run([*sudo, *install], check=True)
    for name in IMAGES:
        print(f"{name}:", firmware_for(name, report=print), flush=True)
    for folder in (PROGRAMS, BENCH):
        print("programs:", pico.sdk_programs(folder, print, uses_runtime=True), flush=True)
    print("emulator's package:", node.modules(node.find()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
