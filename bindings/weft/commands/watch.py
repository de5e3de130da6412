"""`weft watch`: a serial monitor with time stamps, colours by thread, and a log."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

from weft.boards.board import only_port
from weft.boards.errors import BoardError
from weft.boards.kinds import kind_named
from weft.boards.monitor import Monitor, Stream


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `weft watch`."""
    parser = subparsers.add_parser(
        "watch",
        help="show what a board prints, with time stamps",
        description="Show what a board prints as it comes, with time stamps and a colour for each "
        "thread that a line names as '(name)' at its start. Notes restarts of the board, survives "
        "unplugging. Ctrl-C ends it; the exit status is 1 if the board restarted meanwhile.",
        epilog="examples: weft watch --board pico; weft watch --port /dev/ttyACM0 --log board.log",
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--board", metavar="NAME", help="the only attached board of this kind")
    where.add_argument("--port", metavar="URL", help="a port: a device, socket://, rfc2217://")
    parser.add_argument("--baud", type=int, default=115200, help="baud rate (default: %(default)s)")
    parser.add_argument("--log", type=Path, metavar="FILE", help="append all lines to FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry out `weft watch`."""
    url = arguments.port or only_port(kind_named(arguments.board))
    try:
        with contextlib.ExitStack() as opened:
            streams = [Stream(sys.stdout, coloured=sys.stdout.isatty())]
            if arguments.log:
                log = opened.enter_context(arguments.log.open("a", encoding="utf-8"))
                streams.append(Stream(log, coloured=False))
            monitor = Monitor(streams)
            with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):  # how a monitor is ended
                monitor.watch(url, arguments.baud)
            return 1 if monitor.restarts else 0
    except OSError as error:
        raise BoardError(f"The lines can't be written: {error}; try another --log.") from None
