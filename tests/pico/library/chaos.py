#!/usr/bin/env python3
"""Everything at once on the virtual Pico: threads of twelve kinds, callbacks, files and logging.

    python tests/pico/library/chaos.py --seeds 1-20
    python tests/pico/library/chaos.py --seeds 7 --seconds 120

Each kind checks what it does itself, and says what it found wrong. After half an emulated minute
all have to end, each after a round or more, and the board has to answer after a soft reset. Odd
seeds talk over USB, even ones over the UART. test_chaos.py runs two seeds. WEFT_PICO_IMAGE names
another image.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from emulated_board import EmulatedBoard, Failure, numbers, seed_range, weft_image

SECONDS = 30
END_S = 10
"""How long the threads may take to end."""

PROGRAM = (Path(__file__).parents[1] / "programs" / "chaos.py").read_text("utf-8")


def port_of(seed: int) -> str:
    """Return the line over which a seed's board is talked to."""
    return "usb" if seed % 2 else "uart0"


def run(board: EmulatedBoard, seconds: int = SECONDS) -> str:
    """Run the program to its end, check what it says, and reset the board; return a summary."""
    board.begin(f"SECONDS = {seconds}\n{PROGRAM}")
    outcome = board.finish(seconds + END_S)
    if outcome.traceback:
        raise Failure(f"expected no exception; came {outcome.traceback}after {outcome.text[-800:]}")
    (wrong,) = numbers(outcome.text, "wrong")
    rounds = numbers(outcome.text, "rounds")
    (alive,) = numbers(outcome.text, "alive")
    if wrong or alive or min(rounds) < 1:
        raise Failure(
            "expected all kinds to make rounds, to find nothing wrong and to end; "
            f"came {outcome.text[-800:]}"
        )
    board.soft_reset()
    answer = board.execute("import os, threading\nprint(threading.active_count(), 6 * 7)")
    if answer != "1 42\n":
        raise Failure(f"expected '1 42' after a soft reset; came {answer!r}")
    return f"{sum(rounds)} rounds, {outcome.text.count(chr(10))} lines"


def main() -> int:
    """Run what the command line says; 0 if every seed went well."""
    parser = argparse.ArgumentParser(description="Threads of twelve kinds at once, on many seeds.")
    parser.add_argument("--seeds", type=seed_range, default="1-20", metavar="FIRST-LAST")
    parser.add_argument("--seconds", type=int, default=SECONDS, help=f"emulated ones ({SECONDS})")
    arguments = parser.parse_args()
    image, failed = weft_image(), 0
    for seed in arguments.seeds:
        began = time.monotonic()
        board = EmulatedBoard(image, seed=seed, port=port_of(seed))
        try:
            said = run(board, arguments.seconds)
        except Failure as failure:
            failed += 1
            again = f"python tests/pico/library/chaos.py --seeds {seed}"
            said = f"failed: {failure}\nsee it again: {again}"
        finally:
            board.close()
        print(f"seed {seed}, {board.port}: {said}; {time.monotonic() - began:.0f} s", flush=True)
    print(f"chaos: {len(arguments.seeds) - failed} seeds passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
