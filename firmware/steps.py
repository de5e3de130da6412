"""What every build of firmware shares: the cache, the log, MicroPython's tree and its mpy-cross.

What always holds: a result's name in the cache tells what went into it. So nothing is built twice
and nothing stale is run. A result that is half done is never found. A failed build leaves only its
log behind. MicroPython's tree is never written to.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from weft.firmware import sources

FIRMWARE = Path(__file__).resolve().parent
LIMIT_S = 1800
SOURCE_SUFFIXES = frozenset(
    (".c", ".cmake", ".csv", ".h", ".ld", ".mk", ".py", ".pio", ".s", ".S", ".toml", ".txt")
)
FIRST_ERROR = re.compile(
    r"\berror: |\bError \d|^error |freeze error|CMake Error|undefined reference|"
    r"multiple definition|overflowed by"
)
Report = Callable[[str], None]


class BuildError(Exception):
    """Firmware can't be built; the message says what happened and what to do."""


def silent(line: str) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Build:
    """A build under way: a folder to work in, the folder that takes the results, and the log."""

    scratch: Path
    results: Path
    log: Path

    def run(self, words: Sequence[object], environment: Mapping[str, str] | None = None) -> None:
        """Run a command and log what it prints. Raises BuildError that quotes the first error."""
        command = [str(word) for word in words]
        with self.log.open("ab") as output:
            output.write(f"+ {shlex.join(command)}\n".encode())
            output.flush()
            start = output.tell()
            try:
                done = subprocess.run(
                    command,
                    cwd=self.scratch,
                    env=os.environ | dict(environment or {}),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=LIMIT_S,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise BuildError(
                    f"{command[0]} did not end within {LIMIT_S} s; its log is {self.log}."
                ) from None
        if done.returncode != 0:
            printed = self.log.read_bytes()[start:].decode(errors="replace")
            problem = first_error(printed) or f"{command[0]} ended with {done.returncode}"
            raise BuildError(f"the build failed: {problem} (the whole log is {self.log}).")


@dataclass(frozen=True)
class Target(ABC):
    """One kind of firmware, which `weft build NAME` builds."""

    name: str

    port: ClassVar[str]  # the port's folder in MicroPython's ports/
    port_file: ClassVar[str]  # what tells that the port is there
    product: ClassVar[str]  # the file that a build gives
    compiler: ClassVar[str]
    duration: ClassVar[str]

    @abstractmethod
    def check(self) -> None:
        """Raise BuildError if a tool is missing, or a part of weft."""

    @abstractmethod
    def folders(self) -> list[Path]:
        """Return the folders of weft that go into the firmware."""

    @abstractmethod
    def settings(self) -> list[str]:
        """Return what else goes into it, in words."""

    @abstractmethod
    def build(self, build: Build, tree: Path, mpy_cross: Path) -> None:
        """Put the product into the results. Raises BuildError or SourceError."""


def first_error(output: str) -> str:
    """Return the line that says what went wrong, with the text of CMake's; "" if nothing does."""
    lines = output.splitlines()
    for number, line in enumerate(lines):
        if FIRST_ERROR.search(line):
            words = [line.strip()]
            if "CMake Error" in line:
                words += _indented(lines[number + 1 :])
            return " ".join(words)
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _indented(lines: Iterable[str]) -> Iterator[str]:
    """Give the lines of the paragraphs that are indented, as CMake prints its messages."""
    for line in lines:
        if line and not line.startswith(" "):
            return
        if line.strip():
            yield line.strip()


def cached(name: str, key: str, fill: Callable[[Build], None]) -> Path:
    """Return the folder NAME-KEY of the cache; the first time, `fill` puts its results there."""
    folder = sources.cache_folder() / "firmware" / f"{name}-{key}"
    with sources.locked(folder):
        if not folder.is_dir():
            log = folder.with_suffix(".log")
            log.unlink(missing_ok=True)
            with tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as place:
                build = Build(Path(place), Path(place) / "results", log)
                build.results.mkdir()
                fill(build)
                build.results.rename(folder)
    return folder


def key(words: Iterable[str], folders: Iterable[Path]) -> str:
    """Name a build by words and by the names and contents of all source files in folders."""
    digest = hashlib.sha256("\n".join(words).encode())
    for folder in folders:
        for path in source_files([folder]):
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def source_files(folders: Iterable[Path]) -> list[Path]:
    """Return the files from which something is built; a "folder" may be one file."""
    found = (path for folder in folders for path in (folder, *folder.rglob("*")))
    return sorted(path for path in found if path.suffix in SOURCE_SUFFIXES)


def builders(*names: str) -> str:
    """Name the contents of these modules of this folder, and of this one: they change results."""
    paths = (FIRMWARE / name for name in ("steps.py", *names))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def version() -> str:
    """Return weft's version, which a firmware tells."""
    return importlib.metadata.version("weft")


def version_of(compiler: str) -> str:
    """Return what a compiler says of itself."""
    words = [compiler, "--version"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def missing_tools(tools: Iterable[str]) -> list[str]:
    """Return the tools that are not on the path."""
    return [tool for tool in tools if shutil.which(tool) is None]


def weft_folder(folder: Path, file: str) -> Path:
    """Return a folder of weft, in a checkout or an installed copy, that has to hold `file`."""
    if not (folder / file).is_file():
        raise BuildError(
            f"{folder}/{file} is missing; install weft anew, or run from a complete checkout."
        )
    return folder


def runtime_folder() -> Path:
    """Return the C runtime's folder, which is a sibling in a checkout and in an installed copy."""
    return weft_folder(FIRMWARE.parent / "runtime", "include/weft.h")


def micropython_tree(named: Path | None, port: str, port_file: str) -> Path:
    """Return the tree to build a port from: `named`, else MICROPY_DIR, else Debian's package."""
    own = named or (Path(os.environ["MICROPY_DIR"]) if os.environ.get("MICROPY_DIR") else None)
    if own is None:
        return sources.unpacked(sources.MICROPYTHON)
    if not (own / "ports" / port / port_file).is_file():
        raise BuildError(f"{own} is no MicroPython tree: ports/{port}/{port_file} is missing.")
    return own.resolve()


def tree_identity(tree: Path, *folders: str) -> str:
    """Name the tree's contents: Debian's by its hash, one's own by its files' sizes and times."""
    if tree.parent == sources.cache_folder() / "unpacked":
        return tree.name
    parts = ("py", "shared", "extmod", "drivers", "tools", "mpy-cross", *folders)
    stats = [
        (str(path), path.stat().st_size, path.stat().st_mtime_ns)
        for path in source_files(tree / part for part in parts)
    ]
    return repr(stats)


def cross_compiler(tree: Path, report: Report) -> Path:
    """Return mpy-cross, which turns the frozen Python modules into bytecode."""

    def fill(build: Build) -> None:
        report("Building mpy-cross (once, about a quarter of a minute) ...")
        make(build, tree / "mpy-cross", {}, "mpy-cross")

    name = key([tree_identity(tree), version_of("gcc"), builders()], [])
    return cached("mpy-cross", name, fill) / "mpy-cross"


def make(build: Build, folder: Path, variables: Mapping[str, object], product: str) -> None:
    """Run make in the scratch folder, and put the product into the results."""
    place = build.scratch / "build"
    settings = {"BUILD": place, "PROG": product, **variables}
    words = [f"{name}={value}" for name, value in settings.items()]
    build.run(["make", "-C", folder, f"-j{os.cpu_count() or 1}", *words])
    shutil.copy2(place / product, build.results)
