"""A live virtual board: its serial ports open to other programs, at the pace of real time."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from weft.boards.clock import ClockFile
from weft.boards.process import RESTARTED
from weft.boards.restart import report_in
from weft.boards.virtual.outcome import Run
from weft.boards.virtual.pico import VirtualPico
from weft.boards.virtual.ports import PtyPort, SerialPort, SocketPort

SAID_BYTES = 512
RESETS = {
    "watchdog": "machine.reset() or the watchdog",
    "run": "its RUN pin",
    "power": "its power supply",
}


def run_live(pico: VirtualPico, *, pace: bool, sockets: bool) -> str:
    """Print where the ports are, and run until the board can't go on; return why."""
    kind: type[SerialPort] = SocketPort if sockets or sys.platform == "win32" else PtyPort
    session = LiveSession(pico, lambda why: print(f"reset ({why})", file=sys.stderr, flush=True))
    with contextlib.ExitStack() as stack:
        for name in ("uart0", "usb"):
            show = functools.partial(print, f"{name:6}", flush=True)
            opened = stack.enter_context(kind(pico, name, on_url=show))
            session.ports[name] = opened
            show(opened.url)
        pico.go(pace=pace)
        while not session.ended.wait(timeout=0.5):
            pass
    return session.why_ended


def serve(pico: VirtualPico, name: str, *, pace: bool) -> str:
    """Be a BoardProcess: the port's URL first, then a line for each restart (see process.py).

    Ends when standard input does, and then returns ""; else it returns why the board can't go on.
    """
    pico.on_output(name, ClockFile().note)
    session = LiveSession(pico, lambda why: print(f"{RESTARTED}{why}", flush=True))
    with SocketPort(pico, name, attached=name != "usb") as port:
        session.ports[name] = port
        pico.go(pace=pace)
        print(port.url, flush=True)
        threading.Thread(target=session.end_with_standard_input, daemon=True).start()
        session.ended.wait()
    if session.why_ended:
        print(session.why_ended, flush=True)
    return session.why_ended


class LiveSession:
    """A live board's ports, by name, and its restarts.

    `on_restart` is called with the cause: the board's own report on UART0, or else the kind of
    reset. `ended` is set when the board can't go on, or is not wanted any more.
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
            # Not sys.stdin: a thread that waits in it blocks Python's exit.
            while os.read(0, 4096):
                pass
        self.ended.set()

    def _listen(self, data: bytes, seconds: float) -> None:
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
