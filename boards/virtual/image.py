"""Reads firmware images for the RP2040: UF2 and ELF files and flat binaries, checked before use.

`load(path)` returns what goes where in flash, or raises an ImageError of one sentence. UF2 is
read by boards/uf2.py; ELF as its specification says (program headers).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from weft.boards.errors import ImageError
from weft.boards.uf2 import FIRST_BYTES, RP2040, blocks_for, read_firmware

FLASH_BASE = 0x10000000
FLASH_BYTES = 2 * 1024 * 1024

_ELF_FIRST_BYTES = b"\x7fELF"
_ELF_ARM = 40
_ELF_LOAD = 1


@dataclass(frozen=True)
class Segment:
    """Bytes, and where in the flash they go (an offset, not an address)."""

    offset: int
    data: bytes


def load(path: Path) -> list[Segment]:
    """Return what the image puts into flash."""
    raw = read_firmware(path)
    suffix = path.suffix.lower()
    if not raw:
        raise ImageError(f"{path} is empty; take another file.")
    if raw.startswith(_ELF_FIRST_BYTES) or suffix == ".elf":
        segments = _elf(path, raw)
    elif raw.startswith(FIRST_BYTES) or suffix == ".uf2":
        blocks = blocks_for(RP2040, path, raw)
        segments = [
            Segment(block.address - FLASH_BASE, block.data) for block in blocks if block.data
        ]
    else:
        segments = [Segment(0, raw)]
    for segment in segments:
        if segment.offset < 0 or segment.offset + len(segment.data) > FLASH_BYTES:
            address = FLASH_BASE + segment.offset
            raise ImageError(
                f"{path} has data for 0x{address:08x}, which is not in the Pico's 2 MB of flash."
            )
    return segments


def write_into(flash: bytearray, segments: list[Segment]) -> None:
    """Put an image into flash as flashing a board does: whole sectors are erased first."""
    sector = 4096
    touched = {
        start
        for segment in segments
        for start in range(
            segment.offset // sector * sector, segment.offset + len(segment.data), sector
        )
    }
    for start in touched:
        flash[start : start + sector] = b"\xff" * sector
    for segment in segments:
        flash[segment.offset : segment.offset + len(segment.data)] = segment.data


def _elf(path: Path, raw: bytes) -> list[Segment]:
    if not raw.startswith(_ELF_FIRST_BYTES):
        raise ImageError(f"{path} is no ELF file: its first bytes are wrong.")
    try:
        (machine,) = struct.unpack_from("<H", raw, 18)
        if machine != _ELF_ARM or raw[4] != 1:
            raise ImageError(f"{path} is for another processor, not for the RP2040's Cortex-M0+.")
        (headers,) = struct.unpack_from("<I", raw, 28)
        size, count = struct.unpack_from("<HH", raw, 42)
        segments = []
        for index in range(count):
            kind, offset, _, physical, length = struct.unpack_from(
                "<5I", raw, headers + index * size
            )
            if kind == _ELF_LOAD and length and physical >= FLASH_BASE:
                data = raw[offset : offset + length]
                if len(data) != length:
                    raise ImageError(f"{path} is cut short: segment {index} is not all there.")
                if physical < FLASH_BASE + 0x04000000:
                    segments.append(Segment(physical - FLASH_BASE, data))
    except (struct.error, IndexError) as error:
        raise ImageError(f"{path} is cut short: its ELF headers are not all there.") from error
    if not segments:
        raise ImageError(f"{path} has nothing for the flash: is it linked to run from RAM?")
    return segments
