"""Firmware for the Pico is built once, found again, and a build that fails says why."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from weft.boards.uf2 import blocks_for
from weft.boards.virtual import image as images
from weft.cli import main
from weft.firmware import rp2, sources, steps, targets
from weft.firmware.steps import Build

RP2040 = 0xE48BFF56


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of weft's firmware/ and runtime/ that a test may change."""
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in (steps.FIRMWARE, steps.runtime_folder()):
        shutil.copytree(folder, tmp_path / folder.name, ignore=ignore)
    monkeypatch.setattr(steps, "FIRMWARE", tmp_path / "firmware")
    monkeypatch.setattr(rp2, "FIRMWARE", tmp_path / "firmware")
    return tmp_path


def test_the_image_is_for_the_pico_and_its_symbols_lie_beside_it(micropython: Path) -> None:
    assert micropython.name == "micropython.uf2"
    assert len(blocks_for(RP2040, micropython, micropython.read_bytes())) > 1000
    from_uf2, from_elf = (
        images.load(path) for path in (micropython, micropython.with_suffix(".elf"))
    )
    assert from_uf2[0].offset == from_elf[0].offset == 0


def test_the_second_build_compiles_nothing(
    micropython: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def no_run(*args: object) -> None:
        raise AssertionError("the second build must come from the cache")

    monkeypatch.setattr(Build, "run", no_run)
    output = tmp_path / "stock.uf2"
    assert main(["build", "pico-stock", "--output", str(output)]) == 0
    assert capsys.readouterr().out == f"{output}\n"
    assert output.read_bytes() == micropython.read_bytes()


@pytest.mark.parametrize(
    ("name", "counts_for_stock"),
    [
        ("firmware/rp2/board/new.cmake", False),
        ("firmware/rp2/new.S", False),
        ("firmware/modules/weft/new.c", False),
        ("firmware/python/new.py", False),
        ("runtime/platform/kernel/arch/armv6m/new.S", False),
        ("runtime/platform/kernel/new.ld", False),
        ("firmware/rp2_stock/board/new.h", True),
        ("firmware/rp2.py", True),
    ],
)
def test_what_goes_into_a_firmware_is_in_its_key(
    copy: Path, name: str, counts_for_stock: bool
) -> None:
    tree = sources.unpacked(sources.MICROPYTHON)
    weft, stock = targets.TARGETS["pico"], targets.TARGETS["pico-stock"]
    before = [targets.key_of(target, tree) for target in (weft, stock)]
    path = copy / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("new")
    after = [targets.key_of(target, tree) for target in (weft, stock)]
    assert (after[1] != before[1]) == counts_for_stock
    assert after[0] != before[0] or name.startswith("firmware/rp2_stock/")


def test_each_target_has_a_key_of_its_own() -> None:
    tree = sources.unpacked(sources.MICROPYTHON)
    assert len({targets.key_of(target, tree) for target in rp2.TARGETS}) == len(rp2.TARGETS)


def test_the_failure_of_a_build_is_quoted_and_its_log_kept(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board = copy / "firmware" / "rp2" / "board"
    board.mkdir(parents=True, exist_ok=True)
    (copy / "firmware" / "rp2" / "micropython.cmake").touch()
    (board / "mpconfigboard.cmake").write_text(
        'message(FATAL_ERROR "no ${MICROPY_BOARD}:\\n${WEFT_FIRMWARE}\\n${WEFT_RUNTIME}")\n'
    )
    assert main(["build", "pico2"]) == 1
    building, problem = capsys.readouterr().err.splitlines()[-2:]
    assert building == "Building the firmware pico2 (once, about a minute) ..."
    said = f"(message): no RPI_PICO2: {copy}/firmware {copy}/runtime (the whole log is "
    assert problem.startswith("weft build: the build failed: CMake Error at ")
    assert said in problem
    log = Path(problem.partition(said)[2].removesuffix(")."))
    try:
        assert "-DMICROPY_BOARD=RPI_PICO2" in log.read_text()
        assert not log.with_suffix("").exists()
    finally:
        log.unlink()
        log.with_suffix(".lock").unlink()
