"""Asks a board which firmware it runs, without disturbing a program on it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError
from weft.boards.port import Port
from weft.boards.repl import CTRL_B, RawRepl

PROMPT = b">>> "
PROMPT_LIMIT_S = 1.0
QUESTION = """\
import sys
try:
    from _weft import version
except ImportError:
    version = ""
about = sys.implementation
print(repr((".".join(map(str, about.version[:3])), getattr(about, "_machine", ""), version)))
"""


@dataclass(frozen=True)
class Firmware:
    """What runs on a board. `weft` is weft's version, empty on stock firmware without it."""

    micropython: str
    machine: str
    weft: str

    def __str__(self) -> str:
        ours = f"weft {self.weft} on " if self.weft else ""
        return f"{ours}MicroPython {self.micropython} ({self.machine})"


def is_idle(port: Port) -> bool:
    """Whether the board shows a prompt when Return is pressed, so that no program runs on it."""
    port.write(b"\r")
    deadline = Deadline(PROMPT_LIMIT_S)
    while not port.unread.endswith(PROMPT):
        if not port.receive(deadline):
            return False
    return True


def identify(repl: RawRepl) -> Firmware:
    """Ask a board that is in the raw REPL. Raises BoardError."""
    output = bytearray()
    result = repl.run(QUESTION, output.extend, repl.line.deadline(repl.limits.answer))
    if result.traceback:
        raise BoardError(f"The board can't tell what it runs: {result.traceback.splitlines()[-1]}")
    return Firmware(*ast.literal_eval(output.decode()))


def identify_idle(url: str, baud_rate: int) -> Firmware | None:
    """Ask the board at `url` and leave it at its prompt; None if a program runs on it."""
    with Port(url, baud_rate) as port:
        if not is_idle(port):
            return None
        repl = RawRepl(port)
        repl.enter()
        firmware = identify(repl)
        port.write(CTRL_B)
        return firmware
