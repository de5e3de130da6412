"""`weft build`: from the cache the second time, from a tree of one's own, and its errors.

What needs the Pico's compiler is in tests/virtual/test_firmware.py.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from weft.cli import main
from weft.firmware import rp2, sources, steps, targets, unix
from weft.firmware.steps import Build, BuildError
from weft.firmware.targets import firmware_for

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("WEFT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def no_pico_tools_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the Pico's compiler were there."""
    monkeypatch.setattr(rp2, "_check_tools", lambda: None)


@pytest.mark.parametrize("target", [target.name for target in unix.TARGETS])
def test_the_firmware_runs_and_the_second_build_compiles_nothing(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    firmware = firmware_for(target)
    done = subprocess.run([firmware, "-c", "print(6 * 7)"], capture_output=True, timeout=120)
    assert done.stdout == b"42\n"

    def no_run(*args: object) -> None:
        raise AssertionError("the second build must come from the cache")

    monkeypatch.setattr(Build, "run", no_run)
    assert firmware_for(target) == firmware
    assert firmware_for(target, micropython=None) == firmware


@dataclass(frozen=True)
class WithFolder(unix.UnixTarget):
    """A target that has a folder more; what is installed stays as it is for other tests."""

    folder: Path = Path()

    def folders(self) -> list[Path]:
        return [*super().folders(), self.folder]


def test_any_change_of_a_source_makes_another_key(tmp_path: Path) -> None:
    tree = sources.unpacked(sources.MICROPYTHON)
    target = WithFolder("unix", variant="weft", uses_runtime=True, folder=tmp_path)
    key = targets.key_of(target, tree)
    extra = tmp_path / "changed.py"
    extra.write_text("# nothing\n")
    assert targets.key_of(target, tree) != key
    extra.unlink()
    assert targets.key_of(target, tree) == key
    assert targets.key_of(targets.TARGETS["unix"], tree) == key


@pytest.mark.parametrize(
    "name", ["a.c", "a.h", "a.S", "a.ld", "a.mk", "a.cmake", "a.toml", "in/a.py", "CMakeLists.txt"]
)
def test_a_key_holds_the_names_and_contents_of_sources(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    keys = [steps.key(["words"], [tmp_path])]
    path.parent.mkdir(exist_ok=True)
    path.write_text("1")
    keys.append(steps.key(["words"], [tmp_path]))
    path.write_text("2")
    keys.append(steps.key(["words"], [tmp_path]))
    path.rename(path.with_stem("other"))
    keys.append(steps.key(["words"], [tmp_path]))
    keys.append(steps.key(["others"], [tmp_path]))
    assert len(set(keys)) == 5


def test_what_is_no_source_makes_no_other_key(tmp_path: Path) -> None:
    key = steps.key([], [tmp_path])
    (tmp_path / "a.pyc").write_bytes(b"1")
    assert steps.key([], [tmp_path]) == key


def test_output_is_a_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "micropython"
    assert main(["build", "unix-stock", "--output", str(copy)]) == 0
    assert capsys.readouterr().out == f"{copy}\n"
    assert copy.read_bytes() == firmware_for("unix-stock").read_bytes()


@pytest.mark.usefixtures("no_pico_tools_needed")
@pytest.mark.parametrize(
    ("target", "missing"),
    [("unix", "ports/unix/Makefile"), ("pico-stock", "ports/rp2/CMakeLists.txt")],
)
def test_a_tree_that_is_none(
    tmp_path: Path, target: str, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", target, "--micropython", str(tmp_path)]) == 1
    assert f"is no MicroPython tree: {missing} is missing." in capsys.readouterr().err


def test_the_variable_names_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = sources.unpacked(sources.MICROPYTHON)
    monkeypatch.setenv("MICROPY_DIR", str(tree))
    assert steps.micropython_tree(None, "unix", "Makefile") == tree
    assert steps.micropython_tree(tree, "unix", "Makefile") == tree


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("unix", "make, gcc, python3 not found; install the tools with"),
        ("pico", "firmware for the Pico can't be built: install gcc-arm-none-eabi, cmake, "),
        ("pico2", "libstdc[+][+]-arm-none-eabi-newlib with 'apt-get install gcc-arm-none-eabi "),
    ],
)
def test_missing_tools_are_named(
    target: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps.shutil, "which", lambda name: None)
    with pytest.raises(BuildError, match=problem):
        firmware_for(target)


@pytest.mark.usefixtures("no_pico_tools_needed")
@pytest.mark.parametrize("name", ["board/mpconfigboard.cmake", "micropython.cmake"])
def test_an_incomplete_copy_of_weft_is_named(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "rp2"
    for other in {"board/mpconfigboard.cmake", "micropython.cmake"} - {name}:
        (folder / other).parent.mkdir(parents=True, exist_ok=True)
        (folder / other).touch()
    monkeypatch.setattr(rp2, "FIRMWARE", tmp_path)
    with pytest.raises(BuildError, match=rf"rp2/{name} is missing; install weft anew"):
        firmware_for("pico")


def test_a_failed_build_leaves_its_log_and_nothing_else(cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    makefile = folder / "Makefile"
    makefile.write_text("all:\n\t@echo 'x.c:1: error: no such thing'; exit 1\n")

    def fill(build: Build) -> None:
        steps.make(build, folder, {}, "product")

    log = cache / "firmware" / "thing-1.log"
    with pytest.raises(BuildError, match=r"x.c:1: error: no such thing \(the whole log is") as info:
        steps.cached("thing", "1", fill)
    assert str(log) in str(info.value)
    text = log.read_text()
    assert text.startswith("+ make -C ")
    assert "x.c:1: error: no such thing\n" in text
    assert {path.name for path in log.parent.iterdir()} == {"thing-1.log", "thing-1.lock"}

    makefile.write_text("all:\n\tmkdir $(BUILD); echo made >$(BUILD)/$(PROG)\n")
    assert (steps.cached("thing", "1", fill) / "product").read_text() == "made\n"


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ("fine -Werror x\na.c:3:1: error: no\nmake: *** [a.o] Error 1\n", "a.c:3:1: error: no"),
        ("a.c:1: fatal error: weft.h: No such file\n", "a.c:1: fatal error: weft.h: No such file"),
        (
            "CMake Error at a.cmake:2 (include):\n  include could not find\n\n    b.cmake\n\n"
            "Call Stack:\n  c.txt\n",
            "CMake Error at a.cmake:2 (include): include could not find b.cmake",
        ),
        (
            "ld: a.o: undefined reference to `f'\ncollect2: error: ld returned 1\n",
            "ld: a.o: undefined reference to `f'",
        ),
        ("ld: region `RAM' overflowed by 3 bytes\n", "ld: region `RAM' overflowed by 3 bytes"),
        ("error compiling threading.py:\nno\n", "error compiling threading.py:"),
        ("one\nninja: build stopped.\n\n", "ninja: build stopped."),
        ("", ""),
    ],
)
def test_the_first_error_of_a_log(output: str, problem: str) -> None:
    assert steps.first_error(output) == problem


def test_a_command_that_hangs_is_ended(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "LIMIT_S", 0.2)
    with pytest.raises(BuildError, match=r"sleep did not end within 0.2 s; its log is .*\.log"):
        steps.cached("thing", "1", lambda build: build.run(["sleep", "60"]))


def test_an_installed_copy_has_every_file() -> None:
    """Weft builds firmware from where it is installed; a checkout has them of itself."""
    listed = subprocess.run(
        ["git", "ls-files", "firmware", "runtime"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.splitlines()
    names = [name for name in listed if (ROOT / name).is_file()]
    assert {Path(name).suffix for name in names} >= {".c", ".cmake", ".h", ".mk", ".py"}
    assert [name for name in names if not (steps.FIRMWARE.parent / name).is_file()] == []
