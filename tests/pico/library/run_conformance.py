#!/usr/bin/env python3
"""The conformance suite on the virtual Pico, in emulated time.

    python tests/pico/library/run_conformance.py --seeds 1-5
    python tests/pico/library/run_conformance.py --seeds 3 --port usb cases_event

The cases of one file share a board and its interpreter, in their order; a case that leaves the
board unusable costs the next ones a fresh board, not their chance. WEFT_PICO_IMAGE names another
image.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from conformance_suite import CASES, FILES, GROUPS, Case
from emulated_board import EmulatedBoard, Failure, seed_range, weft_image
from weft.boards.errors import VirtualBoardError

CASE_LIMIT_S = 60.0
WRITE_LIMIT_S = 10.0
PIECE_BYTES = 512
PORTS = ("uart0", "usb")


@dataclass(frozen=True)
class Verdict:
    """How a case ended on a board. `detail` says how it failed."""

    case: Case
    port: str
    seed: int
    seconds: float
    detail: str = ""

    @property
    def problem(self) -> str:
        """Why the case failed, and how to see that again; else ""."""
        if not self.detail:
            return ""
        again = (
            f"python tests/pico/library/run_conformance.py --seeds {self.seed} --port {self.port}"
        )
        what = f"{self.case} failed over {self.port} with seed {self.seed}"
        return f"{what}: {self.detail}\nagain: {again} {self.case.group}"


def flash_with_suite(image: Path, folder: Path) -> Path:
    """Make a flash that has the firmware, and the suite in its file system; return the file."""
    flash = folder / "suite.bin"
    with closing(EmulatedBoard(image, seed=1, port="usb", flash=flash)) as board:
        for path in FILES:
            write_file(board, path.name, path.read_bytes())
    return flash


def write_file(board: EmulatedBoard, name: str, data: bytes) -> None:
    """Write a file on the board. Raises Failure."""
    lines = [f"f = open({name!r}, 'wb')"]
    for at in range(0, len(data), PIECE_BYTES):
        lines.append(f"f.write({data[at : at + PIECE_BYTES]!r})")
    for line in [*lines, "f.close()"]:
        board.execute(line, WRITE_LIMIT_S)


def run_group(group: str, flash: Path, seed: int, port: str) -> list[Verdict]:
    """Run the cases of one file; `flash` is not changed."""
    cases = [case for case in CASES if case.group == group]
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory(prefix="weft-conformance-") as folder:
        while len(verdicts) < len(cases):
            copy = Path(shutil.copy(flash, folder))
            verdicts += _run_until_spoilt(cases[len(verdicts) :], copy, seed, port)
    return verdicts


def _run_until_spoilt(cases: list[Case], flash: Path, seed: int, port: str) -> Iterator[Verdict]:
    """Run cases on a fresh board until one of them does not end."""
    case = cases[0]
    try:
        with closing(EmulatedBoard(None, seed=seed, port=port, flash=flash)) as board:
            for case in cases:
                board.begin(case.program)
                ended = board.finish(CASE_LIMIT_S)
                detail = ended.text + ended.traceback if ended.traceback else ""
                yield Verdict(case, port, seed, ended.seconds, detail)
                if detail:
                    board.soft_reset()
    except (Failure, VirtualBoardError) as error:
        yield Verdict(case, port, seed, 0.0, f"the board stopped: {error}")


def main() -> int:
    """Run what the command line says; 0 if nothing failed."""
    arguments = _parse()
    ports = arguments.port or PORTS
    begin = time.monotonic()
    passed = failed = 0
    with (
        tempfile.TemporaryDirectory(prefix="weft-conformance-") as folder,
        ThreadPoolExecutor(arguments.jobs) as pool,
    ):
        flash = flash_with_suite(weft_image(), Path(folder))
        jobs = [
            pool.submit(run_group, group, flash, seed, port)
            for seed in arguments.seeds
            for port in ports
            for group in arguments.group or GROUPS
        ]
        for verdict in (verdict for job in jobs for verdict in job.result()):
            passed += not verdict.problem
            failed += bool(verdict.problem)
            if arguments.verbose:
                print(f"{verdict.case} {verdict.port} seed {verdict.seed} {verdict.seconds:.3f} s")
            if verdict.problem:
                print(verdict.problem, flush=True)
    taken = time.monotonic() - begin
    print(
        f"conformance over {' and '.join(ports)}, {len(arguments.seeds)} seeds: {passed} passed,"
        f" {failed} failed; {taken:.0f} s"
    )
    return 1 if failed else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run the conformance suite on the virtual Pico.")
    parser.add_argument("--seeds", type=seed_range, default="1", metavar="FIRST-LAST")
    parser.add_argument("--port", choices=PORTS, action="append", help="only this port")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="at once")
    parser.add_argument("--verbose", action="store_true", help="a line for each case")
    parser.add_argument("group", nargs="*", help="only these, such as cases_event")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
