"""Stock MicroPython for the Pico, and programs for the plain Pico SDK, from Debian's packages.

    micropython()            -> the UF2 of MicroPython 1.25 for the Pico, REPL on USB and on UART0
    sdk_programs(folder)     -> a folder with the UF2 and ELF of each program of a CMake project

What always holds: no source is changed; a build is found again in the cache by what went into it;
half of one is never found. RPI_PICO/ is laid over MicroPython's own board folder: it names the
packages' folders, leaves out what Debian leaves out, and switches the REPL on UART0 on.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from weft.firmware import sources
from weft.firmware.build import BuildError, Report, cross_compiler

OVERLAY = Path(__file__).parent / "RPI_PICO"
MANIFEST = 'freeze("$(PORT_DIR)/modules")\ninclude("$(MPY_DIR)/extmod/asyncio")\n'
FLASH_BASE = "0x10000000"
RP2040_FAMILY = "0xe48bff56"  # in the UF2 list of families
BUILD_DATE = "1744675200"  # of MicroPython 1.25.0: every build is the same
LIMIT_S = 1200

PICO_SDK = sources.Package(
    name="pico-sdk-source",
    version="2.1.1-1",
    suite="trixie",
    sha256={
        "pico-sdk-source_2.1.1-1_all.deb": (
            "507a3ca37636641bc90239d7c04dc9dc28c5008087a8162102ea94d2273153d3"
        ),
    },
)
TINYUSB = sources.Package(
    name="tinyusb-source",
    version="0.18.0+dfsg-1",
    suite="trixie",
    sha256={
        "tinyusb-source_0.18.0+dfsg-1_all.deb": (
            "01ce2c645df68f14a8a7dcfc8fb355713152543757955820479a87949a61154e"
        ),
    },
)
INPUTS = (sources.MICROPYTHON, PICO_SDK, TINYUSB)

TOOLS = {  # what has to be there: the Debian package that it is in
    "arm-none-eabi-gcc": "gcc-arm-none-eabi",
    "cmake": "cmake",
    "ninja": "ninja-build",
    "make": "make",
    "g++": "g++",
    "dpkg-source": "dpkg-dev",
}
LIBRARIES = ("libnewlib-arm-none-eabi", "libstdc++-arm-none-eabi-newlib")


def missing_packages() -> list[str]:
    """Return the Debian packages that a build needs and this machine lacks."""
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if TOOLS["arm-none-eabi-gcc"] in missing or not _has_newlib():
        missing += LIBRARIES
    return missing


def micropython(report: Report = lambda line: None) -> Path:
    """Return the UF2 of stock MicroPython. Raises BuildError or SourceError."""
    _check_tools()
    overlay = sorted(path for path in OVERLAY.iterdir() if path.is_file())
    folder = sources.cache_folder() / "firmware" / f"rp2040-stock-{_key(overlay)}"
    with sources.locked(folder):
        if not folder.is_dir():
            report("Building stock MicroPython for the Pico (once, about two minutes) ...")
            with _scratch(folder) as scratch:
                _build_micropython(scratch, report).rename(folder)
    return folder / "micropython.uf2"


def sdk_programs(project: Path, report: Report = lambda line: None) -> Path:
    """Build a CMake project that includes PICO_SDK_PATH/pico_sdk_init.cmake; return its results."""
    _check_tools()
    files = sorted(path for path in project.rglob("*") if path.is_file())
    folder = sources.cache_folder() / "firmware" / f"rp2040-{project.name}-{_key(files)}"
    with sources.locked(folder):
        if not folder.is_dir():
            report(f"Building {project.name} for the Pico (once, about two minutes) ...")
            with _scratch(folder) as scratch:
                _build_programs(project, scratch).rename(folder)
    return folder


def _build_micropython(scratch: Path, report: Report) -> Path:
    tree = sources.unpacked(sources.MICROPYTHON)
    port = tree / "ports" / "rp2"
    board = scratch / "RPI_PICO"
    shutil.copytree(port / "boards" / "RPI_PICO", board)
    shutil.copytree(OVERLAY, board, dirs_exist_ok=True)
    (board / "manifest.py").write_text(MANIFEST)
    empty = scratch / "empty-lib"
    empty.mkdir()
    (empty / "README.md").touch()  # the port looks for it where micropython-lib would be
    options = {
        "MICROPY_BOARD": "RPI_PICO",
        "MICROPY_BOARD_DIR": board,
        "PICO_SDK_PATH_OVERRIDE": _sdk(),
        "USER_C_MODULES": board / "micropython.cmake",
        "WEFT_TINYUSB": sources.unpacked(TINYUSB) / "usr" / "src" / "tinyusb",
        "WEFT_EMPTY_LIB": empty,
    }
    # The manifest tool reads the first from the environment alone.
    environment = {
        "MICROPY_MPYCROSS": str(cross_compiler(tree, report)),
        "SOURCE_DATE_EPOCH": BUILD_DATE,
    }
    _cmake(port, scratch / "build", options, environment)
    return _results({"micropython": scratch / "build" / "firmware.elf"}, scratch)


def _build_programs(project: Path, scratch: Path) -> Path:
    options = {
        "PICO_SDK_PATH": _sdk(),
        "PICO_BOARD": "pico",
        "PICO_NO_PICOTOOL": "1",
        "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_RUNTIME_OUTPUT_DIRECTORY": scratch / "elf",
    }
    _cmake(project, scratch / "build", options, {})
    return _results({elf.stem: elf for elf in (scratch / "elf").glob("*.elf")}, scratch)


def _results(programs: Mapping[str, Path], scratch: Path) -> Path:
    """Put NAME.elf and NAME.uf2 of each program into one folder.

    The converter is MicroPython's own: the SDK would fetch picotool from the net.
    """
    convert = sources.unpacked(sources.MICROPYTHON) / "tools" / "uf2conv.py"
    results = scratch / "results"
    results.mkdir()
    for name, elf in programs.items():
        flat = elf.with_suffix(".flat")
        _run(["arm-none-eabi-objcopy", "-O", "binary", elf, flat], scratch)
        uf2 = results / f"{name}.uf2"
        words = ["-b", FLASH_BASE, "-f", RP2040_FAMILY, "-c", "-o", uf2, flat]
        _run([sys.executable, convert, *words], scratch)
        shutil.copy(elf, results / f"{name}.elf")
    return results


def _sdk() -> Path:
    return sources.unpacked(PICO_SDK) / "usr" / "src" / "pico-sdk"


def _cmake(
    source: Path, build: Path, options: Mapping[str, object], environment: Mapping[str, str]
) -> None:
    definitions = [f"-D{name}={value}" for name, value in {"picotool_FOUND": 0, **options}.items()]
    _run(["cmake", "-S", source, "-B", build, "-G", "Ninja", *definitions], build, environment)
    _run(["ninja", "-C", build], build, environment)


def _check_tools() -> None:
    missing = missing_packages()
    if missing:
        raise BuildError(
            f"Firmware for the Pico can't be built: install {', '.join(missing)} with "
            f"'apt-get install {' '.join(missing)}'."
        )


def _has_newlib() -> bool:
    words = ["arm-none-eabi-g++", "-mcpu=cortex-m0plus", "-mthumb", "-print-file-name=libstdc++.a"]
    return Path(_output(words)).is_absolute()


def _key(files: Iterable[Path]) -> str:
    """Name a build by all that goes into it."""
    parts = [package.folder_name for package in INPUTS]
    parts.append(_output(["arm-none-eabi-gcc", "--version"]))
    digest = hashlib.sha256("\n".join(parts).encode())
    for path in (Path(__file__), *files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _scratch(folder: Path) -> _Scratch:
    return _Scratch(prefix=f"{folder.name}.", dir=folder.parent)


class _Scratch(tempfile.TemporaryDirectory[str]):
    """A temporary folder beside the result, so that the result can be moved into place at once."""

    def __enter__(self) -> Path:  # type: ignore[override]
        return Path(super().__enter__())


def _output(words: Sequence[str]) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def _run(
    words: Sequence[object], folder: Path, environment: Mapping[str, str] | None = None
) -> None:
    command = [str(word) for word in words]
    try:
        done = subprocess.run(
            command,
            cwd=folder if folder.is_dir() else None,
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BuildError(f"{command[0]} did not end within {LIMIT_S} s.") from None
    if done.returncode != 0:
        lines = [line for line in done.stdout.splitlines() if "rror" in line] or [
            done.stdout[-300:]
        ]
        raise BuildError(f"{command[0]} failed: " + "\n".join(lines[:5]))
