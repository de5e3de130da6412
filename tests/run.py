#!/usr/bin/env python3
"""Sets up and runs all tests: `python3 tests/run.py`. CI runs the same.

The tests are in groups. A group has a virtual environment with weft installed in it, a prepare.py
in its folder if it needs more than pip installs (Debian packages, firmware), and its pytest run.
The Python groups run under every Python from 3.11 to 3.14 that this machine has; if that is only
one, uv fetches another. The first group that fails ends the run.

What is made lies in .weft/ (environments, reports); what was downloaded, in the user's cache.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".weft"
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
LIMIT_S = 20 * 60
"""No group takes longer; one that does hangs, and is ended."""
PARALLEL = ("-n", "2", "--dist", "loadgroup")
"""pytest's words for a group whose tests can run two at a time."""


class Failure(Exception):
    """Why the run ends, in one sentence."""


@dataclass(frozen=True)
class Python:
    """An interpreter: its version, as in "3.11", and its executable."""

    version: str
    executable: str


@dataclass(frozen=True)
class Group:
    """Tests that run together: their folders, the interpreter, what pip adds, pytest's words."""

    name: str
    folders: Sequence[str]
    python: Python
    extras: str = "test"
    pytest: Sequence[str] = ()


def main() -> int:
    """Run the groups; 0 if all passed."""
    # A job in the background starts with Ctrl-C ignored, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    arguments = parse()
    pythons = [python for python in find_pythons() if not chosen_out(arguments, python)]
    groups = plan(pythons)
    if arguments.list:
        print("\n".join(group.name for group in groups))
        return 0
    if arguments.group:
        groups = [group for group in groups if group.name in arguments.group]
    if not groups:
        print("tests/run.py: no such group: `tests/run.py --list` lists them.", file=sys.stderr)
        return 2
    taken: dict[str, float] = {}
    for number, group in enumerate(groups, 1):
        say(f"[{number}/{len(groups)}] {group.name}")
        start = time.monotonic()
        try:
            run_group(group, arguments.pytest)
        except Failure as failure:
            say(f"{group.name} failed: {failure}")
            print(f"again: python3 tests/run.py --group {shlex.quote(group.name)}")
            print(f"groups: {len(taken)} passed, 1 failed")
            return 1
        taken[group.name] = time.monotonic() - start
    say("all groups passed")
    for name, seconds in taken.items():
        print(f"{seconds:6.0f} s  {name}")
    print(f"groups: {len(taken)} passed, 0 failed")
    return 0


def parse() -> argparse.Namespace:
    """Return the command line's words."""
    parser = argparse.ArgumentParser(
        description="Set up and run weft's tests.",
        epilog="example: tests/run.py --group runtime -- -k thread-sanitizer",
    )
    parser.add_argument("--group", action="append", help="only this group (may be repeated)")
    parser.add_argument("--python", action="append", help="only this version, such as 3.12")
    parser.add_argument("--list", action="store_true", help="list the groups")
    parser.add_argument("pytest", nargs="*", help="words for pytest, after --")
    return parser.parse_args()


def plan(pythons: Sequence[Python]) -> list[Group]:
    """Return the groups in the order in which they run: the quickest to fail first."""
    first = pythons[0]
    groups = [Group("house", ["tests/test_house.py", "tests/test_format.py"], first)]
    groups += [
        Group(
            f"python {python.version}",
            ["tests/bindings", "tests/conformance", "tests/examples", "tests/outside"],
            python,
        )
        for python in pythons
    ]
    groups += [
        Group("runtime", ["tests/runtime"], first, extras="test,runtime-test"),
        Group("boards", ["tests/boards", "tests/firmware"], first),
        Group("virtual", ["tests/virtual"], first, extras="test,virtual"),
        Group("pico", ["tests/pico"], first, extras="test,virtual", pytest=PARALLEL),
    ]
    return groups


