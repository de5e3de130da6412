"""Runs a package's own tests over plain Python and over weft: `python tests/upstream/packages.py`.

Over weft no test may fail that passes over plain Python. The package comes from PyPI, as a source
distribution, and runs in two environments at the same time, which takes three to four minutes: so
no test of CI runs this. Words after the package go to pytest:

    python tests/upstream/packages.py watchdog tests/test_skip_repeats_queue.py
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from cpython_suites import make_environment, put_in_place

LIMIT_S = 1200


@dataclass(frozen=True)
class Package:
    """A source distribution with tests, and what they need besides pytest."""

    source: str
    needs: tuple[str, ...]


PACKAGES = {
    "watchdog": Package("watchdog==7.1.0", ("flaky", "pytest-timeout", "PyYAML")),
}


def unpack(package: Package, folder: Path) -> Path:
    """Download the source distribution; return the folder that it unpacks to."""
    name = package.source.partition("==")[0]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-binary", name, package.source], cwd=folder, check=True)
    (archive,) = folder.glob(f"{name}-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def begin(package: Package, source: Path, folder: Path, over_weft: bool, words: list[str]) -> Run:
    """Start the package's tests in an environment of their own."""
    python = make_environment(folder / "environment", with_pip=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "pytest", *package.needs]
    subprocess.run(pip, check=True)
    if over_weft:
        put_in_place(python)
    report = folder / "report.xml"
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:weft_boards"]
    command += ["-o", "addopts=", "--timeout", "120", f"--junit-xml={report}", *words]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=source, stdout=output, stderr=subprocess.STDOUT)
    return Run(process, report)


@dataclass(frozen=True)
class Run:
    """Tests that run, and the report that they will write."""

    process: subprocess.Popen[bytes]
    report: Path

    def outcomes(self) -> dict[str, str]:
        """Wait for the end; return for each test "passed", "failed" or "skipped"."""
        self.process.wait(LIMIT_S)
        found = {}
        for case in ElementTree.parse(self.report).iter("testcase"):
            kinds = {child.tag for child in case}
            failed = kinds & {"failure", "error"}
            outcome = "failed" if failed else "skipped" if "skipped" in kinds else "passed"
            found[f"{case.get('classname')}::{case.get('name')}"] = outcome
        return found


def main() -> int:
    """Run the tests twice; 0 if weft makes none of them fail."""
    parser = argparse.ArgumentParser(description="Run a package's own tests over weft.")
    parser.add_argument("package", choices=PACKAGES, nargs="?", default="watchdog")
    parser.add_argument("pytest", nargs="*", help="words for pytest")
    arguments = parser.parse_args()
    package = PACKAGES[arguments.package]
    with tempfile.TemporaryDirectory(prefix="weft-packages-") as name:
        runs = []
        for over_weft in (False, True):
            folder = Path(name) / ("weft" if over_weft else "plain")
            folder.mkdir()
            source = unpack(package, folder)
            runs.append(begin(package, source, folder, over_weft, arguments.pytest))
        plain, weft = (run.outcomes() for run in runs)
    for where, outcomes in (("plain Python", plain), ("weft", weft)):
        counts = [list(outcomes.values()).count(kind) for kind in ("passed", "failed", "skipped")]
        print("{}: {} passed, {} failed, {} skipped".format(where, *counts))
    worse = [test for test in weft if weft[test] == "failed" and plain.get(test) != "failed"]
    for test in worse:
        print(f"fails over weft only: {test}")
    return 1 if worse or not weft else 0


if __name__ == "__main__":
    sys.exit(main())
