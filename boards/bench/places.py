"""Where the programs run that measure a board: on a virtual Pico, or behind a serial port.

A virtual Pico runs each program after a power-on of its own, in emulated time, so its figures are
the same on every computer. WEFT_PICO_IMAGE names an image to measure instead of weft's firmware.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Protocol

from weft.boards.bench.rows import IMAGE, KERNEL, MEMORY, ON_STOCK, PARALLEL_ROWS, ROWS, Row
from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError
from weft.boards.identify import identify
from weft.boards.program import Program
from weft.boards.repl import RawRepl
from weft.boards.virtual import image as images
from weft.boards.virtual.emulated_line import EmulatedLine
from weft.boards.virtual.pico import VirtualPico
from weft.boards.virtual.pico_process import built_image, weft_image
from weft.firmware import rp2
from weft.firmware.sources import SourceError
from weft.firmware.steps import FIRMWARE, BuildError

Figures = Mapping[str, float]

PROGRAMS = FIRMWARE / "benchmarks" / "python"
C_PROGRAMS = FIRMWARE / "benchmarks" / "kernel"
LIMIT_S = 60.0
REAL_S = 600.0  # on a computer that is busy with other things
PROMPT = b">>> "
DONE = b"DONE"
PICO_CHIPS = "RP2"  # the targets are for these
TURNS = "random:64"  # short, so that the moment at which one core meets the other is right


class Place(Protocol):
    """A board that can be measured; `other` names the firmware that stands beside, if any."""

    other: str

    def rows(self) -> Sequence[Row]:
        """Return what can be measured there."""

    def figures(self, program: str) -> Figures:
        """Run a program and return what it has measured. Raises BoardError."""

    def other_figures(self, program: str) -> Figures:
        """Run it on the other firmware; nothing where it can't be run. Raises BoardError."""


class VirtualPlace:
    """The virtual Pico, with weft's firmware and with stock MicroPython."""

    other = "stock"

    def rows(self) -> Sequence[Row]:
        """Return what can be measured there: all."""
        return ROWS

    def figures(self, program: str) -> Figures:
        """Run a program and return what it has measured. Raises BoardError."""
        return _run_kernel_bench() if program == KERNEL else _run_on(self._weft, program)

    def other_figures(self, program: str) -> Figures:
        """Run it on stock firmware. Raises BoardError."""
        return _run_on(self._stock, program) if program in ON_STOCK else {}

    @cached_property
    def _weft(self) -> Path:
        return weft_image()

    @cached_property
    def _stock(self) -> Path:
        return built_image("pico-stock")


class ParallelPlace:
    """The virtual Pico, with weft's firmware that runs Python on both cores, and with the one that
    has the interpreter's lock."""

    other = "the lock's"

    def rows(self) -> Sequence[Row]:
        """Return what can be measured there: all but the kernel itself, which both have."""
        common = [row for row in ROWS if row.program != KERNEL and not row.derived]
        return [*common, *PARALLEL_ROWS]

    def figures(self, program: str) -> Figures:
        """Run a program and return what it has measured. Raises BoardError."""
        return _run_on(self._parallel, program)

    def other_figures(self, program: str) -> Figures:
        """Run it on the firmware with the lock. Raises BoardError."""
        return _run_on(self._locked, program)

    @cached_property
    def _parallel(self) -> Path:
        return built_image("pico-parallel")

    @cached_property
    def _locked(self) -> Path:
        return weft_image()


class SerialPlace:
    """A board behind a port, with weft's firmware on it. Use it with `with`."""

    other = ""

    def __init__(self, name: str, port: str | None) -> None:
        """Open the board. Raises BoardError, also if weft is not on it."""
        self._board = Board(name, port)
        firmware = identify(self._board.repl)
        if not firmware.weft:
            self._board.close()
            raise BoardError(f"The board runs {firmware}; flash weft's firmware with 'weft flash'.")

    def __enter__(self) -> SerialPlace:
        return self

    def __exit__(self, *error: object) -> None:
        self._board.close()

    def rows(self) -> Sequence[Row]:
        """Return what can be measured there: what Python can, and on a chip its memory and pins."""
        rows = [row for row in ROWS if row.program not in (KERNEL, IMAGE) and not row.derived]
        if self._board.kind.chip.startswith(PICO_CHIPS):
            return rows
        rows = [row for row in rows if row.section != MEMORY and row.program != "pins"]
        return [replace(row, target=None) for row in rows]

    def figures(self, program: str) -> Figures:
        """Run a program and return what it has measured. Raises BoardError."""
        output = bytearray()
        to_run = Program(source_of(program), f"{program}.py")
        result = self._board.run(to_run, output.extend, Deadline(LIMIT_S))
        return parse(program, output.decode(errors="replace"), result.traceback)

    def other_figures(self, program: str) -> Figures:
        """Return nothing: the board has one firmware."""
        return {}


def source_of(program: str) -> str:
    """Return the text of one of the programs in Python, with what stands before each."""
    parts = (PROGRAMS / name for name in ("prelude.py", f"{program}.py"))
    return "".join(part.read_text("utf-8") for part in parts)


def parse(program: str, output: str, traceback: str) -> Figures:
    """Read the lines `name: number`. Raises BoardError if the program has failed."""
    if traceback:
        raise BoardError(f"{program} failed: {traceback.splitlines()[-1].rstrip(' :')}")
    pairs = (line.rsplit(": ", 1) for line in output.splitlines() if ": " in line)
    return {name: float(number) for name, number in pairs}


def _run_on(image: Path, program: str) -> Figures:
    if program == IMAGE:
        segments = images.load(image)
        return {"bytes": max(segment.offset + len(segment.data) for segment in segments)}
    output = bytearray()
    with VirtualPico(image, turns=TURNS) as pico:
        pico.run_until("uart0", PROMPT, seconds=LIMIT_S, real_s=REAL_S)
        line = EmulatedLine(pico, "uart0")
        repl = RawRepl(line, random=Random(1))
        repl.enter()
        result = repl.run(source_of(program), output.extend, line.deadline(LIMIT_S))
    return parse(program, output.decode(errors="replace"), result.traceback)


def _run_kernel_bench() -> Figures:
    try:
        folder = rp2.sdk_programs(C_PROGRAMS, _say, uses_runtime=True)
    except (BuildError, SourceError) as error:
        raise BoardError(str(error)) from None
    # Exact turns: in so few cycles the order of the cores counts.
    with VirtualPico(folder / f"{KERNEL}.elf", turns="exact") as board:
        answer = board.run_until("uart0", DONE, seconds=LIMIT_S, real_s=REAL_S).text
    return parse(KERNEL, answer.decode(errors="replace").removesuffix("DONE"), "")


def _say(line: str) -> None:
    print(line, file=sys.stderr)
