"""Prepares tests/boards and tests/firmware: Debian packages, and the firmware of the unix boards.

Run it with the Python that weft is installed in. The second time it finds all in the cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from weft.firmware import unix
from weft.firmware.sources import SourceError
from weft.firmware.steps import BuildError
from weft.firmware.targets import firmware_for

PACKAGES = {"gcc": "gcc", "make": "make", "dpkg-source": "dpkg-dev", "xz": "xz-utils"}


def main() -> int:
    """Return 0 if the tests can run."""
    missing = [package for tool, package in PACKAGES.items() if shutil.which(tool) is None]
    if missing:
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        install = [*sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        subprocess.run([*sudo, "apt-get", "update", "-qq"], check=True)
        subprocess.run([*install, "libc6-dev", *missing], check=True)
    try:
        for target in unix.TARGETS:
            firmware_for(target.name, report=print)
    except (BuildError, SourceError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
