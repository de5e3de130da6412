"""The serial ports of this computer, and which kinds of boards each may belong to."""

from __future__ import annotations

from dataclasses import dataclass

from serial.tools import list_ports
from weft.boards.kinds import all_kinds


@dataclass(frozen=True)
class AttachedPort:
    """A USB serial port. Several kinds may share a USB id, so that `kinds` can have many."""

    device: str
    usb_id: str
    serial_number: str
    description: str
    kinds: tuple[str, ...]


def attached_ports() -> list[AttachedPort]:
    """Return the USB serial ports, sorted by device name."""
    kinds = all_kinds().values()
    ports = []
    for info in sorted(list_ports.comports(), key=lambda port: str(port.device)):
        if info.vid is None:
            continue
        usb_id = f"{info.vid:04x}:{info.pid:04x}"
        ports.append(
            AttachedPort(
                device=info.device,
                usb_id=usb_id,
                serial_number=info.serial_number or "",
                description=info.description or "",
                kinds=tuple(kind.name for kind in kinds if usb_id in kind.usb_ids),
            )
        )
    return ports


def serial_number_of(url: str) -> str:
    """Return the serial number of the board at a port, "" if it has none."""
    return next((port.serial_number for port in attached_ports() if port.device == url), "")


def found_again(url: str, serial_number: str) -> str:
    """Return where the board that was at `url` is now: it may have come back under another name."""
    same = [p.device for p in attached_ports() if serial_number == p.serial_number != ""]
    return same[0] if same else url
