"""The modules that stand beside a program, which it may import on a board as on a computer.

What always holds: only modules that the program imports are sent, directly or by another one, and
nothing is written to the board's flash. The board keeps them in its memory, as a file system. It is
mounted at the path of the program's folder on this computer, so tracebacks name the files here. An
import frees the module's text; a reset frees the rest.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from modulefinder import ModuleFinder
from pathlib import Path

# A file of such a name is a stand-in for CPython: the board has the real module.
OF_THE_BOARD = ("machine", "micropython", "rp2", "esp32")

MAIN = "__main__"
PIECE_BYTES = 2048

# Runs on the board. An import calls stat() on the path without its ending, then opens the file and
# closes it. Closing frees the text.
FILE_SYSTEM = """\
def _new_beside():
    import io, sys
    try:
        import vfs
    except ImportError:
        import os as vfs
    files = {}
    class Beside:
        def put(self, name, data):
            if name not in files:
                files[name] = io.BytesIO()
            files[name].write(data)
        def mount_at(self, folder):
            vfs.mount(self, folder)
            sys.path.insert(0, folder)
        def mount(self, readonly, mkfs):
            pass
        def umount(self):
            pass
        def stat(self, path):
            path = path.strip('/')
            if path in files:
                return (0x8000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            if any(name.startswith(path + '/') for name in files):
                return (0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            raise OSError(2)
        def open(self, path, mode):
            try:
                file = files.pop(path.strip('/'))
            except KeyError:
                raise OSError(2)
            file.seek(0)
            return file
    return Beside()
_beside = _new_beside()
del _new_beside
"""


def modules_beside(program: Path) -> dict[str, bytes]:
    """Return the files that the program imports from its folder, by their paths in it.

    A program that does not compile has none: the board reports its error.
    """
    folder = program.resolve().parent
    finder = ModuleFinder(path=[str(folder)], excludes=list(OF_THE_BOARD))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the program's own warnings are for who runs it
        try:
            finder.run_script(str(program))
        except (SyntaxError, ValueError):
            return {}
    files = {name: getattr(module, "__file__", None) for name, module in finder.modules.items()}
    found = {Path(file) for name, file in files.items() if file and name != MAIN}
    # A module that does not compile is missing there. It is sent: the board reports its error.
    found |= {
        folder / f"{name.replace('.', '/')}.py"
        for name in finder.badmodules
        if name not in OF_THE_BOARD
    }
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(found)
        if path.suffix == ".py" and path.is_relative_to(folder) and path.is_file()
    }


def mounting(folder: Path, modules: Mapping[str, bytes]) -> list[str]:
    """Return the programs that make `modules` importable on the board, one after the other."""
    if not modules:
        return []
    pieces = [
        f"_beside.put({name!r}, {data[at : at + PIECE_BYTES]!r})"
        for name, data in modules.items()
        for at in range(0, max(len(data), 1), PIECE_BYTES)
    ]
    where = "/" + folder.resolve().as_posix().strip("/")
    return [FILE_SYSTEM, *pieces, f"_beside.mount_at({where!r})\ndel _beside"]
