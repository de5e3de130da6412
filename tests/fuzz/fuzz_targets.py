"""What the random programs are run on: the parallel unix port, plain or with a sanitizer, and the
virtual Pico, of which one boot runs a block of programs."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from random_programs import program
from weft.firmware.targets import firmware_for

BLOCK = 20
"""Programs that run together: in one process of CPython, and in one boot of a Pico."""
LIMIT_S = 120
SAID = 2000
SEPARATOR = "== next program"
SANITIZERS_REPORT = re.compile("^.*(?:ERROR|WARNING): .*Sanitizer", re.MULTILINE)
EVERY_PROGRAM = f"""
import sys
for name in sys.argv[1:]:
    exec(compile(open(name).read(), name, "exec"), {{"__name__": "__main__"}})
    print({SEPARATOR!r}, flush=True)
"""


@dataclass(frozen=True)
class Fault:
    """A program that printed something else than CPython, or did not end well."""

    seed: int
    expected: str
    came: str

    def __str__(self) -> str:
        report = SANITIZERS_REPORT.search(self.came)
        came = self.came[report.start() :][:SAID] if report else self.came[-SAID:]
        return f"program {self.seed}: expected:\n{self.expected[-SAID:]}but came:\n{came}"


def cpython_outputs(sources: list[str]) -> list[str]:
    """Return what CPython prints for each program."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.py") for number in range(len(sources))]
        for path, source in zip(paths, sources, strict=True):
            path.write_text(source, "utf-8")
        words = [sys.executable, "-IBS", "-c", EVERY_PROGRAM, *map(str, paths)]
        limit = LIMIT_S * BLOCK
        done = subprocess.run(
            words, cwd=folder, stdout=subprocess.PIPE, text=True, timeout=limit, check=True
        )
    return done.stdout.split(f"{SEPARATOR}\n")[:-1]


class UnixRunner:
    """A process for each program."""

    target: ClassVar[str] = "unix-parallel"
    rounds: ClassVar[int] = 100
    heaps: ClassVar[tuple[str, ...]] = ("1m", "4m")

    def __init__(self) -> None:
        self._firmware = firmware_for(self.target)
        self.key = self._firmware.parent.name

    def run(self, block: list[int]) -> tuple[list[int], list[Fault]]:
        """Run programs; return those that passed, and the faults."""
        sources = [program(seed, self.rounds) for seed in block]
        passed, faults = [], []
        for seed, source, expected in zip(block, sources, cpython_outputs(sources), strict=True):
            came = self._output(seed, source)
            if came == expected:
                passed.append(seed)
            else:
                faults.append(Fault(seed, expected, came))
        return passed, faults

    def _output(self, seed: int, source: str) -> str:
        heap = self.heaps[seed % len(self.heaps)]
        words = [str(self._firmware), "-X", f"heapsize={heap}", "-c", source]
        with tempfile.TemporaryDirectory() as folder:
            try:
                done = subprocess.run(
                    words,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    timeout=LIMIT_S,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                said = (error.stdout or b"").decode(errors="replace")
                return f"{said}\nno end within {LIMIT_S} s"
        text = done.stdout.decode(errors="replace")
        return text if done.returncode == 0 else f"{text}\nended with {done.returncode}"


class AsanRunner(UnixRunner):
    """The same under AddressSanitizer."""

    target = "unix-parallel-asan"


class TsanRunner(UnixRunner):
    """The same under ThreadSanitizer."""

    target = "unix-parallel-tsan"
    rounds = 24


class PicoRunner:
    """A block of programs for each boot of a virtual Pico."""

    target: ClassVar[str] = "pico-parallel"
    rounds: ClassVar[int] = 5
    seconds: ClassVar[float] = 120

    def __init__(self) -> None:
        from emulated_board import weft_image  # type: ignore[import-not-found]

        self._image = weft_image(self.target)
        self.key = self._image.parent.name

    def run(self, block: list[int]) -> tuple[list[int], list[Fault]]:
        """Run programs; return those that passed up to the first fault, and it."""
        from emulated_board import EmulatedBoard, Failure

        sources = [program(seed, self.rounds) for seed in block]
        passed: list[int] = []
        board = EmulatedBoard(self._image, seed=block[0] // BLOCK)
        try:
            for seed, source, expected in zip(
                block, sources, cpython_outputs(sources), strict=True
            ):
                try:
                    came = board.execute(source, seconds=self.seconds)
                    board.soft_reset()
                except Failure as error:
                    came = str(error)
                if came != expected:
                    return passed, [Fault(seed, expected, came)]
                passed.append(seed)
        finally:
            board.close()
        return passed, []


TARGETS: dict[str, type[UnixRunner] | type[PicoRunner]] = {
    **{runner.target: runner for runner in (UnixRunner, AsanRunner, TsanRunner)},
    "pico-virtual-parallel": PicoRunner,
}
