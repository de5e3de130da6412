#!/usr/bin/env python3
"""Sets up and runs all tests: `python3 tests/run.py`. CI runs the same.

The tests are in groups. A group has a Python, whose virtual environment has weft installed in it, a
prepare.py in its folder if it needs more than pip installs (Debian packages, firmware), and its
pytest run. The Python groups run under every Python from 3.11 to 3.14 that this machine has; if
that is only one, uv fetches another.

Two groups run at a time, and what a group prints is shown in one piece once it has ended. A group
that is alone is shown as it runs. The first one that fails ends the run.

What is made lies in .weft/ (environments, reports, outputs); what was downloaded, in the user's
cache.
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
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from pythons import Python, find_pythons

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".weft"
JOBS = 2
LIMIT_S = 90 * 60
"""No command takes longer, on a machine five times as slow as usual; one that does is ended."""
PROGRESS_S = 60
HOUSE = ("house", "format", "groups")
PARALLEL = ("-n", "2", "--dist", "loadgroup")
"""pytest's words for a group whose tests can run two at a time."""


class Failure(Exception):
    """Why the run ends, in one sentence."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment: its interpreter, and the extras of weft's that pip adds."""

    python: Python
    extras: str = "test"


@dataclass(frozen=True)
class Group:
    """Tests that run together: their folders, the environment, their usual time, pytest's words.

    The time is that of the whole group on two quiet cores, in minutes, without what is set up.
    """

    name: str
    folders: Sequence[str]
    environment: Environment
    minutes: float
    pytest: Sequence[str] = ()

    def file(self, folder: str, ending: str) -> Path:
        """Return a file of the group's in a folder of .weft/, which is made."""
        path = WORK / folder / f"{self.name.replace(' ', '-')}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def main() -> int:
    """Run the groups; 0 if all passed."""
    # A job in the background starts with Ctrl-C ignored, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # which ends all that runs
    arguments = parse()
    pythons = find_pythons(WORK / "environments" / "uv")
    if arguments.python:
        pythons = [python for python in pythons if python.version in arguments.python]
    groups = plan(pythons) if pythons else []
    if arguments.list:
        for group in groups:
            print(f"{group.minutes:5.1f} min  {group.name:12}  {' '.join(group.folders)}")
        return 0
    if arguments.group:
        groups = [group for group in groups if group.name in arguments.group]
    if not groups:
        print("tests/run.py: no such group: `tests/run.py --list` lists them.", file=sys.stderr)
        return 2
    install_system_needs()
    return Run(groups, arguments.pytest, arguments.jobs).run()


def parse() -> argparse.Namespace:
    """Return the command line's words."""
    parser = argparse.ArgumentParser(
        description="Set up and run weft's tests.",
        epilog="example: tests/run.py --group runtime -- -k thread-sanitizer",
    )
    parser.add_argument("--group", action="append", help="only this group (may be repeated)")
    parser.add_argument("--python", action="append", help="only this version, such as 3.12")
    parser.add_argument("--jobs", type=int, default=JOBS, help="groups at a time (%(default)s)")
    parser.add_argument(
        "--list", action="store_true", help="list the groups, with their usual time"
    )
    parser.add_argument("pytest", nargs="*", help="words for pytest, after --")
    return parser.parse_args()


def plan(pythons: Sequence[Python]) -> list[Group]:
    """Return the groups in the order in which they start: the quickest to fail, then the longest.

    The longest builds the firmware, which the others find in the cache. So are a group's folders
    ordered, for pytest: the tests that wait long come first.
    """
    first, *others = pythons
    main = Environment(first, "test,runtime-test,virtual")
    environments = [main, *(Environment(python) for python in others)]
    by_python = ["tests/upstream", "tests/examples", "tests/bindings", "tests/conformance"]
    return [
        Group("house", [f"tests/test_{name}.py" for name in HOUSE], main, 0.5),
        Group("pico", ["tests/pico"], main, 16, PARALLEL),
        *(
            Group(f"python {environment.python.version}", by_python, environment, 1.5, PARALLEL)
            for environment in environments
        ),
        Group("runtime", ["tests/runtime"], main, 7, PARALLEL),
        Group("boards", ["tests/boards", "tests/firmware"], main, 4, PARALLEL),
        Group("fuzz", ["tests/fuzz"], main, 1.5, PARALLEL),
        Group("virtual", ["tests/virtual"], main, 2, PARALLEL),
    ]


