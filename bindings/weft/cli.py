"""The `weft` command: finds the subcommands and hands over to the one that was named.

A subcommand is a module of weft.commands, with the command's name. Its `add(subparsers)` adds the
parser, and sets `run`, a function from the parsed arguments to an exit status, as the parser's
default. Only the module of the command that was given is imported: the others may need what this
machine does not have. Nothing but this file imports a command.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import os
import sys
from collections.abc import Sequence

from weft.boards.errors import BoardError

COMMANDS = (  # in the order of `weft --help`
    *("run", "examples", "bench"),
    *("boards", "check", "watch", "flash", "install", "build", "virtual"),
)

_EPILOG = """\
begin with:
  weft run threading_event    run an example
  weft examples               what other examples there are
  weft COMMAND --help         more about a command, with examples
"""


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the whole command line, or of one command's alone."""
    parser = argparse.ArgumentParser(
        prog="weft",
        description="Run threaded Python on this computer and on boards.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"weft {importlib.metadata.version('weft')}"
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS if command is None else (command,):
        importlib.import_module(f"weft.commands.{name}").add(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the return value is the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    command = words[0] if words and words[0] in COMMANDS else None
    try:
        return _carry_out(words, command)
    except BrokenPipeError:
        # Whoever read the output has seen enough. The interpreter would try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except BoardError as error:
        print(f"weft {command}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if command == "run" or error.filename is None:
            raise  # the program's own, or a mistake of weft's
        print(f"weft {command}: {error.filename}: {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        if command == "run":
            raise  # the program's own: Python says what it was doing, and ends by the signal
        print(f"\nweft {command}: stopped.", file=sys.stderr)
        return 130  # 128 + SIGINT, as a shell reports it


def _carry_out(words: list[str], command: str | None) -> int:
    try:
        parser = build_parser(command)
        if not words:
            parser.print_help(sys.stderr)
            return 2
        arguments = parser.parse_args(words)
        status: int = arguments.run(arguments)
        return status
    finally:
        if command != "run":  # a program's output is flushed as Python does it, after its threads
            sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
