"""Reads firmware images for the RP2040: UF2 and ELF files and flat binaries, checked before use.

`load(path)` returns what goes where in flash, or raises an ImageError of one sentence. Formats: the
UF2 specification (blocks of 512 bytes, family ids) and the ELF specification (program headers).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from weft.boards.errors import VirtualBoardError

FLASH_BASE = 0x10000000
FLASH_BYTES = 2 * 1024 * 1024

_BLOCK_BYTES = 512
_MAGIC = (0x0A324655, 0x9E5D5157)
_MAGIC_END = 0x0AB16F30
_NOT_FLASH = 1 << 0
_HAS_FAMILY = 1 << 13
_RP2040 = 0xE48BFF56
_FAMILIES = {
    0xE48BFF57: "RP2xxx (absolute)",
    0xE48BFF58: "RP2xxx (data)",
    0xE48BFF59: "RP2350 (Arm)",
    0xE48BFF5A: "RP2350 (RISC-V)",
    0xE48BFF5B: "RP2350 (Arm, non-secure)",
}
_ELF_ARM = 40
_ELF_LOAD = 1


class ImageError(VirtualBoardError):
    """A firmware image that cannot run on this board; one sentence."""


@dataclass(frozen=True)
class Segment:
    """Bytes, and where in the flash they go (an offset, not an address)."""

    offset: int
    data: bytes


def load(path: Path) -> list[Segment]:
    """Return what the image puts into flash."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImageError(f"cannot read the image {path}: {error.strerror}") from error
    if not raw:
        raise ImageError(f"the image {path} is empty")
    if raw[:4] == b"\x7fELF":
        segments = _elf(path, raw)
    elif raw[:4] == struct.pack("<I", _MAGIC[0]):
        segments = _uf2(path, raw)
    elif path.suffix.lower() in (".uf2", ".elf"):
        raise ImageError(
            f"{path} is not a {path.suffix[1:].upper()} file: its first bytes are wrong"
        )
    else:
        segments = [Segment(0, raw)]
    for segment in segments:
        if segment.offset < 0 or segment.offset + len(segment.data) > FLASH_BYTES:
            address = FLASH_BASE + segment.offset
            raise ImageError(
                f"{path} has data for 0x{address:08x}, which is not in the Pico's 2 MB of flash"
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


def _uf2(path: Path, raw: bytes) -> list[Segment]:
    segments = []
    numbers: set[int] = set()
    total = 0
    others: set[int] = set()
    if len(raw) % _BLOCK_BYTES:
        raise ImageError(
            f"{path} is cut short: {len(raw)} bytes are not a whole number of {_BLOCK_BYTES}-byte"
            " UF2 blocks"
        )
    for at in range(0, len(raw), _BLOCK_BYTES):
        fields = struct.unpack_from("<8I", raw, at)
        magic, flags, address, size, number, count, family = fields[:2], *fields[2:]
        (end,) = struct.unpack_from("<I", raw, at + _BLOCK_BYTES - 4)
        if magic != _MAGIC or end != _MAGIC_END or size > 476:
            raise ImageError(f"{path} is damaged: block {at // _BLOCK_BYTES} is not a UF2 block")
        if flags & _HAS_FAMILY and family != _RP2040:
            others.add(family)
            continue
        if flags & _NOT_FLASH:
            continue
        numbers.add(number)
        total = count
        segments.append(Segment(address - FLASH_BASE, raw[at + 32 : at + 32 + size]))
    if not segments:
        names = ", ".join(_FAMILIES.get(family, f"family 0x{family:08x}") for family in others)
        raise ImageError(f"{path} is for another chip ({names or 'no data'}), not for the RP2040")
    if len(numbers) != total:
        raise ImageError(f"{path} is cut short: it has {len(numbers)} of its {total} blocks")
    return segments


def _elf(path: Path, raw: bytes) -> list[Segment]:
    try:
        (machine,) = struct.unpack_from("<H", raw, 18)
        if machine != _ELF_ARM or raw[4] != 1:
            raise ImageError(f"{path} is for another processor, not for the RP2040's Cortex-M0+")
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
                    raise ImageError(f"{path} is cut short: segment {index} is not all there")
                if physical < FLASH_BASE + 0x04000000:
                    segments.append(Segment(physical - FLASH_BASE, data))
    except (struct.error, IndexError) as error:
        raise ImageError(f"{path} is cut short: its ELF headers are not all there") from error
    if not segments:
        raise ImageError(f"{path} has nothing for the flash: is it linked to run from RAM?")
    return segments
