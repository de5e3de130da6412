"""The virtual Pico as a board of weft's: `weft run program.py --board pico-virtual`.

It runs stock MicroPython, built once from Debian's packages, or the image that WEFT_PICO_IMAGE
names. Its port is the USB one; it keeps the pace of real time, as a board on the desk does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from weft.boards.process import Command
from weft.boards.virtual import image as images
from weft.boards.virtual import node as nodes
from weft.boards.virtual.errors import VirtualBoardError
from weft.firmware.build import BuildError
from weft.firmware.sources import SourceError
from weft.firmware.stock import rp2040

IMAGE_VARIABLE = "WEFT_PICO_IMAGE"


def stock_command() -> Command:
    """Return the board, after everything that it needs is there. Raises BoardError."""
    words = ["-m", "weft", "virtual", "pico", "--image", str(stock_image()), "--serve", "usb"]
    return Command([sys.executable, *words])


def stock_image() -> Path:
    """Return the image, checked, once the emulator too has all that it needs. Raises BoardError."""
    nodes.modules(nodes.find())
    named = os.environ.get(IMAGE_VARIABLE)
    image = Path(named).resolve() if named else _built_image()
    images.load(image)
    return image


def _built_image() -> Path:
    try:
        return rp2040.micropython(lambda line: print(line, file=sys.stderr))
    except (BuildError, SourceError) as error:
        raise VirtualBoardError(
            f"{error} Or name a UF2 of MicroPython for the Pico in {IMAGE_VARIABLE}."
        ) from None
