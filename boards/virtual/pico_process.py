"""The virtual Pico as a board of weft's: `weft run program.py --board pico-virtual`.

It runs weft's firmware, or stock MicroPython, built once from Debian's packages; WEFT_PICO_IMAGE
names another image, WEFT_PICO_SEED another order of the cores' turns, and WEFT_PICO_TURNS another
kind of turns. It keeps real time.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from weft.boards.errors import VirtualBoardError
from weft.boards.process import Command
from weft.boards.virtual import node as nodes
from weft.firmware.sources import SourceError
from weft.firmware.steps import BuildError
from weft.firmware.targets import firmware_for

IMAGE_VARIABLE = "WEFT_PICO_IMAGE"
SEED_VARIABLE = "WEFT_PICO_SEED"
TURNS_VARIABLE = "WEFT_PICO_TURNS"


def weft_command() -> Command:
    """Return the board that runs weft's firmware, its port the USB one. Raises BoardError."""
    return _command("pico", "usb")


def weft_uart_command() -> Command:
    """Return the board that runs weft's firmware, its port UART0. Raises BoardError."""
    return _command("pico", "uart0")


def weft_parallel_command() -> Command:
    """Return the board that runs weft's parallel firmware, its port the USB one."""
    return _command("pico-parallel", "usb")


def stock_command() -> Command:
    """Return the board that runs stock MicroPython, its port the USB one. Raises BoardError."""
    return _command("pico-stock", "usb")


def weft_image() -> Path:
    """Return weft's firmware, once the emulator too is there. Raises BoardError."""
    return _image("pico")


def stock_image() -> Path:
    """Return stock MicroPython, once the emulator too is there. Raises BoardError."""
    return _image("pico-stock")


def _command(target: str, port: str) -> Command:
    words = ["-m", "weft", "virtual", "pico", "--image", str(_image(target)), "--serve", port]
    return Command([sys.executable, *words, *_seed(), *_turns()])


def _seed() -> list[str]:
    seed = os.environ.get(SEED_VARIABLE)
    if not seed:
        return []
    if not seed.isdecimal():
        raise VirtualBoardError(
            f"{SEED_VARIABLE} is {seed!r}; set it to a whole number, or unset it."
        )
    return ["--seed", seed]


def _turns() -> list[str]:
    turns = os.environ.get(TURNS_VARIABLE)
    return ["--turns", turns] if turns else []


def _image(target: str) -> Path:
    nodes.modules(nodes.find())
    named = os.environ.get(IMAGE_VARIABLE)
    return Path(named).resolve() if named else built_image(target)


def built_image(target: str) -> Path:
    """Return the firmware that `weft build TARGET` makes. Raises BoardError."""
    try:
        return firmware_for(target, report=lambda line: print(line, file=sys.stderr))
    except (BuildError, SourceError) as error:
        raise VirtualBoardError(
            f"{error} Or name a UF2 of MicroPython for the Pico in {IMAGE_VARIABLE}."
        ) from None
