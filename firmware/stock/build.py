#!/usr/bin/env python3
"""Builds firmware that is not ours, unmodified, to test against: stock MicroPython for the Pico.

    python firmware/stock/build.py            installs the tools, builds, prints the UF2's path
    build.micropython()                       the same from Python
    build.sdk_programs(folder)                programs written against the Pico SDK

Results are kept in the cache under a hash of everything that goes in; a second call takes no time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import sources

HERE = Path(__file__).parent
PACKAGES = {
    "arm-none-eabi-gcc": "gcc-arm-none-eabi",
    "cmake": "cmake",
    "ninja": "ninja-build",
    "make": "make",
    "gcc": "gcc",
    "g++": "g++",
    "dpkg-deb": "dpkg",
}
LIBRARIES = ("libnewlib-arm-none-eabi", "libstdc++-arm-none-eabi-newlib")
FLASH_BASE = "0x10000000"
RP2040_FAMILY = "0xe48bff56"  # UF2 family id, from the UF2 specification's list
BUILD_DATE = "1744675200"  # of MicroPython 1.25.0, so that every build is the same
BUILD_TIMEOUT_S = 1200


class BuildError(Exception):
    """Something could not be built; the message holds the end of the build's output."""


def install_tools() -> None:
    """Install the compilers and build tools that are missing (needs apt-get, and root)."""
    missing = [package for tool, package in PACKAGES.items() if shutil.which(tool) is None]
    if shutil.which("arm-none-eabi-gcc") is None or not _newlib_installed():
        missing += LIBRARIES
    if not missing:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update"],
        ["apt-get", "install", "--yes", "--no-install-recommends", *missing],
    ):
        _run(command, "install " + " ".join(missing), env=environment)


def micropython() -> Path:
    """Return a UF2 of MicroPython 1.25 for the Pico, with the REPL on USB and on UART0."""
    board = HERE / "RPI_PICO"
    key = _key([Path(__file__), *sorted(board.iterdir())], sources.digest(), _compiler_version())
    result = sources.CACHE / "stock" / key / "micropython.uf2"
    if not result.exists():
        tree = sources.fetch()
        with _scratch(result.parent) as scratch:
            _build_micropython(tree, board, scratch)
            _keep(scratch / "out", result.parent)
    return result


def sdk_programs(folder: Path) -> Path:
    """Build the CMake project in `folder` against the Pico SDK; return a folder of .uf2 and .elf.

    The project finds the SDK at PICO_SDK_PATH.
    """
    inputs = sorted(path for path in folder.rglob("*") if path.is_file())
    key = _key([Path(__file__), *inputs], sources.digest(), _compiler_version())
    result = sources.CACHE / "programs" / key
    if not result.exists():
        tree = sources.fetch()
        with _scratch(result) as scratch:
            build = scratch / "build"
            options = {
                "PICO_SDK_PATH": tree.pico_sdk,
                "PICO_BOARD": "pico",
                "CMAKE_BUILD_TYPE": "Release",
                "picotool_FOUND": "0",
                "PICO_NO_PICOTOOL": "1",
                "CMAKE_RUNTIME_OUTPUT_DIRECTORY": scratch / "elf",
            }
            _cmake(folder, build, options)
            out = scratch / "out"
            out.mkdir()
            for elf in sorted((scratch / "elf").glob("*.elf")):
                _uf2(tree, elf, out / f"{elf.stem}.uf2")
                shutil.copy(elf, out)
            _keep(out, result)
    return result


