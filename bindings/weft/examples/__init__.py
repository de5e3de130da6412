"""The bundled examples: programs for this computer and for boards, standard library only.

The first line of an example's docstring says what it shows.
"""

from __future__ import annotations

import ast
import difflib
from pathlib import Path

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Return the names of all examples, those of the threading tour first."""
    found = [path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__"]
    return sorted(found, key=lambda name: (not name.startswith("threading_"), name))


def path_of(name: str) -> Path | None:
    """Return the file of the example, None if there is none of that name."""
    return FOLDER / f"{name}.py" if name in names() else None


def hint(name: str) -> str:
    """Return what to do about a name that no example has: the end of an error message."""
    close = difflib.get_close_matches(name, names(), n=1)
    return (f"did you mean {close[0]}? " if close else "") + "`weft examples` lists the examples."


def summary(name: str) -> str:
    """Return the line that says what the example shows."""
    docstring = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text("utf-8")))
    return (docstring or "").partition("\n")[0]
