"""`weft examples`: list the bundled examples, or print one."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from weft import examples


def add(subparsers: Any) -> None:
    """Add the parser of `weft examples`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "examples",
        help="list the bundled examples, or print one",
        description="List the bundled examples with a line each, or print the source of one.",
        epilog="example: weft examples threading_event > my_event.py; weft run my_event.py",
    )
    parser.add_argument("name", nargs="?", help="the example to print")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the list, or the example."""
    if arguments.name is None:
        width = max(map(len, examples.names()))
        for name in examples.names():
            print(f"{name:{width}}  {examples.summary(name)}")
        return 0
    path = examples.path_of(arguments.name)
    if path is None:
        print(
            f"weft examples: there is no example named {arguments.name!r}: "
            + examples.hint(arguments.name),
            file=sys.stderr,
        )
        return 2
    print(path.read_text("utf-8"), end="")
    return 0