def run_group(group: Group, pytest_words: Sequence[str]) -> None:
    """Set up and run one group. Raises Failure."""
    python = environment(group)
    for folder in group.folders:
        prepare = ROOT / folder / "prepare.py"
        if prepare.is_file():
            run([python, str(prepare)], "its preparation failed")
    report = WORK / "reports" / f"{group.name.replace(' ', '-')}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    run(
        [
            *(python, "-m", "pytest", *group.folders),
            *(f"--junit-xml={report}", *group.pytest, *pytest_words),
        ],
        "its tests failed",
    )


def environment(group: Group) -> str:
    """Return the Python of the group's environment, with this checkout's weft freshly installed."""
    system_needs()
    folder = WORK / "environments" / f"{group.python.version}-{group.extras.replace(',', '-')}"
    python = folder / "bin" / "python"
    if not python.exists():
        run([group.python.executable, "-m", "venv", str(folder)], "no virtual environment")
    installed = folder / "installed"
    state = checkout_state()
    if not installed.exists() or installed.read_text("utf-8") != state:
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        run([*pip, f"{ROOT}[{group.extras}]"], "weft could not be installed")
        installed.write_text(state, "utf-8")
    return str(python)


def checkout_state() -> str:
    """Return what changes whenever a file that is installed does."""
    files = (
        path
        for folder in ("runtime", "bindings", "boards", "firmware")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    stats = ((path, path.stat()) for path in sorted([*files, ROOT / "pyproject.toml"]))
    return "\n".join(f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in stats)


def system_needs() -> None:
    """Install what a build needs at all, where it is missing and this is Debian."""
    needs = {"gcc": "gcc", "make": "make"}
    missing = [package for program, package in needs.items() if shutil.which(program) is None]
    if subprocess.run(["/usr/bin/env", "python3", "-c", "import ensurepip"]).returncode != 0:
        missing += ["python3-venv", "python3-dev"]
    if missing:
        install_packages(missing)


def install_packages(packages: Sequence[str]) -> None:
    """Install Debian packages."""
    if shutil.which("apt-get") is None:
        raise Failure(f"this needs {', '.join(packages)}: install them and run it again")
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    run([*sudo, "apt-get", "update", "-qq"], "apt-get could not read the package lists")
    run(
        [*sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        f"apt-get could not install {' '.join(packages)}",
    )


def find_pythons() -> list[Python]:
    """Return the interpreters to test, one a version, the oldest first; at least two."""
    found: dict[str, Python] = {}
    for executable in candidates():
        version = version_of(executable)
        if version in VERSIONS and version not in found:
            found[version] = Python(version, executable)
    if len(found) == 1:
        (only,) = found.values()
        python = fetch_python("3.13" if only.version != "3.13" else "3.12", only)
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


def fetch_python(version: str, by: Python) -> Python:
    """Fetch another Python with uv. Raises SystemExit if that can't be had."""
    folder = WORK / "environments" / "uv"
    uv = folder / "bin" / "uv"
    try:
        run([by.executable, "-m", "venv", str(folder)], "no virtual environment")
        run([str(folder / "bin" / "pip"), "install", "--quiet", "uv"], "uv can't be installed")
        run([str(uv), "python", "install", version], f"uv can't fetch Python {version}")
    except Failure as failure:
        raise SystemExit(
            f"tests/run.py: the tests run under at least two versions of Python, and here is only "
            f"{by.version} ({failure}): install another one and run it again."
        ) from None
    found = subprocess.run([str(uv), "python", "find", version], capture_output=True, text=True)
    return Python(version, found.stdout.strip())


def chosen_out(arguments: argparse.Namespace, python: Python) -> bool:
    """Whether the command line leaves out this Python."""
    return bool(arguments.python) and python.version not in arguments.python


def run(command: Sequence[str], otherwise: str) -> None:
    """Run a command in the checkout, its output shown; Failure with that sentence if it fails."""
    print("+", re.sub(re.escape(str(ROOT)) + "/", "", shlex.join(command)), flush=True)
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        status = process.wait(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise Failure(f"{otherwise}: no end after {LIMIT_S // 60} minutes") from None
    finally:
        end_group(process)
    if status != 0:
        raise Failure(f"{otherwise} (exit status {status})")


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End whatever the command left running."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def say(line: str) -> None:
    """Print a line that stands out, after all that came before it."""
    print(f"\n==== {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
