"""Runs one of CPython's own suites over weft.

    python tests/upstream/cpython_suites.py SUITE [CASE]

The suites are those of the Python that runs this, in its Lib/test. They run in an environment made
for it, in which `import threading` and `import queue` give weft's modules in every interpreter.
Cases listed in left_out.toml are run one by one and have to fail. The last line says how many ran.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import tomllib
import unittest
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SUITES = ("lock_tests", "test_queue", "test_threading", "test_threading_local")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
SUITE_LIMIT = 1200
"""Seconds that a suite may take."""

CASE_LIMIT = 10
"""Seconds that a case which is left out may take: some of them hang."""


def left_out(suite: str) -> list[dict[str, Any]]:
    """Return the entries of left_out.toml for the suite on this Python."""
    entries: list[dict[str, Any]] = tomllib.loads((FOLDER / "left_out.toml").read_text("utf-8"))[
        "left_out"
    ]
    return [
        entry
        for entry in entries
        if entry["suite"] == suite and VERSION in entry.get("python", [VERSION])
    ]


# In the environment where weft has taken the place of the standard modules.


def case_name(case: unittest.TestCase) -> str:
    """Return Class.method, without what comes before."""
    return ".".join(case.id().split(".")[-2:])


def load(suite: str) -> Iterator[unittest.TestCase]:
    """Yield the cases of the suite that are about what weft brings."""
    import weft.queue
    import weft.threading

    # lock_tests has base classes only: test_threading has the cases, one class for each type.
    home = "test_threading" if suite == "lock_tests" else suite
    module: Any = importlib.import_module(f"test.{home}")
    cases = list(flatten(unittest.defaultTestLoader.loadTestsFromModule(module)))
    if home == "test_queue":
        # Each test comes for queue with and without its C part; weft takes the place of one.
        cases = [case for case in cases if getattr(case, "queue", None) is not module.py_queue]
        for case in cases:
            type(case).queue = weft.queue  # type: ignore[attr-defined]
    if home == "test_threading":
        module.CRLockTests.locktype = staticmethod(weft.threading.RLock)
        cases = [case for case in cases if not isinstance(case, module.PyRLockTests)]
        bases = (module.lock_tests.BaseTestCase, module.lock_tests.BaseLockTests)
        wanted = suite == "lock_tests"
        cases = [case for case in cases if isinstance(case, bases) is wanted]
    yield from cases


def flatten(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flatten(item)
        else:
            yield item


def run_inside(suite: str, only: str | None) -> int:
    """Run the suite without what is left out, or one case of it; return the exit status."""
    import threading

    assert threading.__name__ == "weft.threading"
    cases = list(load(suite))
    excluded = {entry["case"] for entry in left_out(suite)}
    unknown = excluded - {case_name(case) for case in cases}
    if unknown:
        print(f"left_out.toml names cases that {suite} of Python {VERSION} lacks: {unknown}")
        return 1
    if only is None:
        cases = [case for case in cases if case_name(case) not in excluded]
    else:
        cases = [case for case in cases if case_name(case) == only]
    result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(cases))
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun} run, {failed} failed, {len(result.skipped)} skipped")
    return 0 if cases and not failed else 1


# Outside, where the environment is made.


def make_environment(folder: Path, with_pip: bool = False) -> Path:
    """Make an environment; return its interpreter."""
    venv.EnvBuilder(symlinks=os.name != "nt", with_pip=with_pip).create(folder)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def put_in_place(python: Path) -> None:
    """Have weft's modules take the place of the standard ones in that environment."""
    import weft

    purelib = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    assert weft.__file__ is not None
    site_packages = Path(weft.__file__).parent.parent
    (Path(purelib) / "weft_in_place.pth").write_text(
        f"{site_packages}\n{FOLDER}\nimport replace\n", encoding="utf-8"
    )


def run_left_out(python: Path, suite: str) -> list[str]:
    """Run each case that is left out; return those that pass."""
    passed = []
    for entry in left_out(suite):
        if entry.get("sometimes"):
            continue
        command = [python, __file__, "--inside", suite, entry["case"]]
        try:
            finished = subprocess.run(command, capture_output=True, timeout=CASE_LIMIT)
        except subprocess.TimeoutExpired:
            continue
        if finished.returncode == 0:
            passed.append(entry["case"])
    return passed


def run_outside(suite: str, only: str | None) -> int:
    """Run the suite, or one case, in an environment made for it; return the exit status."""
    if importlib.util.find_spec(f"test.{suite}") is None:
        print(
            f"This Python has no test.{suite}. Install CPython's own tests: Debian and Ubuntu: "
            f"apt-get install libpython{VERSION}-testsuite",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory() as folder:
        python = make_environment(Path(folder))
        put_in_place(python)
        command = [str(python), __file__, "--inside", suite, *([only] if only else [])]
        try:
            status = subprocess.run(command, cwd=folder, timeout=SUITE_LIMIT).returncode
        except subprocess.TimeoutExpired:
            print(f"{suite} has not ended within {SUITE_LIMIT} s: the case named last hangs")
            return 1
        if only is None:
            passed = run_left_out(python, suite)
            print(f"{len(left_out(suite))} left out")
            for case in passed:
                print(f"{suite} {case} passes: take it off left_out.toml")
            status = status or bool(passed)
    return status


def main() -> int:
    parser = argparse.ArgumentParser(description="Run one of CPython's own suites over weft.")
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("case", nargs="?", help="only this one, such as ThreadTests.test_ident")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    run = run_inside if arguments.inside else run_outside
    return run(arguments.suite, arguments.case)


if __name__ == "__main__":
    sys.exit(main())
