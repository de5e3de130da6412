"""`weft run`: run a program or a bundled example, on this computer or on a board."""

from __future__ import annotations

import argparse
import itertools
import re
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from weft import examples

_EPILOG = """\
examples:
  weft run threading_event             a bundled example (weft examples lists them)
  weft run my_program.py some args     a program of yours, with its arguments
  weft run my_program.py -- --port x   the same; everything after -- is the program's
  weft run threading_event --board pico --port /dev/ttyACM0
  weft run my_program.py --board pico some args < data.txt

weft's options come before the program or right after it. The program is not changed: its
`import threading` and `import queue` get weft's modules. The exit status is the program's, 2 if
there is no such program.

On a board the program reads this computer's standard input (input(), sys.stdin), and imports the
modules that stand beside it: they are sent with it, and nothing is written to the board's flash.
The exit status is 1 if the program raised, or the board failed or restarted; 124 after --timeout.
"""

_OWN_OPTIONS = ("--board", "--port", "--timeout")
_PORT = re.compile(r"/dev/|COM\d|(?:socket|rfc2217)://", re.IGNORECASE)


def add(subparsers: Any) -> None:
    """Add the parser of `weft run`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "run",
        help="run a program, or an example by its name",
        description="Run a Python program over weft's threads.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_options(parser)
    parser.add_argument(
        "program",
        nargs=argparse.PARSER,  # one argument or more; unlike two arguments it keeps a "--"
        help="a Python file, or the name of an example; then the program's arguments",
    )
    parser.set_defaults(run=run)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--board", help="run it on this board (`weft boards` lists them)")
    parser.add_argument("--port", help="the board's serial port, if it has more than one or none")
    parser.add_argument("--timeout", type=float, metavar="S", help="stop the board after S seconds")


def take_own_options(arguments: argparse.Namespace) -> None:
    """Take the program's arguments apart from it and from weft's options directly after it.

    `is_separated` says that a "--" stands before the arguments, so that they are the program's.
    """
    given: list[str] = arguments.program
    if given[0] == "--":
        arguments.program, *arguments.arguments = given[1:]
        arguments.is_separated = True
        return
    arguments.program, *rest = given
    taken = 0
    while taken < len(rest) and rest[taken].partition("=")[0] in _OWN_OPTIONS:
        taken += 1 if "=" in rest[taken] else 2
    parser = argparse.ArgumentParser(prog="weft run", add_help=False)
    _add_options(parser)
    parser.parse_args(rest[:taken], namespace=arguments)
    arguments.is_separated = rest[taken : taken + 1] == ["--"]
    arguments.arguments = rest[taken + arguments.is_separated :]


def misplaced_option(arguments: argparse.Namespace) -> str:
    """Return what of weft's stands among the program's arguments by mistake; "" if nothing does.

    That is an option whose value can only be meant for weft: the name of a board, or, for a program
    on a board, a port of this computer, which a board knows nothing of.
    """
    given: list[str] = arguments.arguments
    for word, following in itertools.zip_longest(given, given[1:], fillvalue=""):
        if word == "--":
            break
        option, has_value, value = word.partition("=")
        value = value if has_value else following
        if option == "--board" and value in _names_of_boards():
            return f"{option} {value}"
        if option == "--port" and arguments.board and not arguments.port and _PORT.match(value):
            return f"{option} {value}"
    return ""


def _names_of_boards() -> Collection[str]:
    from weft.boards.kinds import all_kinds

    return all_kinds()


def run(arguments: argparse.Namespace) -> int:
    """Run the program; the return value is the exit status if the program could not be run."""
    take_own_options(arguments)
    if not arguments.is_separated and (option := misplaced_option(arguments)):
        print(
            f"weft run: {option!r} comes after the program's arguments; put it before the program, "
            "or put -- before the arguments if it is the program's own.",
            file=sys.stderr,
        )
        return 2
    path = find(arguments.program)
    if path is None:
        print(
            f"weft run: there is no file and no example named {arguments.program!r}: "
            + examples.hint(arguments.program),
            file=sys.stderr,
        )
        return 2
    if arguments.board is not None:
        from weft.boards.runner import run_on_board

        return run_on_board(
            path,
            arguments.arguments,
            board=arguments.board,
            port=arguments.port,
            timeout=arguments.timeout,
        )
    if arguments.port is not None or arguments.timeout is not None:
        print("weft run: --port and --timeout need a --board.", file=sys.stderr)
        return 2
    from weft import launcher

    try:
        launcher.run(path, arguments.arguments)
    except OSError as error:
        if error.filename != str(path):
            raise
        print(launcher.cannot_open(path, error), file=sys.stderr)
        return 2
    return 0


def find(program: str) -> Path | None:
    """Return the file that `program` names: a file that exists comes before an example."""
    path = Path(program)
    if path.exists() or program.endswith(".py") or "/" in program:
        return path
    return examples.path_of(program)
