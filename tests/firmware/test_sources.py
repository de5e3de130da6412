"""Packages come from the machine's own mirror, are checked by hash, and are fetched once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from weft.firmware import sources
from weft.firmware.sources import (
    MICROPYTHON,
    Package,
    SourceError,
    fetch,
    private_source_list,
    unpacked,
)


@pytest.fixture
def bookworm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that this machine runs Debian 12."""
    release = {"VERSION_CODENAME": "bookworm"}
    monkeypatch.setattr(sources.platform, "freedesktop_os_release", lambda: release)


@pytest.mark.usefixtures("bookworm")
@pytest.mark.parametrize(
    ("machine", "private"),
    [
        pytest.param(
            "# a comment\ndeb [arch=amd64 signed-by=/k.gpg] https://mirror.test/d bookworm main\n",
            "Types: deb deb-src\nURIs: https://mirror.test/d\nSuites: trixie\nComponents: main\n"
            "Signed-By: /k.gpg\n",
            id="one line",
        ),
        pytest.param(
            "deb https://other.test/x nodistro main\n\nTypes: deb\n# a comment\n"
            "URIs: https://mirror.test/d\nSuites: bookworm bookworm-updates\nComponents: main\n"
            "Signed-By: /k.gpg\n",
            "Types: deb deb-src\nURIs: https://mirror.test/d\nSuites: trixie\nComponents: main\n"
            "Signed-By: /k.gpg\n",
            id="deb822",
        ),
        pytest.param(
            "deb https://mirror.test/d bookworm main\n",
            "Types: deb deb-src\nURIs: https://mirror.test/d\nSuites: trixie\nComponents: main\n",
            id="without a key",
        ),
    ],
)
def test_the_private_list_changes_the_suite_only(machine: str, private: str) -> None:
    assert private_source_list(machine, "trixie") == private


@pytest.mark.usefixtures("bookworm")
def test_a_machine_without_debian_is_told_what_to_do() -> None:
    with pytest.raises(SourceError, match="--micropython DIR or MICROPY_DIR"):
        private_source_list("deb https://mirror.test/u noble main\n", "trixie")


def test_micropython_is_fetched_once_and_needs_no_network_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = fetch(MICROPYTHON)
    tree = unpacked(MICROPYTHON)
    assert (tree / "ports" / "unix" / "Makefile").is_file()
    assert sorted(path.name for path in folder.iterdir()) == sorted(MICROPYTHON.sha256)

    def no_network(*args: object, **kwargs: object) -> None:
        raise AssertionError("a second fetch must not run anything")

    monkeypatch.setattr(subprocess, "run", no_network)
    assert fetch(MICROPYTHON) == folder
    assert unpacked(MICROPYTHON) == tree


PACKAGE = Package("tiny", "1", "trixie", {"tiny_1_all.deb": "0" * 64})


@pytest.mark.parametrize(
    ("delivered", "problem"),
    [
        ({"tiny_1_all.deb": b"other"}, "but 0000000000"),
        ({"else.deb": b""}, "did not deliver tiny_1_all.deb"),
    ],
)
def test_what_is_not_as_expected_never_reaches_the_cache(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    delivered: dict[str, bytes],
    problem: str,
) -> None:
    def deliver(package: Package, folder: Path) -> None:
        for name, data in delivered.items():
            (folder / name).write_bytes(data)

    monkeypatch.setenv("WEFT_CACHE", str(tmp_path))
    monkeypatch.setattr(sources, "_download", deliver)
    with pytest.raises(SourceError, match=problem):
        fetch(PACKAGE)
    assert [path.suffix for path in (tmp_path / "packages").iterdir()] == [".lock"]


def test_a_failing_apt_get_is_reported_by_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="out of luck"):
        sources._run(["sh", "-c", "echo out of luck; exit 3"], cwd=tmp_path)
