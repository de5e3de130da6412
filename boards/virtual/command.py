"""The `weft virtual` command: runs a virtual board on its own.

For a batch (`--until`, `--for`) the run is as fast as the computer allows and repeats exactly.
Without them the board runs live at the pace of real time, its ports open to other programs, until
Ctrl-C; with `--serve`, as a child of weft's, until its standard input ends.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weft.boards.clock import ClockFile
from weft.boards.process import RESTARTED
from weft.boards.restart import report_in
from weft.boards.virtual.errors import VirtualBoardError
from weft.boards.virtual.outcome import Run
from weft.boards.virtual.pico import DEFAULT_REAL_S, DEFAULT_TURNS, PORTS, VirtualPico
from weft.boards.virtual.ports import PtyPort, SerialPort, SocketPort

if TYPE_CHECKING:
    # argparse has no public name for what add_subparsers() returns.
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_MISUSED = 2
SAID_BYTES = 512
RESETS = {
    "watchdog": "machine.reset() or the watchdog",
    "run": "its RUN pin",
    "power": "its power supply",
}
UNTIL_SECONDS = 60.0  # emulated, when --until is given without --for

EXAMPLES = """\
examples:
  weft virtual pico --image firmware.uf2
      run live; prints where UART0 and USB are, for mpremote or a terminal
  weft virtual pico --image firmware.uf2 --until DONE
      run as fast as possible until UART0 prints DONE; the exit status says whether it did
  weft virtual pico --image firmware.uf2 --for 10 --seed 7 --json
      run 10 emulated seconds with another order of turns; print counts as JSON
  weft virtual pico --flash my.bin
      go on with a flash kept in a file, files and all

exit status: 0 the run did what was asked; 1 it did not (crash, text missing); 2 wrong use.
"""


def add(subparsers: Subparsers) -> None:
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
        help=f"exact, fixed:N or random:N cycles a turn (default {DEFAULT_TURNS})",
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
            if arguments.serve is not None:
                return _serve(pico, arguments)
            if arguments.until is None and arguments.seconds is None:
                return _live(pico, arguments)
            return _batch(pico, arguments)
    except VirtualBoardError as error:
        print(f"weft virtual pico: {error}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        if arguments.until is not None or arguments.seconds is not None:
            raise
        return EXIT_OK


def _batch(pico: VirtualPico, arguments: argparse.Namespace) -> int:
    pico.on_output(arguments.port, _show)
    text = None if arguments.until is None else arguments.until.encode()
    seconds = UNTIL_SECONDS if arguments.seconds is None else arguments.seconds
    result = pico.run(seconds, port=arguments.port, text=text, real_s=DEFAULT_REAL_S)
    if arguments.json:
        print(json.dumps({"reason": result.reason, **result.state}))
    if _as_asked(result, text):
        return EXIT_OK
    print(f"\nweft virtual pico: {result.explain()}", file=sys.stderr)
    return EXIT_FAILED


def _as_asked(result: Run, text: bytes | None) -> bool:
    if text is not None:
        return result.reason == "text"
    return result.reason in ("time", "idle") and not result.state["lockups"]


def _live(pico: VirtualPico, arguments: argparse.Namespace) -> int:
    kind: type[SerialPort] = SocketPort if arguments.socket or sys.platform == "win32" else PtyPort
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up as for Ctrl-C
    outside = Outside(pico, lambda why: print(f"reset ({why})", file=sys.stderr, flush=True))
    with contextlib.ExitStack() as stack:
        for name in ("uart0", "usb"):
            show = functools.partial(print, f"{name:6}", flush=True)
            opened = stack.enter_context(kind(pico, name, on_url=show))
            outside.ports[name] = opened
            show(opened.url)
        pico.go(pace=arguments.pace)
        while not outside.ended.wait(timeout=0.5):
            pass
    print(f"weft virtual pico: {outside.why_ended}", file=sys.stderr)
    return EXIT_FAILED


def _serve(pico: VirtualPico, arguments: argparse.Namespace) -> int:
    """Be a BoardProcess: the port's URL first, then a line for each restart (see process.py)."""
    name = arguments.serve
    pico.on_timed_output(name, ClockFile().note)
    outside = Outside(pico, lambda why: print(f"{RESTARTED}{why}", flush=True))
    with SocketPort(pico, name, attached=name != "usb") as port:
        outside.ports[name] = port
        pico.go(pace=arguments.pace)
        print(port.url, flush=True)
        threading.Thread(target=outside.end_with_standard_input, daemon=True).start()
        outside.ended.wait()
    if outside.why_ended:
        print(outside.why_ended, flush=True)
    return EXIT_FAILED if outside.why_ended else EXIT_OK


class Outside:
    """What is around a live board: its ports, by name, and whoever hears of its restarts.

    `on_restart` is told why: what the board itself has reported on UART0, or else which reset it
    was. `ended` is set when the board can't go on, or is not wanted any more.
    """

    def __init__(self, pico: VirtualPico, on_restart: Callable[[str], None]) -> None:
        self.ports: dict[str, SerialPort] = {}
        self.ended = threading.Event()
        self.why_ended = ""
        self._on_restart = on_restart
        self._said = b""  # the end of what UART0 has said
        pico.on_output("uart0", self._listen)
        pico.on_event(self._notice)
        pico.on_end(self._end)

    def end_with_standard_input(self) -> None:
        """Read standard input to its end."""
        with contextlib.suppress(OSError):
            # Not by sys.stdin: a thread that waits in it is in the way of Python's own end.
            while os.read(0, 4096):
                pass
        self.ended.set()

    def _listen(self, data: bytes) -> None:
        self._said = (self._said + data)[-SAID_BYTES:]

    def _notice(self, event: dict[str, Any]) -> None:
        if event["event"] == "reset":
            self._on_restart(report_in(self._said) or RESETS[event["cause"]])
            self._said = b""
        elif event["event"] == "usb" and "usb" in self.ports:
            self.ports["usb"].attach() if event["attached"] else self.ports["usb"].detach()
        elif event["event"] == "halted":
            self._end(Run(str(event["reason"]), b"", event).explain())

    def _end(self, why: str) -> None:
        if not self.ended.is_set():
            self.why_ended = why
            self.ended.set()


def _show(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
