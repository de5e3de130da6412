"""cffi's generated code still fits what bindings/native/build.py and its headers do to it.

A failure here means that cffi has changed the layout of what it generates: read build.py and
arguments.h again before the tests are changed.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from weft._native import ffi, lib

NATIVE = Path(__file__).resolve().parents[2] / "bindings" / "native"

CALL = re.compile(
    r"  Py_BEGIN_ALLOW_THREADS\n"
    r"  _cffi_restore_errno\(\);\n"
    r"  \{ (result = )?(?P<name>\w+)\([^;]*\); \}\n"
    r"  _cffi_save_errno\(\);\n"
    r"  Py_END_ALLOW_THREADS\n"
)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The C source that build.py generates with the cffi that is installed."""
    spec = importlib.util.spec_from_file_location("weft_native_build", NATIVE / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    path = tmp_path_factory.mktemp("native") / "_native.c"
    build.generate(path)
    return path.read_text(encoding="utf-8")


def functions(source: str) -> dict[str, str]:
    """Return the body of each function that Python calls, by the name of what it calls."""
    found = re.findall(
        r"^_cffi_f_(\w+)\(PyObject \*self, PyObject \*(?:args|arg0|noarg)\)\n(\{.*?^\})",
        source,
        re.MULTILINE | re.DOTALL,
    )
    return dict(found)


def test_every_function_is_found(generated: str) -> None:
    declared = {name for name in dir(lib) if callable(getattr(lib, name))}
    assert set(functions(generated)) == declared


def test_each_call_stands_in_one_block(generated: str) -> None:
    for name, body in functions(generated).items():
        calls = [match["name"] for match in CALL.finditer(body)]
        assert calls == [name], f"{name}: expected one block of the known shape in\n{body}"
        assert body.count("ALLOW_THREADS") == 2, body
        assert body.count("errno") == 2, body


def test_pointers_are_found_by_the_call_that_is_redefined(generated: str) -> None:
    source = generated.partition('#include "threads.h"')[2]
    for name, body in functions(source).items():
        pointers = len(re.findall(r"^  (?:char|\w+) (?:const )?\* ?x\d+;", body, re.MULTILINE))
        assert body.count("_cffi_prepare_pointer_call_argument(") == pointers, name


def test_redefinitions_come_after_cffis_own_definitions(generated: str) -> None:
    ours = generated.index('#include "arguments.h"')
    assert generated.index("#define _cffi_prepare_pointer_call_argument") < ours
    assert generated.index("#define _cffi_restore_errno") < ours
    assert generated.index("#define Py_BEGIN_ALLOW_THREADS {") < ours


def test_calls_keep_the_gil() -> None:
    assert lib.gil_is_held() is True


def test_wrong_arguments() -> None:
    semaphore = ffi.new(ffi.typeof("weft_semaphore *"))
    condition = ffi.new(ffi.typeof("bound_condition *"))
    calls: Any = lib
    for _ in range(2):  # the second time, the short way of arguments.h is open
        assert lib.weft_semaphore_try(semaphore) is False
        for wrong in (condition, None, 5, "x", object(), ffi.typeof("weft_semaphore *")):
            with pytest.raises(TypeError):
                calls.weft_semaphore_try(wrong)
    with pytest.raises(TypeError):
        calls.weft_semaphore_try()
    with pytest.raises(TypeError):
        calls.semaphore_acquire(semaphore, "x")
    with pytest.raises(OverflowError):
        calls.semaphore_acquire(semaphore, 2**63)
    with pytest.raises(OverflowError):
        calls.semaphore_release(semaphore, -1)


def test_pointer_of_another_kind_reaches_the_same_object() -> None:
    semaphore: Any = ffi.new(ffi.typeof("weft_semaphore *"))
    lib.semaphore_init(semaphore, 5, 5)
    same: Any = ffi
    # What cast() and addressof() return is of another Python type than what new() returns.
    assert lib.weft_semaphore_count(same.cast("weft_semaphore *", semaphore)) == 5
    assert lib.weft_semaphore_count(same.addressof(semaphore[0])) == 5
    assert lib.weft_semaphore_count(same.new("weft_semaphore[2]", [semaphore[0]] * 2)) == 5
