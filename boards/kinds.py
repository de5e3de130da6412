"""What boards there are: one TOML file a kind in kinds/, read into a BoardKind.

A board is data. A new one is a new file; code reads the fields and knows no board by name.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weft.boards.errors import BoardError

KINDS_FOLDER = Path(__file__).with_name("kinds")
FIRMWARE_KINDS = ("weft", "stock", "any")


@dataclass(frozen=True)
class FlashData:
    """How a board takes new firmware. Which fields count depends on `method`."""

    method: str
    family_id: int = 0
    drive: str = ""
    bootloader_usb_id: str = ""
    chip: str = ""
    offset: int = 0


@dataclass(frozen=True)
class BoardKind:
    """One kind of board. `cores` is 0 when only the running board can tell.

    `build` is the target of `weft build` that makes weft's firmware for it, if weft has one.
    """

    name: str
    title: str
    chip: str
    cores: int
    firmware: str
    build: str = ""
    baud_rate: int = 115200
    usb_ids: tuple[str, ...] = ()
    flash: FlashData | None = None
    process: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_virtual(self) -> bool:
        """Whether the board is a process that weft starts itself."""
        return bool(self.process)


def load_kind(path: Path) -> BoardKind:
    """Read one file. Raises BoardError if a field is missing, unknown or of the wrong type."""
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        flash = data.pop("flash", None)
        usb_ids = tuple(data.pop("usb_ids", ()))
        kind = BoardKind(**data, usb_ids=usb_ids, flash=FlashData(**flash) if flash else None)
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise BoardError(f"The board file {path} is wrong: {error}.") from None
    if kind.firmware not in FIRMWARE_KINDS:
        raise BoardError(
            f"The board file {path} is wrong: firmware must be one of {', '.join(FIRMWARE_KINDS)}."
        )
    return kind


def all_kinds() -> dict[str, BoardKind]:
    """Return every kind, by name."""
    names = sorted(path.stem for path in KINDS_FOLDER.glob("*.toml"))
    return {name: load_kind(KINDS_FOLDER / f"{name}.toml") for name in names}


def kind_named(name: str) -> BoardKind:
    """Return one kind. Raises BoardError that lists the known ones."""
    path = KINDS_FOLDER / f"{name}.toml"
    if "/" not in name and path.is_file():
        return load_kind(path)
    known = all_kinds()
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}? The" if close else "the"
    raise BoardError(f"There is no board {name!r}; {hint} known ones are {', '.join(known)}.")
