"""Reads firmware in UF2, the format that a board's boot loader takes, and checks it.

The format is that of Microsoft's UF2 specification: blocks of 512 bytes, each with three magic
numbers, its place among all blocks and, if flag 0x2000 is set, the family of chips it is for.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from weft.boards.errors import ImageError

BLOCK_BYTES = 512
HEAD_BYTES = 32
MOST_DATA_BYTES = 476
MAGIC_START = (0x0A324655, 0x9E5D5157)
MAGIC_END = 0x0AB16F30
FIRST_BYTES = MAGIC_START[0].to_bytes(4, "little")
FLAG_NOT_FLASH = 0x0001
FLAG_FAMILY = 0x2000
RP2040 = 0xE48BFF56
FAMILIES = {
    RP2040: "RP2040",
    0xE48BFF57: "RP2350 (absolute)",
    0xE48BFF58: "RP2350 (data)",
    0xE48BFF59: "RP2350 (Arm)",
    0xE48BFF5A: "RP2350 (RISC-V)",
    0xE48BFF5B: "RP2350 (Arm, non-secure)",
    0x1C5F21B0: "ESP32",
}


@dataclass(frozen=True)
class Block:
    """What a block puts where in the flash (an address); no data if it is not for the flash."""

    number: int
    total: int
    address: int
    data: bytes


def read_firmware(path: Path) -> bytes:
    """Return the contents of a file of firmware. Raises ImageError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"The firmware {path} can't be read: {error.strerror}.") from None


def blocks_for(family_id: int, path: Path, firmware: bytes) -> list[Block]:
    """Return the blocks for that family of chips: all of them, or ImageError says what is wrong."""
    if not firmware.startswith(FIRST_BYTES):
        raise ImageError(f"{path} is no UF2 file; download the .uf2 of the firmware.")
    if len(firmware) % BLOCK_BYTES:
        raise ImageError(f"{path} is cut short in a block; download it again.")
    families: dict[int, list[Block]] = {}
    for at in range(0, len(firmware), BLOCK_BYTES):
        fields = struct.unpack_from("<8I", firmware, at)
        flags, address, size, number, total, family = fields[2:]
        (last,) = struct.unpack_from("<I", firmware, at + BLOCK_BYTES - 4)
        if fields[:2] != MAGIC_START or last != MAGIC_END or size > MOST_DATA_BYTES:
            raise ImageError(f"{path} is damaged at block {at // BLOCK_BYTES}; download it again.")
        start = at + HEAD_BYTES
        data = b"" if flags & FLAG_NOT_FLASH else firmware[start : start + size]
        block = Block(number, total, address, data)
        families.setdefault(family if flags & FLAG_FAMILY else 0, []).append(block)
    if family_id not in families:
        named = ", ".join(FAMILIES.get(family, f"{family:#010x}") for family in sorted(families))
        wanted = FAMILIES.get(family_id, f"{family_id:#010x}")
        raise ImageError(f"{path} is for {named}, but this board has an {wanted}; take its file.")
    blocks = families[family_id]
    numbers, total = {block.number for block in blocks}, max(block.total for block in blocks)
    if numbers != set(range(total)):
        raise ImageError(
            f"{path} is cut short: {len(numbers)} of {total} blocks; download it again."
        )
    return blocks
