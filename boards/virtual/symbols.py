"""Finds the functions of a program in its ELF file, and their instructions.

    program = Symbols(Path("micropython.elf"))
    program.address("mp_map_lookup+0x12")
    program.address("set.c:grow")        # a static one, whose name others have too
    program.instructions("mp_map_lookup")
    program.calls("weft_map_replace", "weft_map_probe")

Only what is needed of the format: the table of symbols, and the sections' bytes. Constants that lie
between a function's instructions are told by the marks that Arm's ABI asks for ($t and $d).
"""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from weft.boards.errors import ImageError

_FIRST_BYTES = b"\x7fELF\x01"
_SECTION = struct.Struct("<10I")
_SYMBOL = struct.Struct("<3I2BH")
_HAS_BYTES = 1
_SYMBOL_TABLE = 2
_OBJECT = 1
_FUNCTION = 2
_FILE = 4
_LONG = 0b11101  # the first five bits of an instruction of 32 bits are this or greater
_CALL = 0b11110


@dataclass(frozen=True)
class _Section:
    kind: int
    address: int
    offset: int
    size: int
    link: int


@dataclass(frozen=True)
class _Symbol:
    name: str
    file: str
    address: int
    size: int
    kind: int


class Symbols:
    """The functions of one ELF file. Raises ImageError for what is not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._raw = path.read_bytes()
        except OSError as error:
            raise ImageError(f"{path} can't be read: {error.strerror}.") from None
        if not self._raw.startswith(_FIRST_BYTES):
            raise ImageError(f"{path} is no ELF file of 32 bits.")
        self._sections = list(self._read_sections())
        symbols = list(self._read_symbols())
        self._functions = [symbol for symbol in symbols if symbol.kind == _FUNCTION]
        self._objects = [symbol for symbol in symbols if symbol.kind == _OBJECT]
        marks = (symbol for symbol in symbols if symbol.name in ("$t", "$d"))
        self._marks = sorted((symbol.address, symbol.name == "$t") for symbol in marks)

    def address(self, place: str) -> int:
        """Return the address of "function", "function+0x10", "file.c:function" or "0x10001234"."""
        name, _, offset = place.partition("+")
        try:
            base = int(name, 0) if name[:1].isdecimal() else self._find(name).address
            return base + int(offset or "0", 0)
        except ValueError:
            raise ImageError(f"{place!r} is no place: give a function, or function+0x10.") from None

    def object(self, name: str) -> int:
        """Return the address of a variable."""
        for symbol in self._objects:
            if symbol.name == name:
                return symbol.address
        raise ImageError(f"{self._path} has no variable {name}.")

    def instructions(self, name: str) -> list[int]:
        """Return the addresses of all instructions of a function."""
        return [address for address, _ in self._code(name)]

    def calls(self, name: str, callee: str) -> list[int]:
        """Return the addresses at which a function calls another."""
        target = self._find(callee).address
        return [
            address
            for address, word in self._code(name)
            if word >> 27 == _CALL and _call_target(address, word) == target
        ]

    def _find(self, name: str) -> _Symbol:
        file, _, own = name.rpartition(":")
        found = {
            symbol.address: symbol
            for symbol in self._functions
            if symbol.name == own and file in ("", symbol.file)
        }
        if not found:
            raise ImageError(f"{self._path} has no function {name}.")
        if len(found) > 1:
            files = ", ".join(sorted(f"{symbol.file}:{own}" for symbol in found.values()))
            raise ImageError(f"{self._path} has several functions {own}: {files}.")
        return found.popitem()[1]

    def _code(self, name: str) -> Iterator[tuple[int, int]]:
        """Give each instruction's address, and its first half above its second."""
        symbol = self._find(name)
        section = next(
            section
            for section in self._sections
            if section.kind == _HAS_BYTES
            and section.address <= symbol.address < section.address + section.size
        )
        at, end = symbol.address, symbol.address + symbol.size
        while at < end:
            if not self._is_code(at):
                at += 2
                continue
            place = section.offset + at - section.address
            first, second = struct.unpack_from("<2H", self._raw.ljust(place + 4, b"\0"), place)
            yield at, first << 16 | second
            at += 4 if first >> 11 >= _LONG else 2

    def _is_code(self, address: int) -> bool:
        before = bisect.bisect(self._marks, (address, True)) - 1
        return before < 0 or self._marks[before][1]

    def _read_sections(self) -> Iterator[_Section]:
        (start,) = struct.unpack_from("<I", self._raw, 32)
        size, count = struct.unpack_from("<HH", self._raw, 46)
        for index in range(count):
            fields = _SECTION.unpack_from(self._raw, start + index * size)
            yield _Section(fields[1], fields[3], fields[4], fields[5], fields[6])

    def _read_symbols(self) -> Iterator[_Symbol]:
        for table in self._sections:
            if table.kind != _SYMBOL_TABLE:
                continue
            names, file = self._sections[table.link].offset, ""
            for at in range(table.offset, table.offset + table.size, _SYMBOL.size):
                name, address, size, info, _, _ = _SYMBOL.unpack_from(self._raw, at)
                text = self._raw[names + name : self._raw.index(b"\0", names + name)].decode()
                if info & 15 == _FILE:
                    file = text
                is_local = info >> 4 == 0
                yield _Symbol(text, file if is_local else "", address & ~1, size, info & 15)


def _call_target(address: int, word: int) -> int:
    """Where a BL goes (ARM DDI 0419, A6.7.13)."""
    high, low = word >> 16, word & 0xFFFF
    sign = high >> 10 & 1
    one, two = (1 ^ sign ^ low >> bit & 1 for bit in (13, 11))
    offset = -sign << 24 | one << 23 | two << 22 | (high & 0x3FF) << 12 | (low & 0x7FF) << 1
    return (address + 4 + offset) & 0xFFFFFFFF
