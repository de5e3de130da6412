"""The `weft` command: finds the subcommands and hands over to the one that was named.

A subcommand is a module with `add(subparsers)`, which adds its parser and sets `run`, a function
from the parsed arguments to an exit status, as the parser's default. To add one, name its module
in COMMANDS; the order here is the order in `weft --help`.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

COMMANDS = (
    "weft.commands.run",
    "weft.commands.examples",
    "weft.commands.bench",
    "weft.boards.commands.boards",
    "weft.boards.commands.check",
    "weft.boards.commands.watch",
    "weft.boards.commands.flash",
    "weft.boards.commands.install",
    "weft.firmware.build",
)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="weft",
        description="Run threaded Python on this computer and on boards.",
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(name).add(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the return value is the exit status."""
    arguments = build_parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except BrokenPipeError:
        # Whoever read the output has seen enough. The interpreter would try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
