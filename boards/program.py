"""A program for a board: its source, its arguments, the modules beside it, and how it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from weft.boards.beside import modules_beside, mounting
from weft.boards.standard_input import Wish, preparing, wish_of


@dataclass(frozen=True)
class Program:
    """What is sent to a board. `modules` are the files of `folder` that the program imports."""

    source: str
    name: str = "main.py"
    arguments: tuple[str, ...] = ()
    modules: Mapping[str, bytes] = field(default_factory=dict)
    folder: Path = Path()

    @classmethod
    def of_file(cls, path: Path, *arguments: str, name: str = "") -> Program:
        """Read a program and the modules beside it. Raises OSError, and UnicodeDecodeError."""
        source = path.read_text(encoding="utf-8")
        return cls(source, name or str(path), arguments, modules_beside(path), path.parent)

    @cached_property
    def input(self) -> Wish:
        """How the program wants its input."""
        return wish_of([self.source, *self.modules.values()])

    @property
    def preparation(self) -> list[str]:
        """What the board runs before the program."""
        argv = f"__import__('sys').argv[:] = {[self.name, *self.arguments]!r}\n"
        return [argv + preparing(self.input), *mounting(self.folder, self.modules)]