class Run:
    """Groups that run at a time. All that they start has ended when run() returns."""

    def __init__(self, groups: Sequence[Group], pytest: Sequence[str], jobs: int) -> None:
        self._groups = groups
        self._pytest = pytest
        self._jobs = jobs
        self._is_shown = len(groups) == 1 or jobs == 1  # as it runs
        self._started: dict[str, float] = {}
        self._seconds: dict[str, float] = {}
        self._preparing = threading.Lock()  # apt-get runs once at a time, and a build has all cores
        self._installing = {group.environment: threading.Lock() for group in groups}
        self._lock = threading.Lock()  # guards _live and _is_over
        self._live: set[subprocess.Popen[bytes]] = set()
        self._is_over = False

    def run(self) -> int:
        """Run the groups, and say how each went; return the exit status."""
        with ThreadPoolExecutor(self._jobs) as pool:
            futures = {pool.submit(self._run_group, group): group for group in self._groups}
            try:
                failed = self._await_all(futures)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
                self._end()
        if failed is None:
            say("all groups passed")
            for name, seconds in self._seconds.items():
                print(f"{seconds:6.0f} s  {name}")
        else:
            group, why = failed
            say(f"{group.name} failed: {why}")
            print(f"again: python3 tests/run.py --group {shlex.quote(group.name)}")
        print(f"groups: {len(self._seconds)} passed, {0 if failed is None else 1} failed")
        return 0 if failed is None else 1

    def _await_all(self, futures: dict[Future[None], Group]) -> tuple[Group, Failure] | None:
        """Show each group as it ends; return the first that failed, and why."""
        waiting = set(futures)
        while waiting:
            ended, waiting = wait(waiting, PROGRESS_S, FIRST_COMPLETED)
            for future in ended:
                group = futures[future]
                seconds = time.monotonic() - self._started[group.name]
                if not self._is_shown:
                    say(f"{group.name}: its output, {seconds:.0f} s")
                    print(group.file("outputs", ".txt").read_text("utf-8", "replace"), flush=True)
                try:
                    future.result()
                except Failure as failure:
                    return group, failure
                self._seconds[group.name] = seconds
                say(f"[{len(self._seconds)}/{len(futures)}] {group.name} passed")
            if not ended and not self._is_shown:
                names = (futures[future].name for future in waiting if future.running())
                print(f"     under way: {', '.join(sorted(names))}", flush=True)
        return None

    def _run_group(self, group: Group) -> None:
        """Set up and run one group. Raises Failure."""
        self._started[group.name] = time.monotonic()
        say(f"{group.name} starts")
        group.file("outputs", ".txt").unlink(missing_ok=True)
        with self._installing[group.environment]:
            python = self._installed(group)
        for folder in group.folders:
            prepare = ROOT / folder / "prepare.py"
            if prepare.is_file():
                with self._preparing:
                    self._command(group, [python, str(prepare)], "its preparation failed")
        report = f"--junit-xml={group.file('reports', '.xml')}"
        pytest = [python, "-m", "pytest", *group.folders, report, *group.pytest, *self._pytest]
        self._command(group, pytest, "its tests failed")

    def _installed(self, group: Group) -> str:
        """Return the Python of its environment, with this checkout's weft freshly installed."""
        environment = group.environment
        folder = WORK / "environments" / environment.python.version
        python = folder / "bin" / "python"
        if not python.exists():
            command = [environment.python.executable, "-m", "venv", str(folder)]
            self._command(group, command, "no virtual environment")
        installed = folder / "installed"
        state = checkout_state()
        if not installed.exists() or installed.read_text("utf-8") != state:
            weft = f"{ROOT}[{environment.extras}]"
            pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
            self._command(group, [*pip, weft], "weft could not be installed")
            installed.write_text(state, "utf-8")
        return str(python)

    def _command(self, group: Group, command: Sequence[str], otherwise: str) -> None:
        """Run a command in the checkout; Failure with that sentence if it fails."""
        shown = "+ " + re.sub(re.escape(str(ROOT)) + "/", "", shlex.join(command))
        with contextlib.ExitStack() as stack:
            file = group.file("outputs", ".txt")
            output = None if self._is_shown else stack.enter_context(file.open("a"))
            print(shown, file=output, flush=True)
            with self._lock:
                if self._is_over:
                    raise Failure("another group ended the run")
                process = subprocess.Popen(
                    command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
                )
                self._live.add(process)
            try:
                status = process.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                raise Failure(f"{otherwise}: no end after {LIMIT_S // 60} minutes") from None
            finally:
                with self._lock:
                    self._live.discard(process)
                end_session(process)
        if status != 0:
            raise Failure(f"{otherwise} (exit status {status})")

    def _end(self) -> None:
        """End all that runs; nothing more starts."""
        with self._lock:
            self._is_over = True
            for process in self._live:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def install_system_needs() -> None:
    """Install what a build needs at all, where it is missing and this is Debian."""
    needs = {"gcc": "gcc", "make": "make"}
    missing = [package for program, package in needs.items() if shutil.which(program) is None]
    if subprocess.run(["/usr/bin/env", "python3", "-c", "import ensurepip"]).returncode != 0:
        missing += ["python3-venv", "python3-dev"]
    if not missing:
        return
    wanted = ", ".join(missing)
    if shutil.which("apt-get") is None:
        raise SystemExit(f"tests/run.py: this needs {wanted}: install them and run it again.")
    apt_get = [*([] if os.geteuid() == 0 else ["sudo"]), "apt-get"]
    for words in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        if subprocess.run([*apt_get, *words, "-qq"]).returncode != 0:
            raise SystemExit(f"tests/run.py: apt-get could not install {wanted}: see above.")


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


def end_session(process: subprocess.Popen[bytes]) -> None:
    """End whatever the command left running."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def say(line: str) -> None:
    """Print a line that stands out, after all that came before it."""
    print(f"\n==== {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
