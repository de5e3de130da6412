"""Firmware images: what is taken, and what is refused with one sentence."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from weft.boards.errors import ImageError, VirtualBoardError
from weft.boards.virtual.image import FLASH_BYTES, Segment, load, write_into
from weft.boards.virtual.pico import VirtualPico

RP2040, RP2350 = 0xE48BFF56, 0xE48BFF59


def uf2(
    data: bytes, *, family: int = RP2040, address: int = 0x10000000, flags: int = 0x2000
) -> bytes:
    """Return a UF2 file, as the UF2 specification lays it out."""
    pages = [data[at : at + 256].ljust(256, b"\0") for at in range(0, len(data), 256)]
    blocks = b""
    for number, page in enumerate(pages):
        where = address + 256 * number
        head = (0x0A324655, 0x9E5D5157, flags, where, 256, number, len(pages), family)
        blocks += struct.pack("<8I", *head) + page.ljust(476, b"\0") + struct.pack("<I", 0x0AB16F30)
    return blocks


def test_a_uf2_goes_where_it_says(tmp_path: Path) -> None:
    path = tmp_path / "good.uf2"
    path.write_bytes(uf2(b"a" * 256 + b"b" * 256, address=0x10001000))
    assert load(path) == [Segment(0x1000, b"a" * 256), Segment(0x1100, b"b" * 256)]


def test_blocks_for_another_chip_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "both.uf2"
    path.write_bytes(uf2(b"x" * 256, family=RP2350) + uf2(b"a" * 256))
    assert load(path) == [Segment(0, b"a" * 256)]


def test_writing_an_image_erases_whole_sectors_and_no_more() -> None:
    flash = bytearray(b"\x00" * FLASH_BYTES)
    write_into(flash, [Segment(4096, b"new")])
    assert flash[4095] == 0
    assert flash[4096:4099] == b"new"
    assert flash[4099:8192] == b"\xff" * (4096 - 3)
    assert flash[8192] == 0


BAD = {
    "empty.uf2": (b"", "is empty"),
    "cut.uf2": (uf2(b"a" * 1024)[:-100], "is cut short"),
    "missing.uf2": (uf2(b"a" * 1024)[:-512], "is cut short: 3 of 4 blocks"),
    "pico2.uf2": (
        uf2(b"a" * 256, family=RP2350),
        r"is for RP2350 \(Arm\), but this board has an RP2040",
    ),
    "text.uf2": (b"hello", "is no UF2 file"),
    "damaged.uf2": (uf2(b"a" * 1024)[:-4] + b"oops", "is damaged at block 3"),
    "high.uf2": (
        uf2(b"a" * 256, address=0x10200000),
        "0x10200000, which is not in the Pico's 2 MB",
    ),
    "cut.elf": (b"\x7fELF\x01\x01", "is cut short"),
    "host.elf": (b"\x7fELF\x02\x01" + bytes(12) + b"\x3e\0" + bytes(60), "for another processor"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_image_is_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    content, message = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message) as caught:
        VirtualPico(path)
    assert "\n" not in str(caught.value)


def test_a_missing_image_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"The firmware .*nothing\.uf2 can't be read: No such"):
        load(tmp_path / "nothing.uf2")


def test_an_elf_is_the_same_as_the_uf2(programs: Path) -> None:
    flashes = []
    for suffix in ("elf", "uf2"):
        flash = bytearray(b"\xff" * FLASH_BYTES)
        write_into(flash, load(programs / f"race.{suffix}"))
        flashes.append(flash.rstrip(b"\xff\x00"))
    assert flashes[0] == flashes[1]


def test_a_flash_with_nothing_bootable_says_so(start: Callable[..., VirtualPico]) -> None:
    result = start(None).run(10)
    assert result.reason == "bootsel"
    assert "does not start with a second-stage boot loader" in result.explain()


def test_a_flash_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    path.write_bytes(b"\xff" * 1000)
    with pytest.raises(VirtualBoardError, match="has 1000 bytes instead of 2097152"):
        VirtualPico(None, flash=path)
