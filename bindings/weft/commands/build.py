"""`weft build`: build the firmware of a board, or take it from the cache."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from weft.firmware.sources import SourceError
from weft.firmware.steps import BuildError
from weft.firmware.targets import TARGETS, firmware_for

EXAMPLES = """\
targets:
  unix, unix-stock     weft's firmware, and a stock one, as a program of this computer
  unix-parallel        weft's, with threads that run Python on all cores at once
  pico, pico2          weft's firmware for the Raspberry Pi Pico and Pico 2: a .uf2 file
  pico-parallel        the same for the Pico, with threads that run Python on both cores at once
  pico-stock           stock MicroPython for the Pico

examples:
  weft build unix --output ./micropython
  weft build pico --output ./weft.uf2     then: weft flash pico weft.uf2
  weft build pico --micropython ~/src/micropython
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `weft build`."""
    parser = subparsers.add_parser(
        "build",
        help="build the firmware of a board",
        description="Build firmware and print its path. The second time it comes from the cache.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "target",
        choices=sorted(TARGETS),
        metavar="TARGET",
        help="what to build: one of those below",
    )
    parser.add_argument(
        "--micropython",
        type=Path,
        metavar="DIR",
        help="a MicroPython tree of your own, instead of Debian's (also: MICROPY_DIR)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="copy the firmware to FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry out `weft build`."""
    try:
        product = firmware_for(
            arguments.target,
            micropython=arguments.micropython,
            report=lambda line: print(line, file=sys.stderr),
        )
    except (BuildError, SourceError, OSError) as error:
        print(f"weft build: {error}", file=sys.stderr)
        return 1
    if arguments.output:
        shutil.copy2(product, arguments.output)
        product = arguments.output
    print(product)
    return 0
