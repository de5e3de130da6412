"""A serial port with a limit on every step, over anything that pyserial can open.

What always holds: no call waits longer than the deadline it was given, and every failure is a
BoardError. A port is a URL of pyserial's: a device (/dev/ttyACM0, COM3, a pty), socket://HOST:PORT,
rfc2217://HOST:PORT.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys

import serial
from weft.boards.deadline import Deadline
from weft.boards.errors import Disconnected, PortError, TimedOut
from weft.boards.line import Line

if sys.platform == "win32":
    LINE_ERRORS: tuple[type[Exception], ...] = (OSError,)
else:
    import termios

    LINE_ERRORS = (OSError, termios.error)  # pyserial's own errors are OSErrors

WRITE_LIMIT_S = 10.0
LONGEST_READ_S = 3600.0
MOST_AT_ONCE_BYTES = 65536
HOST_ONLY = re.compile(r"(?:socket|rfc2217)://[^:/?]*")


class Port(Line):
    """An open port, by this computer's clock."""

    def __init__(self, url: str, baud_rate: int = 115200) -> None:
        super().__init__(url)
        self.baud_rate = baud_rate
        self._serial = _open(url, baud_rate)

    def __enter__(self) -> Port:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the port; a port that has vanished is closed without an error."""
        with contextlib.suppress(OSError):
            self._serial.close()

    def deadline(self, seconds: float | None) -> Deadline:
        """Return a deadline so many seconds from now."""
        return Deadline(seconds)

    def write(self, data: bytes, deadline: Deadline | None = None) -> None:
        """Send all of `data`. Raises TimedOut, or Disconnected."""
        limit = deadline.within(WRITE_LIMIT_S) if deadline else Deadline(WRITE_LIMIT_S)
        try:
            # Zero would mean "do not wait at all" to pyserial.
            self._serial.write_timeout = max(limit.remaining(), 0.001)
            self._serial.write(data)
        except serial.SerialTimeoutException:
            raise TimedOut(
                f"The board on {self.url} does not take what is sent to it; unplug it and plug it "
                "in again."
            ) from None
        except LINE_ERRORS as error:
            raise self._disconnected(error) from None

    def receive(self, deadline: Deadline, endings: tuple[bytes, ...] = ()) -> bool:
        """Wait until something arrives and add it to `unread`; False when the deadline passed."""
        try:
            self._serial.timeout = min(deadline.remaining(), LONGEST_READ_S)
            first = self._serial.read(1)
            if not first:
                return False
            self._serial.timeout = 0
            data = first + self._serial.read(MOST_AT_ONCE_BYTES)
        except LINE_ERRORS as error:
            raise self._disconnected(error) from None
        self.unread += data
        self.received_bytes += len(data)
        return True

    def _disconnected(self, error: Exception) -> Disconnected:
        return Disconnected(
            f"The connection to {self.url} was lost ({_first_line(error)}); check the cable, and "
            "that no other program has the port open."
        )


def _open(url: str, baud_rate: int) -> serial.SerialBase:
    if HOST_ONLY.fullmatch(url):
        raise PortError(f"{url!r} is no port: it ends without a number; give {url}:NUMBER.")
    # Two programs on one device would each get half of what the board says.
    exclusive = True if "://" not in url and os.name == "posix" else None
    try:
        return serial.serial_for_url(url, baudrate=baud_rate, timeout=0, exclusive=exclusive)
    except ValueError as error:
        raise PortError(
            f"{url!r} is no port: {_first_line(error)}; give a device or a socket:// URL."
        ) from None
    except OSError as error:
        raise PortError(_why_not_open(url, error)) from None


def _why_not_open(url: str, error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return f"There is no port {url}; 'weft boards' lists the ones that are attached."
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"There is no permission to open {url}; join its group with "
            f"'sudo usermod -a -G {_group_of(url)} $USER', then log in again."
        )
    if error.errno in (errno.EBUSY, errno.EAGAIN) or "lock" in str(error):
        return f"The port {url} is in use; close the other program that has it open."
    if "refused" in str(error).lower() or error.errno == errno.ECONNREFUSED:
        return f"Nobody answers at {url}; start the server, or correct the address."
    return f"The port {url} can't be opened ({_first_line(error)}); check the cable and the name."


def _group_of(path: str) -> str:
    if sys.platform != "win32":
        import grp

        with contextlib.suppress(OSError, KeyError):
            return grp.getgrgid(os.stat(path).st_gid).gr_name
    return "dialout"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
