"""The unix boards: MicroPython's unix port as a process, with weft's firmware or a stock one."""

from __future__ import annotations

import sys
from pathlib import Path

from weft.boards.errors import BoardError
from weft.boards.process import Command
from weft.firmware.sources import SourceError
from weft.firmware.steps import FIRMWARE, BuildError
from weft.firmware.targets import firmware_for

HEAP_BYTES = 8 * 1024 * 1024
STOCK_LIBRARY = FIRMWARE / "python"


def weft_command() -> Command:
    """Return the board that runs weft's firmware."""
    return _command("unix", [])


def parallel_command() -> Command:
    """Return the board that runs weft's parallel firmware."""
    return _command("unix-parallel", [])


def stock_command() -> Command:
    """Return the board that runs stock firmware, with the pure-Python modules on its path."""
    return _command("unix-stock", [STOCK_LIBRARY, STOCK_LIBRARY / "pure"])


def _command(target: str, library: list[Path]) -> Command:
    try:
        firmware = firmware_for(target, report=lambda line: print(line, file=sys.stderr))
    except (BuildError, SourceError) as error:
        raise BoardError(str(error)) from None
    return Command(
        [str(firmware), "-X", f"heapsize={HEAP_BYTES}", "-c", "import _console; _console.serve()"],
        {"MICROPYPATH": ":".join([".frozen", "lib", *map(str, library)])},
    )
