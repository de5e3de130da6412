"""The `weft virtual` command: runs a virtual board on its own.

For a batch (`--until`, `--for`) the run is as fast as the computer allows and repeats exactly.
Without them the board runs live at the pace of real time, its ports open to other programs, until
Ctrl-C; with `--serve`, as a child of weft's, until its standard input ends.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from weft.boards.errors import BoardError
from weft.boards.virtual.live import run_live, serve
from weft.boards.virtual.outcome import Run
from weft.boards.virtual.pico import DEFAULT_REAL_S, DEFAULT_TURNS, PORTS, VirtualPico
from weft.boards.virtual.stalls import STALL_CYCLES, parse_stall

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_MISUSED = 2
UNTIL_SECONDS = 60.0  # emulated, when --until is given without --for

EXAMPLES = """\
examples:
  weft virtual pico --image firmware.uf2
      run live; prints where UART0 and USB are, for mpremote or a terminal
  weft virtual pico --image firmware.uf2 --until DONE
      run as fast as possible until UART0 prints DONE; the exit status says whether it did
  weft virtual pico --image firmware.uf2 --for 10 --seed 7 --json
      run 10 emulated seconds with another order of turns; print counts as JSON
  weft virtual pico --image firmware.uf2 --until DONE --stall mp_map_lookup*,chance=100
      hold a core at one in 100 instructions of a function, to find races in it
  weft virtual pico --flash my.bin
      go on with a flash kept in a file, files and all

exit status: 0 the run did what was asked; 1 it did not (crash, text missing); 2 wrong use.
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `weft virtual`."""
    parser = subparsers.add_parser(
        "virtual",
        help="run a board without hardware",
        description="Run an emulated board on its own.",
        epilog="example: weft virtual pico --image firmware.uf2; more: weft virtual pico --help",
    )
    boards = parser.add_subparsers(title="boards", metavar="BOARD", required=True)
    pico = boards.add_parser(
        "pico",
        help="a Raspberry Pi Pico with both cores",
        description="Run firmware on an emulated RP2040 with two cores.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    pico.add_argument("--image", type=Path, metavar="FILE", help="firmware: UF2, ELF or binary")
    pico.add_argument("--flash", type=Path, metavar="FILE", help="keep the flash in this file")
    pico.add_argument("--seed", type=int, default=1, metavar="N", help="order of turns (default 1)")
    pico.add_argument(
        "--turns",
        default=DEFAULT_TURNS,
        metavar="HOW",
        help=f"exact, or fixed:N, random:N or mix:N cycles a turn (default {DEFAULT_TURNS}: "
        "turns of 1 to 4096 cycles, short and long ones, which shows most races)",
    )
    pico.add_argument(
        "--stall",
        action="append",
        default=[],
        metavar="PLACE[,cycles=N][,core=N][,every=N][,chance=N][,times=N]",
        help="hold a core when it comes to a function, function+0x12, all of function* or an "
        f"address of the image's ELF file: for {STALL_CYCLES} cycles, each every-th time, one in "
        "chance by the seed, so many times; may be repeated",
    )
    pico.add_argument("--until", metavar="TEXT", help="run until --port prints TEXT")
    pico.add_argument(
        "--for", type=float, dest="seconds", metavar="S", help="run S emulated seconds"
    )
    pico.add_argument("--port", choices=PORTS, default="uart0", help="the port that is shown")
    pico.add_argument(
        "--pace",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="live: no faster than real time (default)",
    )
    pico.add_argument("--socket", action="store_true", help="live: TCP sockets, no terminals")
    pico.add_argument(
        "--serve",
        choices=PORTS,
        metavar="PORT",
        help="live: print the URL of this port alone, and end when standard input does",
    )
    pico.add_argument("--json", action="store_true", help="print the state at the end as JSON")
    pico.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do what the command line says; return the exit status."""
    if arguments.image is None and arguments.flash is None:
        print("weft virtual pico: give --image FILE, or --flash FILE", file=sys.stderr)
        return EXIT_MISUSED
    try:
        with VirtualPico(
            arguments.image, flash=arguments.flash, seed=arguments.seed, turns=arguments.turns
        ) as pico:
            pico.stall(*(parse_stall(text, arguments.image) for text in arguments.stall))
            if arguments.serve is not None:
                return EXIT_FAILED if serve(pico, arguments.serve, pace=arguments.pace) else EXIT_OK
            if arguments.until is not None or arguments.seconds is not None:
                return _batch(pico, arguments)
            signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up as for Ctrl-C
            problem = run_live(pico, pace=arguments.pace, sockets=arguments.socket)
            print(f"weft virtual pico: {problem}", file=sys.stderr)
            return EXIT_FAILED
    except BoardError as error:
        print(f"weft virtual pico: {error}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        if arguments.until is not None or arguments.seconds is not None:
            raise
        return EXIT_OK


def _batch(pico: VirtualPico, arguments: argparse.Namespace) -> int:
    pico.on_output(arguments.port, _show)
    texts = () if arguments.until is None else (arguments.until.encode(),)
    seconds = UNTIL_SECONDS if arguments.seconds is None else arguments.seconds
    result = pico.run(seconds, port=arguments.port, texts=texts, real_s=DEFAULT_REAL_S)
    if arguments.json:
        print(json.dumps({"reason": result.reason, **result.state}))
    if _as_asked(result, bool(texts)):
        return EXIT_OK
    print(f"\nweft virtual pico: {result.explain()}", file=sys.stderr)
    return EXIT_FAILED


def _as_asked(result: Run, awaited: bool) -> bool:
    if awaited:
        return result.reason == "text"
    return result.reason in ("time", "idle") and not result.state["lockups"]


def _show(data: bytes, seconds: float) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
