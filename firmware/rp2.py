"""Firmware by MicroPython's rp2 port (RP2040, RP2350), and programs for the plain Pico SDK.

    TARGETS                  weft's firmware and stock MicroPython: micropython.uf2 and its .elf
    sdk_programs(folder)     -> a folder with the UF2 and ELF of each program of a CMake project

No source is changed. Each firmware is a folder here, rp2/ or rp2_stock/. Its board/ is laid
over the board folder of the port: it names the packages' folders, leaves out what Debian does, and
chooses what is frozen in. Its micropython.cmake adds modules. Where the runtime is used, CMake
sees the folders WEFT_FIRMWARE and WEFT_RUNTIME, and the manifest $(WEFT_FIRMWARE).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from weft.firmware import sources, steps
from weft.firmware.steps import FIRMWARE, Build, BuildError, Report, Target

FLASH_BASE = "0x10000000"
RP2040_FAMILY = "0xe48bff56"  # in the UF2 list of families
RP2350_FAMILY = "0xe48bff59"  # Arm, secure
BUILD_DATE = "1744675200"  # of MicroPython 1.25.0: every build is the same

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

COMPILER = "arm-none-eabi-gcc"
TOOLS = {  # what has to be there: the Debian package that it is in
    COMPILER: "gcc-arm-none-eabi",
    "cmake": "cmake",
    "ninja": "ninja-build",
    "make": "make",
    "g++": "g++",
    "dpkg-source": "dpkg-dev",
}
LIBRARIES = ("libnewlib-arm-none-eabi", "libstdc++-arm-none-eabi-newlib")

OBJECTS = ("vm", "nativeglue")
"""Of the parallel firmware, what a test reads besides: see parallel/calls.cmake."""


@dataclass(frozen=True)
class PicoTarget(Target):
    """A firmware for one board of the rp2 port."""

    folder: str  # of this folder, as the module's text says
    board: str  # its name in MicroPython
    family: str  # what its boot loader asks for
    uses_runtime: bool
    parallel: bool = False  # threads run Python on both cores at once

    port = "rp2"
    port_file = "CMakeLists.txt"
    product = "micropython.uf2"
    compiler = COMPILER
    duration = "a minute"

    def check(self) -> None:
        """Raise BuildError if a tool is missing, or a part of weft."""
        _check_tools()
        self._overlay()
        self._modules()
        if self.uses_runtime:
            steps.runtime_folder()

    def folders(self) -> list[Path]:
        """Return the folders of weft that go into the firmware."""
        folders = [FIRMWARE / self.folder]
        if self.uses_runtime:
            folders += [FIRMWARE / "modules", FIRMWARE / "python", steps.runtime_folder()]
        if self.parallel:
            folders.append(FIRMWARE / "parallel")
        return folders

    def settings(self) -> list[str]:
        """Return what else goes into it, in words."""
        packages = [PICO_SDK.folder_name, TINYUSB.folder_name]
        about = [self.board, self.family, steps.version(), *packages]
        about += ["parallel"] if self.parallel else []
        return [*about, steps.builders("rp2.py")]

    def build(self, build: Build, tree: Path, mpy_cross: Path) -> None:
        """Put micropython.uf2 and .elf into the results. Raises BuildError or SourceError."""
        port = tree / "ports" / self.port
        original = port / "boards" / self.board
        if not original.is_dir():
            raise BuildError(f"{tree} has no board {self.board}; take MicroPython 1.25 or later.")
        board = build.scratch / self.board
        shutil.copytree(original, board)
        shutil.copytree(self._overlay(), board, dirs_exist_ok=True)
        empty = build.scratch / "empty-lib"
        empty.mkdir()
        (empty / "README.md").touch()  # the port looks for it where micropython-lib would be
        options: dict[str, object] = {
            "MICROPY_BOARD": self.board,
            "MICROPY_BOARD_DIR": board,
            "PICO_SDK_PATH_OVERRIDE": _sdk(),
            "USER_C_MODULES": self._modules(),
            "WEFT_TINYUSB": sources.unpacked(TINYUSB) / "usr" / "src" / "tinyusb",
            "WEFT_EMPTY_LIB": empty,
        }
        if self.uses_runtime:
            options["WEFT_FIRMWARE"] = options["MICROPY_MANIFEST_WEFT_FIRMWARE"] = FIRMWARE
            options["WEFT_RUNTIME"] = steps.runtime_folder()
            options["WEFT_VERSION"] = steps.version()
            options["WEFT_PARALLEL"] = "ON" if self.parallel else "OFF"
        # The manifest tool reads the first from the environment alone.
        environment = {"MICROPY_MPYCROSS": str(mpy_cross), "SOURCE_DATE_EPOCH": BUILD_DATE}
        _cmake(build, port, options, environment)
        elf = build.scratch / "build" / "firmware.elf"
        _keep(build, elf, "micropython", self.family, tree)
        if self.parallel:
            for name in OBJECTS:
                (found,) = (build.scratch / "build").rglob(f"{name}.c.o")
                shutil.copy(found, build.results / f"{name}.o")

    def _overlay(self) -> Path:
        return steps.weft_folder(FIRMWARE / self.folder / "board", "mpconfigboard.cmake")

    def _modules(self) -> Path:
        name = "micropython.cmake"
        return steps.weft_folder(FIRMWARE / self.folder, name) / name


TARGETS = (
    PicoTarget("pico", "rp2", "RPI_PICO", RP2040_FAMILY, uses_runtime=True),
    PicoTarget("pico-parallel", "rp2", "RPI_PICO", RP2040_FAMILY, uses_runtime=True, parallel=True),
    PicoTarget("pico2", "rp2", "RPI_PICO2", RP2350_FAMILY, uses_runtime=True),
    PicoTarget(
        "pico2-parallel", "rp2", "RPI_PICO2", RP2350_FAMILY, uses_runtime=True, parallel=True
    ),
    PicoTarget("pico-stock", "rp2_stock", "RPI_PICO", RP2040_FAMILY, uses_runtime=False),
)


def sdk_programs(
    project: Path, report: Report = steps.silent, *, uses_runtime: bool = False
) -> Path:
    """Build a CMake project that includes PICO_SDK_PATH/pico_sdk_init.cmake; return its results.

    With `uses_runtime` it finds the runtime in WEFT_RUNTIME. Raises BuildError or SourceError.
    """
    _check_tools()
    runtime = [steps.runtime_folder()] if uses_runtime else []

    def fill(build: Build) -> None:
        report(f"Building the programs in {project.name}/ for the Pico (once, about a minute) ...")
        options: dict[str, object] = {
            "PICO_SDK_PATH": _sdk(),
            "PICO_BOARD": "pico",
            "PICO_NO_PICOTOOL": "1",
            "CMAKE_BUILD_TYPE": "Release",
            "CMAKE_RUNTIME_OUTPUT_DIRECTORY": build.scratch / "elf",
        }
        if uses_runtime:
            options["WEFT_RUNTIME"] = runtime[0]
        _cmake(build, project, options, {})
        tree = sources.unpacked(sources.MICROPYTHON)
        for elf in sorted((build.scratch / "elf").glob("*.elf")):
            _keep(build, elf, elf.stem, RP2040_FAMILY, tree)

    words = [PICO_SDK.folder_name, sources.MICROPYTHON.folder_name, steps.version_of(COMPILER)]
    key = steps.key([*words, steps.builders("rp2.py")], [project, *runtime])
    return steps.cached(f"pico-{project.name}", key, fill)


def missing_packages() -> list[str]:
    """Return the Debian packages that a build needs and this machine lacks."""
    missing = [TOOLS[tool] for tool in steps.missing_tools(TOOLS)]
    if TOOLS[COMPILER] in missing or not _has_newlib():
        missing += LIBRARIES
    return missing


def _check_tools() -> None:
    missing = missing_packages()
    if missing:
        raise BuildError(
            f"firmware for the Pico can't be built: install {', '.join(missing)} with "
            f"'apt-get install {' '.join(missing)}'."
        )


def _has_newlib() -> bool:
    words = ["arm-none-eabi-g++", "-mcpu=cortex-m0plus", "-mthumb", "-print-file-name=libstdc++.a"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return Path(done.stdout.strip()).is_absolute()


def _sdk() -> Path:
    return sources.unpacked(PICO_SDK) / "usr" / "src" / "pico-sdk"


def _cmake(
    build: Build, source: Path, options: Mapping[str, object], environment: Mapping[str, str]
) -> None:
    place = build.scratch / "build"
    definitions = [f"-D{name}={value}" for name, value in {"picotool_FOUND": 0, **options}.items()]
    build.run(["cmake", "-S", source, "-B", place, "-G", "Ninja", *definitions], environment)
    build.run(["ninja", "-C", place], environment)


def _keep(build: Build, elf: Path, name: str, family: str, tree: Path) -> None:
    """Put a program into the results as NAME.elf and NAME.uf2.

    The converter is MicroPython's own: the SDK would fetch picotool from the net.
    """
    flat = elf.with_suffix(".flat")
    build.run(["arm-none-eabi-objcopy", "-O", "binary", elf, flat])
    words = ["-b", FLASH_BASE, "-f", family, "-c", "-o", build.results / f"{name}.uf2", flat]
    build.run([sys.executable, tree / "tools" / "uf2conv.py", *words])
    shutil.copy(elf, build.results / f"{name}.elf")
