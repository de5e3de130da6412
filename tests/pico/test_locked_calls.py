"""Whatever bytecode and native code call in the parallel build takes the interpreter's lock, or is
known to need none: a new MicroPython can't slip in a call that nobody has looked at."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from weft.firmware.rp2 import OBJECTS
from weft.firmware.steps import FIRMWARE
from weft.firmware.targets import firmware_for

PARALLEL = FIRMWARE / "parallel"
CALLS = re.compile(r"set\(weft_calls\s+([^)]*)\)")
# What the functions that are called without the lock call in turn: no object file asks for them.
CALLED_IN_TURN = {"qstr_from_str", "qstr_from_strn"}


def wrapped() -> set[str]:
    """The functions that the linker wraps, as calls.cmake names them."""
    found = CALLS.search((PARALLEL / "calls.cmake").read_text("utf-8"))
    assert found, "calls.cmake has no list weft_calls"
    return set(found[1].split())


def free() -> dict[str, str]:
    """The functions that need no lock, each with the reason."""
    groups = tomllib.loads((PARALLEL / "free_calls.toml").read_text("utf-8"))
    return {name: group["reason"] for group in groups.values() for name in group["names"]}


def undefined(path: Path) -> set[str]:
    """What an object file takes from others."""
    words = ["arm-none-eabi-nm", "--undefined-only", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return {line.split()[-1] for line in done.stdout.splitlines()}


@pytest.fixture(scope="session")
def called() -> dict[str, set[str]]:
    """What each of the two object files asks for."""
    folder = firmware_for("pico-parallel").parent
    return {name: undefined(folder / f"{name}.o") for name in OBJECTS}


@pytest.mark.parametrize("name", OBJECTS)
def test_every_call_is_wrapped_or_known_to_need_no_lock(
    name: str, called: dict[str, set[str]]
) -> None:
    unknown = called[name] - wrapped() - free().keys()
    assert not unknown, (
        f"{name}.o calls {sorted(unknown)}: wrap them (calls.cmake), or say in free_calls.toml why "
        "they need no lock"
    )


def test_the_lists_name_nothing_else(called: dict[str, set[str]]) -> None:
    all_called = set().union(*called.values())
    assert wrapped() - all_called == CALLED_IN_TURN
    assert free().keys() - all_called == set()
    assert not wrapped() & free().keys()