def _build_micropython(tree: sources.Sources, board: Path, scratch: Path) -> None:
    cross = scratch / "mpy-cross"
    _run(
        ["make", "-C", tree.micropython / "mpy-cross", f"BUILD={cross}", f"-j{_jobs()}"],
        "mpy-cross",
    )
    port = tree.micropython / "ports" / "rp2"
    overlaid = scratch / "RPI_PICO"
    shutil.copytree(port / "boards" / "RPI_PICO", overlaid)
    shutil.copytree(board, overlaid, dirs_exist_ok=True)
    build = scratch / "build"
    options = {
        "MICROPY_BOARD": "RPI_PICO",
        "MICROPY_BOARD_DIR": overlaid,
        "PICO_SDK_PATH_OVERRIDE": tree.pico_sdk,
        "USER_C_MODULES": overlaid / "micropython.cmake",
        "WEFT_TINYUSB": tree.tinyusb,
        "WEFT_EMPTY_LIB": scratch / "empty-lib",
        "picotool_FOUND": "0",
    }
    (scratch / "empty-lib").mkdir()
    (scratch / "empty-lib" / "README.md").touch()
    # The manifest tool reads the first from the environment alone; the second fixes the build date.
    environment = {"MICROPY_MPYCROSS": str(cross / "mpy-cross"), "SOURCE_DATE_EPOCH": BUILD_DATE}
    _cmake(port, build, options, os.environ | environment)
    out = scratch / "out"
    out.mkdir()
    _uf2(tree, build / "firmware.elf", out / "micropython.uf2")
    shutil.copy(build / "firmware.elf", out / "micropython.elf")


def _cmake(
    source: Path, build: Path, options: dict[str, object], env: dict[str, str] | None = None
) -> None:
    definitions = [f"-D{name}={value}" for name, value in options.items()]
    configure = ["cmake", "-S", source, "-B", build, "-G", "Ninja", *definitions]
    _run(configure, f"configure {source}", env)
    _run(["ninja", "-C", build, f"-j{_jobs()}"], f"build {source}", env)


def _uf2(tree: sources.Sources, elf: Path, result: Path) -> None:
    """Convert with MicroPython's own tool: the SDK would fetch picotool from the net."""
    binary = elf.with_suffix(".flat")
    _run(["arm-none-eabi-objcopy", "-O", "binary", elf, binary], f"flatten {elf.name}")
    convert = tree.micropython / "tools" / "uf2conv.py"
    _run(
        [sys.executable, convert, "-b", FLASH_BASE, "-f", RP2040_FAMILY, "-c", "-o", result, binary],
        f"convert {elf.name}",
    )


def _newlib_installed() -> bool:
    command = ["arm-none-eabi-g++", "-mcpu=cortex-m0plus", "-mthumb", "-print-file-name=libstdc++.a"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Path(done.stdout.strip()).is_absolute()


def _compiler_version() -> str:
    return subprocess.run(
        ["arm-none-eabi-gcc", "--version"], capture_output=True, text=True, check=True
    ).stdout.splitlines()[0]


def _key(files: Iterable[Path], *more: str) -> str:
    state = hashlib.sha256("\n".join(more).encode())
    for path in files:
        state.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()[:16]


def _scratch(result: Path) -> tempfile.TemporaryDirectory[str]:
    result.parent.mkdir(parents=True, exist_ok=True)
    return _PathScratch(dir=result.parent, prefix="building-")


class _PathScratch(tempfile.TemporaryDirectory[str]):
    """A temporary folder that hands out a Path."""

    def __enter__(self) -> Path:  # type: ignore[override]
        return Path(super().__enter__())


def _keep(built: Path, result: Path) -> None:
    """Move a finished folder into the cache at once, so that the cache never holds half of one."""
    if not result.exists():
        built.rename(result)


def _jobs() -> int:
    return os.cpu_count() or 1


def _run(
    command: list[object] | list[str], what: str, env: dict[str, str] | None = None
) -> None:
    done = subprocess.run(
        ["nice", "-n", "10", *map(str, command)],
        capture_output=True,
        text=True,
        errors="replace",
        env=env,
        timeout=BUILD_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        tail = (done.stdout + done.stderr)[-3000:]
        raise BuildError(f"could not {what}: exit status {done.returncode}\n{tail}")


if __name__ == "__main__":
    install_tools()
    print(micropython())
