"""Writes files to a board's flash, each checked by its hash, and names those of weft's package."""

from __future__ import annotations

import hashlib
import json

from mpremote.transport import TransportExecError  # type: ignore[import-untyped]
from weft.boards.errors import BoardError
from weft.boards.repl import RawRepl
from weft.firmware import steps

PACKAGE = steps.FIRMWARE / "python" / "package.json"
CHUNK_BYTES = 2048


def package_files() -> dict[str, bytes]:
    """Return the package's files by their names on the board, as its package.json lists them."""
    package = json.loads(PACKAGE.read_text(encoding="utf-8"))
    files = {name: (PACKAGE.parent / source).read_bytes() for name, source in package["urls"]}
    numbered = f'version = "{steps.version()} (stock)"'.encode()
    return files | {"_weft.py": files["_weft.py"].replace(b'version = "stock"', numbered)}


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
