"""The tools that the runtime's tests need, and how they come onto a Debian machine.

python tests/runtime/prepare.py          installs what is missing (root, or with sudo)
python tests/runtime/prepare.py --check  only tells what is missing; status 1 if anything is

ziglang, the one tool that is no Debian package, is in the project's extra "runtime-test".
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

# A program, or a file, that each package brings. Multiarch names are those of Debian 12.
PACKAGES = {
    "gcc": "gcc",
    "libc6-dev": "/usr/include/stdio.h",
    "cmake": "cmake",
    "ninja-build": "ninja",
    "clang": "clang",
    "libclang-rt-dev": "",
    "util-linux": "setarch",
    "spin": "spin",
    "gcc-mingw-w64-x86-64": "x86_64-w64-mingw32-gcc",
    "wine": "wine",
    "wine64": "/usr/lib/wine/wine64",
    "qemu-user": "qemu-aarch64",
    "gcc-aarch64-linux-gnu": "aarch64-linux-gnu-gcc",
    "libc6-dev-arm64-cross": "/usr/aarch64-linux-gnu/include/stdio.h",
    "gcc-riscv64-linux-gnu": "riscv64-linux-gnu-gcc",
    "libc6-dev-riscv64-cross": "/usr/riscv64-linux-gnu/include/stdio.h",
    "gcc-s390x-linux-gnu": "s390x-linux-gnu-gcc",
    "libc6-dev-s390x-cross": "/usr/s390x-linux-gnu/include/stdio.h",
    "gcc-arm-linux-gnueabihf": "arm-linux-gnueabihf-gcc",
    "libc6-dev-armhf-cross": "/usr/arm-linux-gnueabihf/include/stdio.h",
}
INSTALL_SECONDS = 1200


def has_clang_sanitizers() -> bool:
    """Whether clang finds its sanitizer run-time library, a package of its own."""
    if shutil.which("clang") is None:
        return False
    command = ["clang", "-print-runtime-dir"]
    folder = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return any(Path(folder.stdout.strip()).glob("libclang_rt.tsan*"))


def missing_packages() -> list[str]:
    """The Debian packages whose programs or files are not there."""
    missing = []
    for package, brings in PACKAGES.items():
        if package == "libclang-rt-dev":
            there = has_clang_sanitizers()
        else:
            there = shutil.which(brings) is not None or os.path.isfile(brings)
        if not there:
            missing.append(package)
    return missing


def install(packages: list[str]) -> None:
    """apt-get of the packages; raises CalledProcessError if it fails."""
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    environment = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive"]
    options = ["install", "--yes", "--no-install-recommends"]
    for arguments in (["update", "--quiet"], [*options, *packages]):
        subprocess.run([*environment, "apt-get", *arguments], check=True, timeout=INSTALL_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="install nothing")
    only_check = parser.parse_args().check
    missing = missing_packages()
    if missing and not only_check:
        print(f"installing {', '.join(missing)}", flush=True)
        try:
            install(missing)
        except (OSError, subprocess.SubprocessError) as error:
            print(
                f"tests/runtime/prepare.py: {error}. Install these packages by hand.",
                file=sys.stderr,
            )
            return 1
        missing = missing_packages()
    if missing:
        print(f"missing: {', '.join(missing)}", file=sys.stderr)
        return 1
    print("all tools of the runtime's tests are there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
