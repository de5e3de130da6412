"""The extension: one shared library with two modules, which exports nothing else."""

from __future__ import annotations

import ctypes
import re
import sys
from pathlib import Path

import pytest
from weft import _native, _types

ROOT = Path(__file__).resolve().parents[2]


def test_library_exports_its_modules_only() -> None:
    """A program may have other libraries with functions of any name."""
    library = ctypes.CDLL(_native.__file__)
    assert library.PyInit__native
    assert library.PyInit__types
    headers = [*(ROOT / "bindings" / "native").glob("*.h"), ROOT / "runtime" / "include" / "weft.h"]
    text = "".join(header.read_text("utf-8") for header in headers)
    names = set(re.findall(r"\b(?:native|weft)_[a-z_]+(?=\()", text))
    assert {"native_keep_order", "weft_event_set"} <= names
    exported = [name for name in names if hasattr(library, name)]
    assert not exported


def test_both_modules_are_of_one_library() -> None:
    assert sys.modules["weft._types"] is _types
    assert _types.__file__ == _native.__file__


def test_wrong_arguments() -> None:
    lib: object = _native.lib
    for wrong, error in [("x", TypeError), (None, TypeError), (2**63, OverflowError)]:
        for name in ("native_block_limit", "weft_thread_join_all_until"):
            with pytest.raises(error):
                getattr(lib, name)(wrong)
    with pytest.raises(TypeError):
        _types.set_main_thread("x")  # type: ignore[arg-type]


def test_wrong_arguments_of_a_thread_handle() -> None:
    handle = _types.ThreadHandle()
    assert not handle.is_alive()
    assert handle.join(None)
    for wrong in [(), (print, "name", 0, True), (print, b"name", "x", True), (print, b"name", 0)]:
        with pytest.raises(TypeError):
            handle.start(*wrong)
    done: list[int] = []
    handle.start(lambda: done.append(1), b"name", 0, False)
    assert handle.join(None)
    assert done == [1]
    with pytest.raises(RuntimeError):
        handle.start(print, b"name", 0, False)
