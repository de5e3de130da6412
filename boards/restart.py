"""Notices that the board behind a line has restarted.

There are three signs, and each becomes a BoardReset:
- the report of weft's firmware, or MicroPython's greeting, in the middle of a program's output;
- a line that is lost and comes back, as USB does;
- a note from the process of a virtual board, which reads the board's other ports too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from weft.boards.attached import found_again
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError, BoardReset, Disconnected
from weft.boards.port import Port
from weft.boards.process import BoardProcess

REPORT = re.compile(rb"(?:^|\n)weft: ([^\r\n]+); the board restarts\r?\n")
GREETING = re.compile(rb"MicroPython v?[^\r\n]+; [^\r\n]+\r\n(?:Type [^\r\n]+\r\n)?>>> ")
GREETING_LINE = re.compile(r"MicroPython v?[^;]+; .+")
POSSIBLE_CAUSES = "machine.reset(), a watchdog, a crash or a weak power supply"
RECENT_BYTES = 1024
NOTE_LIMIT_S = 30.0  # for a computer that is very busy: the note comes before the loss
RETURN_LIMIT_S = 10.0  # a Pico takes two seconds
POLL_S = 0.1


def report_in(output: bytes) -> str:
    """Return the last report of weft's firmware before it restarts the board; "" if there is none.

    The report must be complete, so that no half of a name is shown.
    """
    reports = REPORT.findall(output)
    return reports[-1].decode(errors="replace") if reports else ""


class RestartWatch:
    """Passes a program's output on and raises BoardReset when it shows that the board restarted.

    `recent` is the end of what was passed on.
    """

    def __init__(self, url: str, on_output: Callable[[bytes], None]) -> None:
        self._url = url
        self._on_output = on_output
        self.recent = b""

    def __call__(self, data: bytes) -> None:
        self._on_output(data)
        self.recent = (self.recent + data)[-RECENT_BYTES:]
        report = report_in(self.recent)
        if report or GREETING.search(self.recent):
            raise BoardReset(_sentence(self._url, report))


class LineWatch:
    """Says which lines of a serial monitor show that the board restarted."""

    def __init__(self) -> None:
        self._line_before = ""
        self._was_reported = False  # a greeting follows the report, and is no second restart

    def note(self, line: str) -> str:
        """Return a sentence if this line shows a restart, else "".

        MicroPython greets after a soft reset and when the raw REPL is left too.
        """
        before, self._line_before = self._line_before, line
        if report := report_in(f"{line}\n".encode()):
            self._was_reported = True
            return f"The board restarts: {report}."
        if not GREETING_LINE.fullmatch(line):
            return ""
        was_reported, self._was_reported = self._was_reported, False
        if was_reported or before.strip().endswith(("soft reboot", "CTRL-B to exit")):
            return ""
        return f"The board restarted ({POSSIBLE_CAUSES})."


def why_lost(
    error: Disconnected, port: Port, process: BoardProcess | None, serial_number: str
) -> BoardError:
    """Return what the loss of a board's line means: BoardReset if the board is there again.

    Over a network this can't be told: the server may have closed the connection by itself.
    """
    if process is not None:
        cause = process.restarted(Deadline(NOTE_LIMIT_S))
        if cause is not None:
            return BoardReset(_sentence(port.url, cause))
        said = process.last_words()
        return Disconnected(f"The connection to {port.url} was lost: {said}.") if said else error
    if not _comes_back(port, serial_number):
        return error
    if "://" in port.url:
        return Disconnected(
            f"The connection to {port.url} was lost while the program was running, and can be "
            "opened again: look at the network and the server, and whether the board restarted."
        )
    return BoardReset(
        f"The connection to {port.url} was lost and came back while the program was running: the "
        f"board restarted ({POSSIBLE_CAUSES}), or its cable was pulled."
    )


def _sentence(url: str, cause: str) -> str:
    why = f": {cause}." if cause else f" ({POSSIBLE_CAUSES})."
    return f"The board on {url} restarted while the program was running{why}"


def _comes_back(port: Port, serial_number: str) -> bool:
    deadline = Deadline(RETURN_LIMIT_S)
    port.close()  # a device that is still open would come back under another name
    while not deadline.has_passed():
        try:
            Port(found_again(port.url, serial_number), port.baud_rate).close()
        except BoardError:
            time.sleep(POLL_S)
        else:
            return True
    return False
