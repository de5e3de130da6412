"""Where a core of the virtual Pico is to be held, so that a race is met where it is looked for.

    pico.stall(Stall.at(Symbols(elf), "weft_map_replace", every=3))

The words of `weft virtual pico --stall` are a place and options: "mp_map_lookup+0x12,every=3".
A place is a function, an instruction of it (function+0x12, 0x10001234), or all of its instructions
(function*). rp2040/stalls.mjs does it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from weft.boards.errors import VirtualBoardError
from weft.boards.virtual.symbols import Symbols

STALL_CYCLES = 20_000
"""As long as a hundred operations of Python."""


@dataclass(frozen=True)
class Stall:
    """Holds a core for some cycles before it executes one of these addresses.

    Of the times that a core comes there (0, 1, or either if None), each `every`th counts; of those,
    one in `chance` holds it, by the board's seed; `times` at most.
    """

    addresses: tuple[int, ...]
    cycles: int = STALL_CYCLES
    core: int | None = None
    every: int = 1
    chance: int = 1
    times: int | None = None

    @classmethod
    def at(cls, symbols: Symbols, place: str, **options: Any) -> Stall:
        """Return a stall at a place, as the module's text says. Raises ImageError."""
        if place.endswith("*"):
            return cls(tuple(symbols.instructions(place.removesuffix("*"))), **options)
        return cls((symbols.address(place),), **options)

    def fields(self) -> dict[str, Any]:
        """Return what the emulator is told."""
        if self.core not in (None, 0, 1) or min(self.cycles, self.every, self.chance) < 1:
            raise VirtualBoardError(
                f"{self} is no stall: core is 0 or 1, cycles, every and chance are 1 or more."
            )
        return asdict(self)


def parse_stall(text: str, image: Path | None) -> Stall:
    """Return the stall that words such as "mp_map_lookup+0x12,every=3" mean, for an image.

    The image is an ELF file, or has one beside it. Raises BoardError.
    """
    place, *words = text.split(",")
    options: dict[str, int] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name not in ("cycles", "core", "every", "chance", "times") or not value.isdecimal():
            raise VirtualBoardError(
                f"{word!r} is no option of a stall: cycles=N, core=N, every=N, chance=N, times=N."
            )
        options[name] = int(value)
    if place[:1].isdecimal():
        return Stall((int(place, 0),), **options)
    if image is None:
        raise VirtualBoardError(f"give --image: it says where {place} is.")
    return Stall.at(Symbols(image.with_suffix(".elf")), place, **options)
