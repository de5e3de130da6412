#!/usr/bin/env python3
"""Installs and builds all that the tests of the virtual Pico need; tests/run.py calls it.

Debian packages (compilers) by apt-get; stock MicroPython and the programs in programs/ into the
cache; the emulator's npm package. With a warm cache it takes a second.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from weft.boards.virtual import node
from weft.firmware import rp2
from weft.firmware.targets import firmware_for

PROGRAMS = Path(__file__).parent / "programs"


def main() -> int:
    """Install and build everything."""
    missing = rp2.missing_packages()
    if missing:
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*sudo, "apt-get", "update", "-qq"], check=True)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        subprocess.run([*sudo, *install], check=True)
    print("stock MicroPython:", firmware_for("pico-stock", report=print), flush=True)
    print("programs:", rp2.sdk_programs(PROGRAMS, print), flush=True)
    print("emulator's package:", node.modules(node.find()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
