"""Standard input of this computer for a program on a board, when the program asks for it.

What always holds: this computer's input is read only for a program that reads. No byte is on its
way to the board when the program has ended or is stopped.

A program that names `input` or `stdin` gets replacements for both. They print one byte, ENQ, to ask
for input. The answer is a line of base64: a piece of input, or an empty line at the end. So no byte
of it is taken for Ctrl-C, and the board's buffer never overflows. An ENQ that the program prints
itself is taken for a request and is not shown.

This computer reads up to 8192 bytes at once, or one line at a terminal. The program's end discards
what it has not read of them.

A program that polls `stdin` needs the board's own one. It gets all input as it comes, from the
program's start on; it can't see the end of the input.
"""

from __future__ import annotations

import ast
import binascii
import contextlib
import io
import queue
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Protocol

from weft.boards.errors import BoardError

ENQ = b"\x05"
CTRL_C = b"\x03"
PIECE_BYTES = 90
LINE_PIECE_BYTES, LINE_PAUSE_S = 32, 0.01  # as fast as a board without flow control reads
POLLERS = {"select", "uselect", "asyncio", "uasyncio"}

# Runs on the board. {with_stdin} says whether the program's `sys` gets a stdin of ours.
SHIM = """\
def _asking(with_stdin):
    import binascii, builtins, sys, _thread
    console = sys.stdin
    lock = _thread.allocate_lock()
    class Input:
        unread = b''
        def __init__(self, convert):
            self.convert = convert
        def more(self):
            sys.stdout.write('\\x05')
            piece = binascii.a2b_base64(console.readline())
            Input.unread += piece
            return piece
        def take(self, count):
            taken, Input.unread = Input.unread[:count], Input.unread[count:]
            return self.convert(taken)
        def length(self, size):
            if self.convert is bytes:
                return size
            at = 0
            while size and at < len(Input.unread):
                first = Input.unread[at]
                at += 1 if first < 0xc0 else 2 if first < 0xe0 else 3 if first < 0xf0 else 4
                size -= 1
            return at + size
        def read(self, size=-1):
            with lock:
                if size is None or size < 0:
                    while self.more():
                        pass
                    return self.take(len(Input.unread))
                while self.length(size) > len(Input.unread) and self.more():
                    pass
                return self.take(self.length(size))
        def readline(self):
            with lock:
                while b'\\n' not in Input.unread:
                    if not self.more():
                        return self.take(len(Input.unread))
                return self.take(Input.unread.find(b'\\n') + 1)
        def readlines(self):
            return list(self)
        def __iter__(self):
            return self
        def __next__(self):
            line = self.readline()
            if not line:
                raise StopIteration
            return line
    stdin = Input(lambda data: str(data, 'utf-8'))
    stdin.buffer = Input(bytes)
    def input(prompt=''):
        sys.stdout.write(str(prompt))
        line = stdin.readline()
        if not line:
            raise EOFError
        return line[:-1] if line[-1] == '\\n' else line
    class Sys:
        def __getattr__(self, name):
            return getattr(sys, name)
    if with_stdin:
        proxy = sys.modules['sys'] = Sys()
        proxy.stdin = stdin
    builtins.input = input
_asking({with_stdin})
del _asking
"""


class Wish(Enum):
    """How a program wants its input."""

    NONE = "it reads none"
    INPUT = "by input()"
    STDIN = "by sys.stdin too"
    POLLED = "it polls the board's own sys.stdin"


class RawInput(Protocol):
    """Where input comes from: a raw binary stream, whose read() blocks until there is some."""

    def read(self, size: int = -1, /) -> bytes | None:
        """Return some bytes; b"" at the end."""


def wish_of(sources: Iterable[str | bytes]) -> Wish:
    """Return how a program wants its input, by the names in it and in its modules."""
    names = set[str]().union(*map(_names, sources))
    if "stdin" not in names:
        return Wish.INPUT if "input" in names else Wish.NONE
    return Wish.POLLED if names & POLLERS else Wish.STDIN


def preparing(wish: Wish) -> str:
    """Return the code that lets a program on the board ask for its input; "" if it does not."""
    if wish in (Wish.NONE, Wish.POLLED):
        return ""
    return SHIM.replace("{with_stdin}", str(wish is Wish.STDIN))


def _names(source: str | bytes) -> set[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            nodes = list(ast.walk(ast.parse(source)))
        except (SyntaxError, ValueError):
            return set()  # the board reports it
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def own_input() -> RawInput:
    """Return this process's standard input, which nobody has read from yet."""
    # Not its buffer: a thread that waits in it blocks Python's exit.
    raw: RawInput | None = getattr(getattr(sys.stdin, "buffer", None), "raw", None)
    return raw or io.BytesIO()


class Answering:
    """Passes a program's output on, and answers the requests in it with pieces of input.

    `send` sends bytes to the board. A thread waits for the input, so that output goes on meanwhile.
    """

    def __init__(
        self,
        source: RawInput,
        send: Callable[[bytes], None],
        on_output: Callable[[bytes], None],
        wish: Wish,
    ) -> None:
        self._source = source
        self._send = send
        self._on_output = on_output
        self._wish = wish
        self._piece = b""  # read and not sent yet
        self._requests: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._lock = threading.Lock()  # guards _stopped, and is held while something is sent
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Send input from now on: the program runs. Sent before, it would go into the raw REPL."""
        if self._wish is Wish.POLLED:
            self._start_thread(self._forward)

    def __call__(self, data: bytes) -> None:
        """Take some output."""
        if self._wish not in (Wish.INPUT, Wish.STDIN):
            self._on_output(data)
            return
        output = data.replace(ENQ, b"")
        if output:
            self._on_output(output)
        for _ in range(len(data) - len(output)):
            self._requests.put(True)
            if self._thread is None:
                self._start_thread(self._answer)

    def stop(self) -> None:
        """Send nothing any more."""
        with self._lock:
            self._stopped = True
        self._requests.put(False)

    def _start_thread(self, function: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=function, name="input", daemon=True)
        self._thread.start()

    def _answer(self) -> None:
        while self._requests.get() and self._sent(binascii.b2a_base64(self._next(PIECE_BYTES))):
            pass

    def _forward(self) -> None:
        while piece := self._next(LINE_PIECE_BYTES):
            if not self._sent(piece.replace(CTRL_C, b"")):
                return
            time.sleep(LINE_PAUSE_S)

    def _sent(self, data: bytes) -> bool:
        with self._lock:
            if not self._stopped:
                # The thread that reads the program's output reports the fault.
                with contextlib.suppress(BoardError):
                    self._send(data)
                    return True
        return False

    def _next(self, size: int) -> bytes:
        if not self._piece:
            # A closed file or a lost terminal is the end of the input.
            with contextlib.suppress(OSError, ValueError):
                self._piece = self._source.read(io.DEFAULT_BUFFER_SIZE) or b""
        piece, self._piece = self._piece[:size], self._piece[size:]
        return piece
