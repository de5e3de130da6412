"""Boards that are unwell, for tests: a pty with a program of ours behind it, and a faulty cable.

Nothing here waits without a limit: a fake ends when its `with` block does.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import tty
from collections.abc import Callable, Iterator

Change = Callable[[bytes], bytes]


class FakeLine:
    """The board's end of a serial line. `port` is the path that the host opens."""

    def __init__(self) -> None:
        self.end, self._host_end = os.openpty()
        tty.setraw(self._host_end)
        os.set_blocking(self.end, False)
        self.port = os.ttyname(self._host_end)
        self.stop = threading.Event()
        self.is_unplugged = False

    def read(self) -> bytes:
        """Return what has come, after a short wait for it; b"" if nothing has."""
        if select.select([self.end], [], [], 0.02)[0]:
            with contextlib.suppress(OSError):
                return os.read(self.end, 65536)
        return b""

    def write(self, data: bytes) -> None:
        """Send all of it, unless the test ends first."""
        while data and not self.stop.is_set() and not self.is_unplugged:
            if select.select([], [self.end], [], 0.02)[1]:
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(self.end, data) :]

    def unplug(self) -> None:
        """Let the port vanish."""
        if not self.is_unplugged:
            self.is_unplugged = True
            os.close(self._host_end)
            os.close(self.end)


@contextlib.contextmanager
def fake_board(behave: Callable[[FakeLine], None]) -> Iterator[FakeLine]:
    """Run `behave` in a thread as the board; it is to return once `line.stop` is set."""
    line = FakeLine()
    thread = threading.Thread(target=behave, args=(line,), daemon=True)
    thread.start()
    try:
        yield line
    finally:
        line.stop.set()
        thread.join(60.0)
        line.unplug()


@contextlib.contextmanager
def cable(
    board_port: str,
    to_board: Change = lambda data: data,
    to_host: Change = lambda data: data,
) -> Iterator[FakeLine]:
    """Put a cable that changes what goes through it between the host and a board."""
    board = os.open(board_port, os.O_RDWR | os.O_NOCTTY)

    def carry(line: FakeLine) -> None:
        while not line.stop.is_set() and not line.is_unplugged:
            for source in select.select([line.end, board], [], [], 0.02)[0]:
                with contextlib.suppress(OSError):
                    data = os.read(source, 65536)
                    if source == board:
                        line.write(to_host(data))
                    else:
                        os.write(board, to_board(data))

    with fake_board(carry) as line:
        yield line
    os.close(board)


@contextlib.contextmanager
def served(board_port: str, lost_at: bytes) -> Iterator[str]:
    """Serve a board to the network, at this URL, until it says `lost_at`; then drop the client.

    The server goes on to take connections.
    """
    stop = threading.Event()
    board = os.open(board_port, os.O_RDWR | os.O_NOCTTY)

    def carry() -> None:
        client = server.accept()[0]
        with client:
            recent = b""
            while not stop.is_set() and lost_at not in recent:
                for source in select.select([client, board], [], [], 0.02)[0]:
                    if source is client:
                        os.write(board, client.recv(65536))
                    else:
                        data = os.read(board, 65536)
                        client.sendall(data)
                        recent = recent[-len(lost_at) :] + data
            # Not closed yet: pyserial forgets to close a socket that it can't shut down.
            client.shutdown(socket.SHUT_WR)
            stop.wait()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=carry, daemon=True)
        thread.start()
        try:
            yield f"socket://127.0.0.1:{server.getsockname()[1]}"
        finally:
            stop.set()
            thread.join(60.0)
            os.close(board)


def drop_every(nth: int) -> Change:
    """Return a change that loses each nth byte."""
    count = 0

    def drop(data: bytes) -> bytes:
        nonlocal count
        kept = bytearray()
        for byte in data:
            count += 1
            if count % nth:
                kept.append(byte)
        return bytes(kept)

    return drop
