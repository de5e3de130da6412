"""Reads and checks UF2 files, the format that a board's boot loader takes.

The format is that of Microsoft's UF2 specification: blocks of 512 bytes, each with three magic
numbers, its place among all blocks and, if flag 0x2000 is set, the family of chips it is for.
"""

from __future__ import annotations

import struct
from pathlib import Path

from weft.boards.errors import BoardError

BLOCK_BYTES = 512
MAGIC_START = (0x0A324655, 0x9E5D5157)
MAGIC_END = 0x0AB16F30
FLAG_FAMILY = 0x2000
FAMILIES = {
    0xE48BFF56: "RP2040",
    0xE48BFF57: "RP2350 (absolute)",
    0xE48BFF59: "RP2350 (Arm)",
    0xE48BFF5A: "RP2350 (RISC-V)",
    0x1C5F21B0: "ESP32",
}


def check_uf2(path: Path, family_id: int) -> int:
    """Check that the file is whole and for that family of chips; return its number of blocks.

    Raises BoardError that says what is wrong with it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BoardError(f"The firmware {path} can't be read: {error.strerror}.") from None
    count, rest = divmod(len(data), BLOCK_BYTES)
    if not data or data[:4] != MAGIC_START[0].to_bytes(4, "little"):
        raise BoardError(f"{path} is no UF2 file; download the .uf2 of the firmware.")
    if rest:
        raise BoardError(f"{path} is cut short in a block; download it again.")
    families = set()
    numbers: dict[int, int] = {}
    for index in range(count):
        block = data[index * BLOCK_BYTES : (index + 1) * BLOCK_BYTES]
        first, second, flags, _, _, number, total, family = struct.unpack_from("<8I", block)
        last = int.from_bytes(block[-4:], "little")
        if (first, second) != MAGIC_START or last != MAGIC_END:
            raise BoardError(f"{path} is damaged at block {index}; download it again.")
        families.add(family if flags & FLAG_FAMILY else 0)
        numbers[number] = total
    if family_id not in families:
        named = ", ".join(FAMILIES.get(family, f"{family:#010x}") for family in sorted(families))
        wanted = FAMILIES.get(family_id, f"{family_id:#010x}")
        raise BoardError(f"{path} is for {named}, but this board has an {wanted}; take its file.")
    total = max(numbers.values())
    if set(numbers) != set(range(total)):
        raise BoardError(
            f"{path} is cut short: {len(numbers)} of {total} blocks; download it again."
        )
    return count
