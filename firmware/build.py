"""Builds firmware: `weft build unix`, and `firmware_for(target)` for a board that needs it.

What always holds: a build is found in the cache again by what went into it (MicroPython's sources,
this folder, the runtime), so nothing is built twice and nothing stale is run; a
build that failed leaves nothing behind but its log. MicroPython's tree is never written to.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from weft.firmware import sources

FIRMWARE = Path(__file__).resolve().parent
BUILD_TIMEOUT_S = 1800
Report = Callable[[str], None]


class BuildError(Exception):
    """Firmware can't be built; the message says what happened and what to do."""


@dataclass(frozen=True)
class Target:
    """One kind of firmware: a variant of MicroPython's unix port, which is a program to run."""

    name: str
    variant: str
    uses_runtime: bool


TARGETS = {
    target.name: target
    for target in (
        Target("unix", variant="unix/weft", uses_runtime=True),
        Target("unix-stock", variant="unix/stock", uses_runtime=False),
    )
}


def runtime_folder() -> Path:
    """Return the C runtime's folder, which is a sibling in a checkout and in an installed copy."""
    folder = FIRMWARE.parent / "runtime"
    if not (folder / "include" / "weft.h").is_file():
        raise BuildError(
            f"{folder}/include/weft.h is missing; install weft anew, or run from a complete "
            "checkout."
        )
    return folder


def micropython_tree(named: Path | None) -> Path:
    """Return the tree to build from: `named`, else MICROPY_DIR, else Debian's package."""
    own = named or (Path(os.environ["MICROPY_DIR"]) if os.environ.get("MICROPY_DIR") else None)
    if own is None:
        return sources.unpacked(sources.MICROPYTHON)
    if not (own / "ports" / "unix" / "Makefile").is_file():
        raise BuildError(f"{own} is no MicroPython tree: ports/unix/Makefile is missing.")
    return own.resolve()


def firmware_for(
    name: str, *, micropython: Path | None = None, report: Report = lambda line: None
) -> Path:
    """Return the firmware file of target `name`, building it if it isn't in the cache.

    `report` gets a line for each step that takes time. Raises BuildError or SourceError.
    """
    target = TARGETS[name]
    _check_tools()
    tree = micropython_tree(micropython)
    folder = sources.cache_folder() / "firmware" / f"{name}-{_key(target, tree)}"
    product = folder / "micropython"
    with sources.locked(folder):
        if not product.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            compiler = cross_compiler(tree, report)
            report(f"Building the firmware {name} (once, about half a minute) ...")
            _build_unix(target, tree, compiler, product)
    return product


def _check_tools() -> None:
    missing = [tool for tool in ("make", "gcc", "python3") if shutil.which(tool) is None]
    if missing:
        raise BuildError(
            f"{', '.join(missing)} not found; install the tools with "
            "'apt-get install build-essential dpkg-dev python3'."
        )


def _key(target: Target, tree: Path) -> str:
    folders = [FIRMWARE / "unix", FIRMWARE / "python", FIRMWARE / "modules"]
    if target.uses_runtime:
        folders.append(runtime_folder())
    digest = hashlib.sha256(_tree_identity(tree))
    for path in _files(folders):
        name = path.relative_to(FIRMWARE.parent)
        digest.update(str(name).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files(folders: Iterable[Path]) -> list[Path]:
    wanted = (".c", ".h", ".py", ".mk", ".S")
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in wanted)


def _tree_identity(tree: Path) -> bytes:
    """Name the tree's contents: Debian's by its hash, one's own by its files' sizes and times."""
    if tree.parent == sources.cache_folder() / "unpacked":
        return tree.name.encode()
    parts = (tree / "py", tree / "shared", tree / "extmod", tree / "ports" / "unix")
    stats = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in _files(parts)]
    return repr(stats).encode()


def cross_compiler(tree: Path, report: Report) -> Path:
    """Return mpy-cross, which turns the frozen Python modules into bytecode."""
    name = hashlib.sha256(_tree_identity(tree)).hexdigest()[:16]
    folder = sources.cache_folder() / "firmware" / f"mpy-cross-{name}"
    product = folder / "mpy-cross"
    with sources.locked(folder):
        if not product.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            report("Building mpy-cross (once, about a quarter of a minute) ...")
            _make(tree / "mpy-cross", {}, product)
    return product


def _build_unix(target: Target, tree: Path, compiler: Path, product: Path) -> None:
    variables = {
        "VARIANT_DIR": str(FIRMWARE / target.variant),
        "MICROPY_MPYCROSS": str(compiler),
    }
    if target.uses_runtime:
        variables["USER_C_MODULES"] = str(FIRMWARE / "modules")
        variables["WEFT_RUNTIME"] = str(runtime_folder())
    _make(tree / "ports" / "unix", variables, product)


def _make(folder: Path, variables: dict[str, str], product: Path) -> None:
    """Run make in a build folder of its own and keep only the product and, on failure, the log."""
    log = product.with_suffix(".log")
    with tempfile.TemporaryDirectory(prefix="weft-build-") as build:
        settings = {"BUILD": build, "PROG": product.name, **variables}
        command = ["make", "-C", str(folder), f"-j{os.cpu_count() or 1}"]
        command += [f"{key}={value}" for key, value in settings.items()]
        with log.open("wb") as output:
            try:
                done = subprocess.run(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=BUILD_TIMEOUT_S,
                )
            except subprocess.TimeoutExpired:
                raise BuildError(
                    f"make did not end within {BUILD_TIMEOUT_S} s; its log is {log}."
                ) from None
        if done.returncode != 0:
            lines = log.read_text(errors="replace").splitlines()
            first = next(
                (line for line in lines if re.search(r"error: |Error \d", line)), "no line"
            )
            raise BuildError(f"the build failed: {first.strip()} (the whole log is {log}).")
        partial = product.with_suffix(".partial")
        shutil.copy2(Path(build) / product.name, partial)
        partial.replace(product)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `weft build`."""
    parser = subparsers.add_parser(
        "build",
        help="build the firmware of a board",
        description="Build firmware and print its path. The second time it comes from the cache.",
        epilog="example: weft build unix --output ./micropython",
    )
    parser.add_argument("target", choices=sorted(TARGETS), help="what to build")
    parser.add_argument(
        "--micropython",
        type=Path,
        metavar="DIR",
        help="a MicroPython tree of your own, instead of Debian's (also: MICROPY_DIR)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="copy the firmware to FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry out `weft build`."""
    try:
        product = firmware_for(
            arguments.target,
            micropython=arguments.micropython,
            report=lambda line: print(line, file=sys.stderr),
        )
        if arguments.output:
            shutil.copy2(product, arguments.output)
            product = arguments.output
    except (BuildError, sources.SourceError, OSError) as error:
        print(f"weft build: {error}", file=sys.stderr)
        return 1
    print(product)
    return 0
