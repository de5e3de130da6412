"""`weft install`: put weft's pure-Python threading on a board with stock firmware."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

from mpremote.transport import TransportExecError  # type: ignore[import-untyped]
from weft.boards.board import Board
from weft.boards.errors import BoardError
from weft.boards.repl import RawRepl
from weft.firmware.steps import FIRMWARE

PACKAGE = FIRMWARE / "python" / "package.json"
CHUNK_BYTES = 2048


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
    try:
        with Board(arguments.board, arguments.port) as board:
            for folder in ("lib", "lib/logging"):
                make_folder(board.repl, folder)
            for name, path in package_files().items():
                put_file(board.repl, path.read_bytes(), f"lib/{name}")
                print(f"lib/{name}")
    except BoardError as error:
        print(f"weft install: {error}", file=sys.stderr)
        return 1
    return 0


def package_files() -> dict[str, Path]:
    """Return the package's files by their names on the board, as its package.json lists them."""
    package = json.loads(PACKAGE.read_text(encoding="utf-8"))
    return {name: PACKAGE.parent / source for name, source in package["urls"]}


def make_folder(repl: RawRepl, path: str) -> None:
    """Make a folder on the board if it is not there."""
    if not repl.files.fs_exists(path):
        repl.files.fs_mkdir(path)


def put_file(repl: RawRepl, data: bytes, path: str) -> None:
    """Write a file on the board, and read it back by its hash. Raises BoardError."""
    try:
        repl.files.fs_writefile(path, data, chunk_size=CHUNK_BYTES)
        found = repl.files.fs_hashfile(path, "sha256", chunk_size=CHUNK_BYTES)
    except (OSError, TransportExecError) as error:
        last = (str(error).strip().splitlines() or ["no reason given"])[-1]
        raise BoardError(f"The board could not write {path}: {last}; make room on it.") from None
    if found != hashlib.sha256(data).digest():
        raise BoardError(f"The file {path} arrived damaged on the board; try again.")
