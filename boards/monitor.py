"""A serial monitor: a board's lines with time stamps, coloured by thread.

What always holds: the board is only listened to; every byte that arrived is shown; a port that
vanishes is waited for and opened again; a restart of the board is noted.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import time
import zlib
from collections.abc import Callable
from typing import TextIO

from weft.boards.attached import found_again, serial_number_of
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError, Disconnected
from weft.boards.port import Port
from weft.boards.restart import LineWatch
from weft.boards.transcript import LONGEST_LINE_BYTES

RETRY_S = 0.2
PARTIAL_LINE_S = 0.2
COLOURS = (31, 32, 33, 34, 35, 36, 91, 92, 93, 94, 95, 96)
THREAD = re.compile(r"[(\[]([^)\]]+)[)\]]")


class Stream:
    """Somewhere to write lines to."""

    def __init__(self, file: TextIO, coloured: bool) -> None:
        self._file = file
        self._coloured = coloured

    def write(self, text: str, note: bool = False) -> None:
        """Write one line of the board's, or a note of weft's, with the time."""
        stamp = datetime.datetime.now().strftime("%H:%M:%S.%f")[:-3]
        if self._coloured:
            text = f"\x1b[{2 if note else colour_of(text)}m{text}\x1b[0m"
        self._file.write(f"{stamp} {'-- ' if note else ''}{text}\n")
        self._file.flush()


def colour_of(line: str) -> int:
    """Return the colour of the thread that the line names, 0 (the default one) if it names none."""
    match = THREAD.match(line)
    return COLOURS[zlib.crc32(match[1].strip().encode()) % len(COLOURS)] if match else 0


class Monitor:
    """Shows a board's lines. `restarts` counts the restarts that were seen."""

    def __init__(self, streams: list[Stream], ended: Callable[[], bool] = lambda: False) -> None:
        self.restarts = 0
        self._streams = streams
        self._ended = ended

    def watch(self, url: str, baud_rate: int) -> None:
        """Show lines until `ended()`. Raises BoardError if the port can't be opened at first."""
        port = Port(url, baud_rate)
        serial_number = serial_number_of(url)
        while True:
            with port:
                try:
                    self._show_lines(port)
                    return
                except Disconnected as error:
                    self._write(str(error), note=True)
            again = self._reopen(url, serial_number, baud_rate)
            if again is None:
                return
            port = again
            self._note_restart(
                f"connected to {port.url} again: the board restarted, or was unplugged"
            )

    def _show_lines(self, port: Port) -> None:
        restarts = LineWatch()
        partial = b""
        try:
            while not self._ended():
                if port.receive(Deadline(PARTIAL_LINE_S)):
                    *lines, partial = (partial + port.take(len(port.unread))).split(b"\n")
                    if len(partial) > LONGEST_LINE_BYTES:
                        lines, partial = [*lines, partial], b""
                    for line in map(_text, lines):
                        self._write(line)
                        if note := restarts.note(line):
                            self._note_restart(note)
                elif partial:
                    self._write(_text(partial))
                    partial = b""
        finally:
            if partial:
                self._write(_text(partial))

    def _note_restart(self, text: str) -> None:
        self.restarts += 1
        self._write(text, note=True)

    def _write(self, text: str, note: bool = False) -> None:
        for stream in self._streams:
            stream.write(text, note)

    def _reopen(self, url: str, serial_number: str, baud_rate: int) -> Port | None:
        """Wait for the port, or for the same board under another name."""
        while not self._ended():
            with contextlib.suppress(BoardError):
                return Port(found_again(url, serial_number), baud_rate)
            time.sleep(RETRY_S)
        return None


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r")
