"""Running a program over weft: its `import threading` and `import queue` get weft's modules.

The program runs in this interpreter as `__main__`, as under `python program.py`: the same argv,
path, tracebacks, exit status. What differs is only where its threads run.
"""

from __future__ import annotations

import builtins
import functools
import io
import os
import sys
import types
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import weft.queue
import weft.threading
from weft._types import keep_order


def replace_modules() -> None:
    """Make `import threading` and `import queue` give weft's, from now on."""
    sys.modules["threading"] = weft.threading
    sys.modules["queue"] = weft.queue
    builtins.print = _in_order(builtins.print)


def _in_order(print_: Any) -> Any:
    """Return a print() whose lines come whole, and in the order that plain Python gives them.

    Whole: each is written with one call. In order: see bindings/native/wake_order.c.
    """

    @functools.wraps(print_)
    def print_in_order(*values: Any, file: Any = None, flush: Any = False, **options: Any) -> None:
        keep_order()
        if file is None:
            file = sys.stdout
            if file is None:
                return
        line = io.StringIO()
        print_(*values, file=line, **options)
        file.write(line.getvalue())
        if flush:
            file.flush()

    return print_in_order


def run(path: Path, arguments: list[str]) -> None:
    """Run the program as `python path arguments` would; whatever it raises goes through.

    A SyntaxError or an exception leaves with the traceback that Python would show. Raises OSError
    if the file can't be read.
    """
    with io.open_code(str(path)) as file:
        source = file.read()
    sys.argv = [str(path), *arguments]
    if not sys.flags.safe_path:
        sys.path.insert(0, str(path.resolve().parent))
    file_name = os.path.join(os.getcwd(), path)
    module = types.ModuleType("__main__")
    module.__file__ = file_name
    module.__loader__ = SourceFileLoader("__main__", file_name)
    module.__builtins__ = builtins  # type: ignore[attr-defined]
    sys.modules["__main__"] = module
    replace_modules()
    try:
        exec(compile(source, file_name, "exec", dont_inherit=True), module.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        _show(error)
        raise


def _show(error: BaseException) -> None:
    """Report the error as the interpreter would, and keep it from doing so again.

    Its own report would begin with the frames of this module. It still has to see the error: it
    turns it into the exit status, for Ctrl-C into the signal.
    """
    traceback = error.__traceback__
    assert traceback is not None
    error.__traceback__ = traceback.tb_next
    hook = sys.excepthook
    hook(type(error), error, error.__traceback__)

    def once(*ignored: object) -> None:
        sys.excepthook = hook

    sys.excepthook = once


def cannot_open(path: Path, error: OSError) -> str:
    """Return what `python path` says of a file that can't be read."""
    return (
        f"{sys.executable}: can't open file {os.path.abspath(path)!r}: "
        f"[Errno {error.errno}] {error.strerror}"
    )
