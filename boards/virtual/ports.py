"""Shows a virtual board's serial port to other programs: as a pseudo-terminal, or as a TCP socket.

Both carry bytes both ways for as long as they are open. What the board sends while nobody reads is
kept, up to BACKLOG_BYTES, and then lost from the front, as a computer's serial driver does.

A port that the computer loses (USB, when the chip is reset) is hung up, and what was on its way is
lost. It is there again when the board is: the socket at the same address, the pseudo-terminal under
the same name unless somebody still has the old one open, as Linux names a device.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import sys
import threading
from collections.abc import Callable
from typing import Protocol

from weft.boards.errors import VirtualBoardError

BACKLOG_BYTES = 64 * 1024
CHUNK_BYTES = 4096


class Board(Protocol):
    """What a port needs of a virtual board."""

    def send(self, port: str, data: bytes) -> None:
        """Send bytes to the board."""

    def on_output(self, port: str, listener: Callable[[bytes, float], None]) -> None:
        """Ask for the bytes that the board sends."""


class SerialPort:
    """One port made visible; `url` is what pyserial's serial_for_url() takes.

    `attached`: whether it is there from the start. `on_url` hears of each other name that it gets.
    """

    url: str

    def __init__(
        self,
        board: Board,
        port: str,
        *,
        attached: bool = True,
        on_url: Callable[[str], None] = lambda url: None,
    ) -> None:
        self._board = board
        self._port = port
        self._on_url = on_url
        self._backlog = bytearray()
        self._lock = threading.Lock()  # guards _backlog, _closed, _attached and _is_lost
        self._closed = False
        self._attached = attached  # as the board says
        self._is_lost = False  # what is plugged in is of the time before a detach()
        self._plugged = False  # the serving thread's own
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_write.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._open()
        if attached:
            self._plug()
            self._plugged = True
        self._thread = threading.Thread(target=self._serve, name=f"port-{port}", daemon=True)
        board.on_output(port, self._from_board)
        self._thread.start()

    def close(self) -> None:
        """Stop carrying bytes and give the port's name back."""
        with self._lock:
            self._closed = True
        self._wake()
        self._thread.join(timeout=5)

    def attach(self) -> None:
        """The computer has found the board's port."""
        with self._lock:
            self._attached = True
        self._wake()

    def detach(self) -> None:
        """The computer has lost the board's port: hang up."""
        with self._lock:
            self._attached = False
            self._is_lost = True
            self._backlog.clear()
        self._wake()

    def __enter__(self) -> SerialPort:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _from_board(self, data: bytes, seconds: float) -> None:
        with self._lock:
            self._backlog += data
            del self._backlog[:-BACKLOG_BYTES]
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it will wake anyway
            self._wake_write.send(b"x")

    def _serve(self) -> None:
        try:
            while True:
                with self._lock:
                    if self._closed:
                        break
                    wants_write = bool(self._backlog)
                    attached, is_lost, self._is_lost = self._attached, self._is_lost, False
                self._follow(attached, is_lost)
                if self._plugged:
                    self._watch(wants_write)
                for key, events in self._selector.select():
                    if key.fileobj is self._wake_read:
                        self._wake_read.recv(CHUNK_BYTES)
                    else:
                        self._ready(key, events)
        except VirtualBoardError:
            pass  # the board has been switched off
        finally:
            self._shut()
            self._selector.close()
            self._wake_read.close()
            self._wake_write.close()

    def _follow(self, attached: bool, is_lost: bool) -> None:
        """Do what attach() and detach() ask for; a board may go and come between two looks."""
        if is_lost and self._plugged:
            self._unplug()
            self._plugged = False
        if attached and not self._plugged:
            self._plug()
            self._plugged = True

    def _take(self) -> bytes:
        with self._lock:
            return bytes(self._backlog[:CHUNK_BYTES])

    def _drop(self, count: int) -> None:
        with self._lock:
            del self._backlog[:count]

    # What the two kinds do differently

    def _open(self) -> None:
        raise NotImplementedError

    def _plug(self) -> None:
        raise NotImplementedError

    def _unplug(self) -> None:
        raise NotImplementedError

    def _watch(self, wants_write: bool) -> None:
        raise NotImplementedError

    def _ready(self, key: selectors.SelectorKey, events: int) -> None:
        raise NotImplementedError

    def _shut(self) -> None:
        raise NotImplementedError


class PtyPort(SerialPort):
    """A pseudo-terminal (not on Windows); `url` is its path, such as /dev/pts/3."""

    def _open(self) -> None:
        if sys.platform == "win32":
            raise VirtualBoardError("Windows has no pseudo-terminals: use a socket")
        self.url = ""

    def _plug(self) -> None:
        import tty

        # The other end stays open here too, so that a program that closes it does not hang it up.
        self._near, self._far = os.openpty()
        tty.setraw(self._far)
        os.set_blocking(self._near, False)
        self._selector.register(self._near, selectors.EVENT_READ)
        before, self.url = self.url, os.ttyname(self._far)
        if before not in ("", self.url):
            self._on_url(self.url)

    def _unplug(self) -> None:
        self._selector.unregister(self._near)
        os.close(self._far)
        os.close(self._near)

    def _watch(self, wants_write: bool) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wants_write else 0)
        self._selector.modify(self._near, events)

    def _ready(self, key: selectors.SelectorKey, events: int) -> None:
        if events & selectors.EVENT_READ:
            with contextlib.suppress(BlockingIOError):
                self._board.send(self._port, os.read(self._near, CHUNK_BYTES))
        if events & selectors.EVENT_WRITE:
            with contextlib.suppress(BlockingIOError):
                self._drop(os.write(self._near, self._take()))

    def _shut(self) -> None:
        if self._plugged:
            os.close(self._near)
            os.close(self._far)


class SocketPort(SerialPort):
    """A TCP port on this computer, for one client at a time; `url` is socket://127.0.0.1:N."""

    def _open(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self._client: socket.socket | None = None
        self.url = "socket://{}:{}".format(*self._server.getsockname())

    def _plug(self) -> None:
        # Whoever has connected since the port was lost has waited until now.
        self._selector.register(self._server, selectors.EVENT_READ)

    def _unplug(self) -> None:
        self._hang_up()
        self._selector.unregister(self._server)

    def _watch(self, wants_write: bool) -> None:
        if self._client is not None:
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wants_write else 0)
            self._selector.modify(self._client, events)

    def _ready(self, key: selectors.SelectorKey, events: int) -> None:
        if key.fileobj is self._server:
            self._accept()
            return
        client = self._client
        if client is None:
            return
        if events & selectors.EVENT_READ and not self._receive(client):
            return
        if events & selectors.EVENT_WRITE:
            try:
                self._drop(client.send(self._take()))
            except OSError:
                self._hang_up()

    def _receive(self, client: socket.socket) -> bool:
        """Take what has come; False if the client has gone, or nothing has come."""
        try:
            data = client.recv(CHUNK_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if data:
            self._board.send(self._port, data)
        else:
            self._hang_up()
        return bool(data)

    def _accept(self) -> None:
        client, _ = self._server.accept()
        while self._client is not None and self._receive(self._client):
            pass  # the one before may have gone already
        if self._client is not None:
            client.close()
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = client
        self._selector.register(client, selectors.EVENT_READ)

    def _hang_up(self) -> None:
        if self._client is not None:
            self._selector.unregister(self._client)
            self._client.close()
            self._client = None

    def _shut(self) -> None:
        if self._client is not None:
            self._client.close()
        self._server.close()
