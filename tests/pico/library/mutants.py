"""Firmware in which mistakes can be made: the parallel interpreter with all of them in it.

A mistake is text in place of text in which WRONG stands for "this one is made". A word in the
firmware's memory, weft_mistake, says which that is; 0 is none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import weft
from mistakes import Mistake
from weft.boards.virtual.symbols import Symbols
from weft.firmware import steps

FOLDERS = ("firmware/parallel", "firmware/rp2/port/parallel")
HEADER = "lock.h"  # which all the files include
BUILD_SECONDS = 1800
BUILDER = """
import sys
from pathlib import Path
from weft.firmware import steps
from weft.firmware.targets import TARGETS
scratch, results = map(Path, sys.argv[1:])
target = TARGETS["pico-parallel"]
tree = steps.micropython_tree(None, target.port, target.port_file)
build = steps.Build(scratch, results, scratch / "log")
target.build(build, tree, steps.cross_compiler(tree, steps.silent))
"""


class Mutants:
    """The firmware, built once and kept in the cache of firmware.

    image: its ELF file. word: the address of weft_mistake.
    """

    def __init__(self, mistakes: Mapping[str, Mistake]) -> None:
        self._numbers = {name: number for number, name in enumerate(mistakes, 1)}
        installed = Path(weft.__file__).parent
        folders = [installed / "firmware", installed / "runtime"]
        made = [repr((mistake.file, mistake.changes)) for mistake in mistakes.values()]
        key = steps.key([*made, BUILDER], folders)
        results = steps.cached("pico-mistakes", key, lambda build: _build(build, mistakes))
        self.image = results / "micropython.elf"
        self.word = Symbols(self.image).object("weft_mistake")

    def number(self, name: str) -> int:
        """What the word has to be for a mistake to be made."""
        return self._numbers[name]


def _build(build: steps.Build, mistakes: Mapping[str, Mistake]) -> None:
    installed = Path(weft.__file__).parent
    copy = build.scratch / "weft"
    shutil.copytree(installed, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for number, mistake in enumerate(mistakes.values(), 1):
        source = _place(copy, mistake.file)
        source.write_text(mistake.applied_to(source.read_text("utf-8"), number), "utf-8")
    header = _place(copy, HEADER)
    text = header.read_text("utf-8")
    first = "#include <stdbool.h>\n"
    assert text.count(first) == 1, f"{HEADER} has changed"
    declared = "#include <stdint.h>\nextern volatile uint32_t weft_mistake;\n"
    header.write_text(text.replace(first, first + declared), "utf-8")
    with _place(copy, "map.c").open("a", encoding="utf-8") as file:
        file.write("volatile uint32_t weft_mistake;\n")
    done = subprocess.run(
        [sys.executable, "-c", BUILDER, str(build.scratch), str(build.results)],
        env=os.environ | {"PYTHONPATH": str(build.scratch)},
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"the firmware with mistakes: {done.stderr[-2000:]}"


def _place(copy: Path, file: str) -> Path:
    (found,) = (copy / folder / file for folder in FOLDERS if (copy / folder / file).exists())
    return found
