"""`weft install`: put weft's pure-Python threading on a board with stock firmware."""

from __future__ import annotations

import argparse

from weft.boards.board import Board
from weft.boards.upload import make_folder, package_files, put_file


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `weft install`."""
    parser = subparsers.add_parser(
        "install",
        help="put weft's threading on a board with stock MicroPython",
        description="Copy threading, queue, logging and time to /lib of a board that runs stock "
        "MicroPython. weft's own firmware has them already.",
        epilog="example: weft install --board pico",
    )
    parser.add_argument("--board", required=True, metavar="NAME", help="see 'weft boards'")
    parser.add_argument("--port", metavar="URL", help="the board's port (default: find it)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry out `weft install`."""
    with Board(arguments.board, arguments.port) as board:
        for folder in ("lib", "lib/logging"):
            make_folder(board.repl, folder)
        for name, data in package_files().items():
            put_file(board.repl, data, f"lib/{name}")
            print(f"lib/{name}")
    return 0
