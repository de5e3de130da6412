"""The Pythons that tests/run.py tests under: one of each version that this machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True)
class Python:
    """An interpreter: its version, as in "3.11", and its executable."""

    version: str
    executable: str


def find_pythons(folder: Path) -> list[Python]:
    """Return one interpreter a version, the oldest first; at least two.

    If there is only one here, uv fetches another; `folder` is for uv. Raises SystemExit.
    """
    found: dict[str, Python] = {}
    for executable in candidates():
        version = version_of(executable)
        if version in VERSIONS and version not in found:
            found[version] = Python(version, executable)
    if len(found) == 1:
        (only,) = found.values()
        python = fetch_python("3.13" if only.version != "3.13" else "3.12", only, folder)
        found[python.version] = python
    if not found:
        raise SystemExit("tests/run.py: weft needs Python 3.11 or later, and there is none here.")
    return [found[version] for version in VERSIONS if version in found]


def candidates() -> list[str]:
    """Return paths that may be interpreters: the running one, those on the PATH, pyenv's."""
    paths = [sys.executable]
    paths += [path for version in VERSIONS if (path := shutil.which(f"python{version}"))]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    if pyenv.is_dir():
        paths += [str(path / "bin" / "python") for path in sorted(pyenv.iterdir())]
    return paths


def version_of(executable: str) -> str:
    """Return the version in the form "3.11", "" if it is no working CPython."""
    code = "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"
    try:
        output = subprocess.run(
            [executable, "-c", code], capture_output=True, text=True, timeout=60
        ).stdout
    except OSError:
        return ""
    version, _, name = output.strip().partition(" ")
    return version if name == "cpython" else ""


def fetch_python(version: str, by: Python, folder: Path) -> Python:
    """Fetch another Python with uv. Raises SystemExit if that can't be had."""
    uv = str(folder / "bin" / "uv")
    try:
        subprocess.run([by.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "uv"], check=True)
        subprocess.run([uv, "python", "install", version], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(
            f"tests/run.py: the tests run under at least two versions of Python, and here is only "
            f"{by.version} ({error}): install another one and run it again."
        ) from None
    found = subprocess.run([uv, "python", "find", version], capture_output=True, text=True)
    return Python(version, found.stdout.strip())
