"""Puts firmware on a board: onto its boot loader's drive, by picotool, or by esptool.

What always holds: a file is checked before the board is touched; a copy that was cut short is
reported; at the end the board has come back and answered, or an error says that it did not.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import serial
from weft.boards.attached import attached_ports
from weft.boards.deadline import Deadline
from weft.boards.errors import BoardError
from weft.boards.identify import Firmware, identify
from weft.boards.kinds import BoardKind, FlashData
from weft.boards.port import Port
from weft.boards.repl import RawRepl
from weft.boards.uf2 import blocks_for, read_firmware
from weft.firmware.sources import SourceError
from weft.firmware.steps import BuildError
from weft.firmware.targets import firmware_for

BOOT_LOADER_LIMIT_S = 15.0
RETURN_LIMIT_S = 20.0
TOOL_LIMIT_S = 300.0
POLL_S = 0.1
CHUNK_BYTES = 16 * 1024
TOUCH_BAUD_RATE = 1200

Progress = Callable[[int, int], None]


def own_firmware(kind: BoardKind, report: Callable[[str], None] = lambda line: None) -> Path:
    """Return weft's own firmware for the board, built or from the cache. Raises BoardError."""
    _flash_data(kind)
    if not kind.build:
        raise BoardError(
            f"weft has no firmware for the board {kind.name}; name a file: "
            f"weft flash {kind.name} FILE."
        )
    try:
        return firmware_for(kind.build, report=report)
    except (BuildError, SourceError) as error:
        raise BoardError(str(error)) from None


def flash(
    kind: BoardKind,
    firmware: Path,
    port: str | None,
    *,
    drive: Path | None = None,
    erase: bool = False,
    progress: Progress = lambda done, total: None,
) -> Firmware | None:
    """Put `firmware` on the board and wait until it answers; None if it has no port to answer on.

    Raises BoardError.
    """
    data = _flash_data(kind)
    if data.method == "esptool":
        _flash_by_esptool(data, firmware, port, erase)
    else:
        blocks_for(data.family_id, firmware, read_firmware(firmware))  # or an error says why not
        _flash_uf2(kind, data, firmware, port, drive, erase, progress)
    return await_firmware(kind, port)


def _flash_data(kind: BoardKind) -> FlashData:
    if kind.flash is None:
        raise BoardError(f"The board {kind.name} is a process; there is nothing to flash.")
    return kind.flash


def _flash_uf2(
    kind: BoardKind,
    data: FlashData,
    firmware: Path,
    port: str | None,
    drive: Path | None,
    erase: bool,
    progress: Progress,
) -> None:
    picotool = shutil.which("picotool")
    if erase and not picotool:
        raise BoardError("Erasing needs picotool; install the package picotool.")
    if drive is None:
        enter_boot_loader(port or _first_port(kind))
    if erase and picotool:
        _run_tool([picotool, "erase", "-a"])
    deadline = Deadline(BOOT_LOADER_LIMIT_S)
    while True:
        found = drive if drive and _is_drive(drive, data.drive) else find_drive(data.drive)
        if found:
            copy_to_drive(firmware, found, progress)
            return
        if picotool and data.bootloader_usb_id in {p.usb_id for p in attached_ports()}:
            _run_tool([picotool, "load", "-v", "-x", str(firmware)])
            return
        if deadline.has_passed():
            raise BoardError(
                f"The drive {data.drive} did not appear within {BOOT_LOADER_LIMIT_S:g} s; hold "
                "BOOTSEL while you plug the board in, mount the drive, and try again (or name it "
                "with --drive)."
            )
        time.sleep(POLL_S)


def enter_boot_loader(port: str | None) -> None:
    """Ask the board to start its boot loader; a board that does not listen is reset by 1200 baud.

    Without a port the board is taken to be in its boot loader already.
    """
    if port is None:
        return
    with contextlib.suppress(BoardError), Port(port) as opened:
        repl = RawRepl(opened)
        repl.enter(3.0)
        # The board vanishes instead of answering.
        repl.run("import machine\nmachine.bootloader()", deadline=Deadline(2.0))
    with contextlib.suppress(OSError, ValueError), serial.serial_for_url(port, TOUCH_BAUD_RATE):
        pass


