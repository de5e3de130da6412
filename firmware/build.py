"""Builds firmware: `weft build unix`, and `firmware_for(target)` for a board that needs it.

host.py and pico.py say how each target is built; steps.py keeps what was built in the cache.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from weft.firmware import host, pico, sources, steps
from weft.firmware.steps import BuildError, Report, Target

TARGETS: dict[str, Target] = {target.name: target for target in (*host.TARGETS, *pico.TARGETS)}

EXAMPLES = """\
targets:
  unix, unix-stock     weft's firmware, and a stock one, as a program of this computer
  pico, pico2          weft's firmware for the Raspberry Pi Pico and Pico 2: a .uf2 file
  pico-stock           stock MicroPython for the Pico

examples:
  weft build unix --output ./micropython
  weft build pico --output ./weft.uf2     then: weft flash pico weft.uf2
  weft build pico --micropython ~/src/micropython
"""


def firmware_for(
    name: str, *, micropython: Path | None = None, report: Report = steps.silent
) -> Path:
    """Return the firmware file of target `name`, building it if it isn't in the cache.

    `report` gets a line for each step that takes time. Raises BuildError or SourceError.
    """
    target = TARGETS[name]
    target.check()
    tree = steps.micropython_tree(micropython, target.port, target.port_file)

    def fill(build: steps.Build) -> None:
        mpy_cross = steps.cross_compiler(tree, report)
        report(f"Building the firmware {name} (once, about {target.duration}) ...")
        target.build(build, tree, mpy_cross)

    return steps.cached(name, key_of(target, tree), fill) / target.product


def key_of(target: Target, tree: Path) -> str:
    """Name the target's firmware by all that goes into it."""
    words = [
        steps.tree_identity(tree, f"ports/{target.port}"),
        steps.version_of(target.compiler),
        *target.settings(),
    ]
    return steps.key(words, target.folders())


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
    except (BuildError, sources.SourceError, OSError) as error:
        print(f"weft build: {error}", file=sys.stderr)
        return 1
    if arguments.output:
        shutil.copy2(product, arguments.output)
        product = arguments.output
    print(product)
    return 0
