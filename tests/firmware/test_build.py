"""`weft build`: from the cache the second time, from a tree of one's own, and its errors."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from weft.cli import main
from weft.firmware import build, sources
from weft.firmware.build import BuildError, firmware_for


@pytest.mark.parametrize("target", build.TARGETS)
def test_the_firmware_runs_and_the_second_build_compiles_nothing(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    firmware = firmware_for(target)
    done = subprocess.run([firmware, "-c", "print(6 * 7)"], capture_output=True, timeout=20)
    assert done.stdout == b"42\n"

    def no_make(*args: object) -> None:
        raise AssertionError("the second build must come from the cache")

    monkeypatch.setattr(build, "_make", no_make)
    assert firmware_for(target) == firmware
    assert firmware_for(target, micropython=None) == firmware


def test_any_change_of_a_source_makes_another_key(tmp_path: Path) -> None:
    tree = sources.unpacked(sources.MICROPYTHON)
    target = build.TARGETS["unix"]
    key = build._key(target, tree)
    extra = build.FIRMWARE / "python" / "changed_by_a_test.py"
    extra.write_text("# nothing\n")
    try:
        assert build._key(target, tree) != key
    finally:
        extra.unlink()
    assert build._key(target, tree) == key


def test_output_is_a_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "micropython"
    assert main(["build", "unix-stock", "--output", str(copy)]) == 0
    assert capsys.readouterr().out == f"{copy}\n"
    assert copy.read_bytes() == firmware_for("unix-stock").read_bytes()


def test_a_tree_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "unix", "--micropython", str(tmp_path)]) == 1
    assert "is no MicroPython tree" in capsys.readouterr().err


def test_the_variable_names_a_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = sources.unpacked(sources.MICROPYTHON)
    monkeypatch.setenv("MICROPY_DIR", str(tree))
    assert build.micropython_tree(None) == tree
    assert build.micropython_tree(tree) == tree


def test_missing_tools_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build.shutil, "which", lambda name: None)
    with pytest.raises(BuildError, match="make, gcc, python3 not found; install"):
        firmware_for("unix")


def test_a_compiler_error_is_quoted(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "Makefile").write_text("all:\n\t@echo 'x.c:1: error: no such thing'; exit 1\n")
    with pytest.raises(BuildError, match=r"x.c:1: error: no such thing \(the whole log is"):
        build._make(folder, {}, tmp_path / "product")
    assert not (tmp_path / "product").exists()