def find_drive(label: str) -> Path | None:
    """Return where the boot loader's drive is mounted, if it is."""
    places = [Path("/Volumes") / label]
    with contextlib.suppress(OSError):
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
        places += [Path(line.split()[1].replace("\\040", " ")) for line in mounts.splitlines()]
    if os.name == "nt":
        places += [Path(f"{letter}:/") for letter in "DEFGHIJKLMNOPQRSTUVWXYZ"]
    return next((place for place in places if _is_drive(place, label)), None)


def _is_drive(place: Path, label: str) -> bool:
    with contextlib.suppress(OSError):
        return label in (place / "INFO_UF2.TXT").read_text(encoding="ascii", errors="replace")
    return False


def copy_to_drive(firmware: Path, drive: Path, progress: Progress) -> None:
    """Copy the file, and see to it that all of it has arrived."""
    total = firmware.stat().st_size
    done = 0
    try:
        with firmware.open("rb") as source, (drive / firmware.name).open("wb") as target:
            while chunk := source.read(CHUNK_BYTES):
                target.write(chunk)
                target.flush()
                done += len(chunk)
                os.fsync(target.fileno())
                progress(done, total)
    except OSError as error:
        # The board restarts as soon as it has the last block: our last call may fail then.
        if done >= total and error.errno in (errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOENT):
            return
        if error.errno == errno.ENOSPC:
            raise BoardError(
                f"The drive {drive} is full; unplug the board, plug it in with BOOTSEL held, and "
                "try again."
            ) from None
        raise BoardError(
            f"The copy to {drive} was cut short at {done} of {total} bytes ({error.strerror}); "
            "plug the board in with BOOTSEL held and try again."
        ) from None


def await_firmware(kind: BoardKind, port: str | None) -> Firmware | None:
    """Wait until the board is back, and ask it what it runs."""
    deadline = Deadline(RETURN_LIMIT_S)
    problem = "no port of it appeared"
    while not deadline.has_passed():
        url = port or _first_port(kind)
        if url:
            try:
                with Port(url, kind.baud_rate) as opened:
                    repl = RawRepl(opened)
                    repl.enter(min(5.0, max(1.0, deadline.remaining())))
                    firmware = identify(repl)
                    repl.soft_reset()
                    return firmware
            except BoardError as error:
                problem = str(error)
        time.sleep(POLL_S)
    raise BoardError(
        f"The firmware was written, but the board did not come back within {RETURN_LIMIT_S:g} s: "
        f"{problem}"
    )


def _first_port(kind: BoardKind) -> str | None:
    return next((port.device for port in attached_ports() if kind.name in port.kinds), None)


def _flash_by_esptool(data: FlashData, firmware: Path, port: str | None, erase: bool) -> None:
    if not firmware.is_file():
        raise BoardError(f"There is no firmware file {firmware}.")
    if port is None:
        raise BoardError("esptool needs to know the port; name it with --port.")
    tool = [sys.executable, "-m", "esptool", "--chip", data.chip, "--port", port]
    if erase:
        _run_tool([*tool, "erase_flash"])
    _run_tool([*tool, "write_flash", hex(data.offset), str(firmware)])


def _run_tool(command: list[str]) -> None:
    """Run picotool or esptool, which show their own progress. Raises BoardError."""
    name = "esptool" if "esptool" in command else Path(command[0]).name
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=TOOL_LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        raise BoardError(
            f"{name} did not end within {TOOL_LIMIT_S:g} s; unplug the board."
        ) from None
    if done.returncode != 0:
        if "No module named esptool" in done.stderr:
            raise BoardError("Flashing this board needs esptool; install it: pip install esptool.")
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BoardError(f"{name} failed ({last}); check the cable and try again.")
