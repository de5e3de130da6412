"""`weft flash`: checks of the file, the drive, the tools, and the board that comes back."""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from fakes import FakeLine, fake_board
from weft.boards import flasher
from weft.boards.attached import AttachedPort
from weft.boards.errors import BoardError
from weft.boards.kinds import kind_named
from weft.boards.process import BoardProcess
from weft.boards.uf2 import blocks_for
from weft.cli import main
from weft.firmware.steps import BuildError

RP2040, RP2350 = 0xE48BFF56, 0xE48BFF59


def uf2(blocks: int = 4, family: int = RP2040, total: int | None = None) -> bytes:
    """Return a UF2 file."""
    data = b""
    for number in range(blocks):
        head = struct.pack(
            "<8I",
            0x0A324655,
            0x9E5D5157,
            0x2000,
            0x10000000 + 256 * number,
            256,
            number,
            blocks if total is None else total,
            family,
        )
        data += head + bytes(476) + struct.pack("<I", 0x0AB16F30)
    return data


@pytest.fixture
def firmware(tmp_path: Path) -> Path:
    """A firmware file for the RP2040."""
    path = tmp_path / "firmware.uf2"
    path.write_bytes(uf2())
    return path


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """The drive of an RP2040 in its boot loader."""
    folder = tmp_path / "drive"
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text("UF2 Bootloader v3.0\nBoard-ID: RPI-RP2\n")
    return folder


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up sooner."""
    monkeypatch.setattr(flasher, "BOOT_LOADER_LIMIT_S", 0.3)
    monkeypatch.setattr(flasher, "RETURN_LIMIT_S", 1.0)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder first on PATH for tools that a test makes."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    yield folder


def make_tool(folder: Path, name: str, script: str) -> None:
    """Put a shell script on the path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_flashes_by_the_drive_and_asks_the_board_that_comes_back(
    firmware: Path,
    drive: Path,
    unix_process: BoardProcess,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["flash", "pico", str(firmware), "--drive", str(drive), "--port", unix_process.url]
    assert main(arguments) == 0
    assert (drive / "firmware.uf2").read_bytes() == firmware.read_bytes()
    assert f"pico runs weft {version('weft')} on MicroPython 1.25.0" in capsys.readouterr().out


def test_without_a_file_flashes_the_firmware_that_weft_builds_for_the_board(
    firmware: Path,
    drive: Path,
    unix_process: BoardProcess,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def firmware_for(target: str, report: Callable[[str], None]) -> Path:
        report(f"Building {target}")
        return firmware

    monkeypatch.setattr(flasher, "firmware_for", firmware_for)
    assert main(["flash", "pico", "--drive", str(drive), "--port", unix_process.url]) == 0
    assert (drive / "firmware.uf2").read_bytes() == firmware.read_bytes()
    output = capsys.readouterr()
    assert output.err == "Building pico\n"
    assert output.out.startswith("pico runs weft ")
    assert main(["flash", "pico2", "--drive", str(drive)]) == 1
    output = capsys.readouterr()
    assert output.err.startswith("Building pico2\n")
    assert "is for RP2040, but this board has an RP2350" in output.err


def test_firmware_that_can_not_be_built_is_reported(
    drive: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def firmware_for(target: str, report: Callable[[str], None]) -> Path:
        raise BuildError("ninja is missing; install it.")

    monkeypatch.setattr(flasher, "firmware_for", firmware_for)
    assert main(["flash", "pico", "--drive", str(drive)]) == 1
    assert capsys.readouterr().err == "weft flash: ninja is missing; install it.\n"
    assert [entry.name for entry in drive.iterdir()] == ["INFO_UF2.TXT"]


@pytest.mark.parametrize(
    ("board", "problem"),
    [
        ("esp32", "weft has no firmware for the board esp32; name a file: weft flash esp32 FILE."),
        ("unix", "The board unix is a process; there is nothing to flash."),
    ],
)
def test_a_board_that_weft_has_no_firmware_for(
    board: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["flash", board]) == 1
    assert capsys.readouterr().err == f"weft flash: {problem}\n"


def test_progress_reaches_the_end(firmware: Path, drive: Path) -> None:
    seen: list[tuple[int, int]] = []
    flasher.copy_to_drive(firmware, drive, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2048, 2048)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is no UF2 file"),
        (b"MZ" * 500, "is no UF2 file"),
        (uf2(family=RP2350), "is for RP2350 (Arm), but this board has an RP2040"),
        (uf2(family=0x12345678), "is for 0x12345678, but this board has an RP2040"),
        (uf2(blocks=3, total=4), "is cut short: 3 of 4 blocks"),
        (uf2()[:-100], "is cut short in a block"),
        (uf2()[:-4] + b"\0\0\0\0", "is damaged at block 3"),
        (uf2()[:512] + bytes(512) + uf2()[1024:], "is damaged at block 1"),
    ],
)
def test_a_wrong_file_never_reaches_the_board(
    tmp_path: Path,
    drive: Path,
    data: bytes,
    problem: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "wrong.uf2"
    path.write_bytes(data)
    assert main(["flash", "pico", str(path), "--drive", str(drive)]) == 1
    assert problem in capsys.readouterr().err
    assert [entry.name for entry in drive.iterdir()] == ["INFO_UF2.TXT"]


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flash", "pico", "no-such.uf2"]) == 1
    assert "can't be read: No such file" in capsys.readouterr().err


def test_the_right_file_of_another_chip(tmp_path: Path) -> None:
    path = tmp_path / "pico2.uf2"
    path.write_bytes(uf2(family=RP2350))
    assert len(blocks_for(RP2350, path, path.read_bytes())) == 4


def test_a_full_drive(firmware: Path, drive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (drive / "firmware.uf2").symlink_to("/dev/full")
    assert main(["flash", "pico", str(firmware), "--drive", str(drive)]) == 1
    assert f"The drive {drive} is full" in capsys.readouterr().err


def test_a_drive_that_vanishes_before_the_end(firmware: Path, drive: Path) -> None:
    def vanish(done: int, total: int) -> None:
        raise OSError(5, "Input/output error")

    firmware.write_bytes(uf2(blocks=100))
    with pytest.raises(BoardError, match="was cut short at 16384 of 51200 bytes"):
        flasher.copy_to_drive(firmware, drive, vanish)


@pytest.mark.parametrize("number", [errno.EIO, errno.ENODEV, errno.ENXIO])
def test_a_board_that_restarts_before_the_last_call_ends_is_well(
    firmware: Path, drive: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Linux calls the drive that has gone EIO or ENODEV, macOS ENXIO."""

    def vanish(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(flasher.os, "fsync", vanish)
    flasher.copy_to_drive(firmware, drive, lambda done, total: None)
    assert (drive / "firmware.uf2").read_bytes() == firmware.read_bytes()


@pytest.mark.usefixtures("short_limits")
def test_no_drive_appears(firmware: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flash", "pico", str(firmware)]) == 1
    assert "hold BOOTSEL while you plug the board in" in capsys.readouterr().err


@pytest.mark.usefixtures("short_limits")
def test_a_board_that_does_not_come_back(
    firmware: Path, drive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["flash", "pico", str(firmware), "--drive", str(drive)]
    assert main([*arguments, "--port", "/dev/no-such"]) == 1
    assert "did not come back within 1 s: There is no port" in capsys.readouterr().err


def test_a_process_is_not_flashed(firmware: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flash", "unix", str(firmware)]) == 1
    assert "there is nothing to flash" in capsys.readouterr().err


def test_a_wedged_board_is_reset_by_1200_baud(monkeypatch: pytest.MonkeyPatch) -> None:
    touched: list[int] = []
    opened = flasher.serial.serial_for_url

    def watch_rate(port: str, baudrate: int, **options: object) -> object:
        touched.append(baudrate)
        return opened(port, baudrate, **options)

    def deaf(line: FakeLine) -> None:
        while not line.stop.is_set():
            line.read()

    monkeypatch.setattr(flasher.serial, "serial_for_url", watch_rate)
    with fake_board(deaf) as line:
        flasher.enter_boot_loader(line.port)
    assert touched == [115200, 1200]


def test_picotool_loads_where_no_drive_is_mounted(
    firmware: Path,
    tools: Path,
    tmp_path: Path,
    unix_process: BoardProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_tool(tools, "picotool", f'echo "$@" >> {tmp_path}/calls')
    loader = AttachedPort("", "2e8a:0003", "", "", ())
    monkeypatch.setattr(flasher, "attached_ports", lambda: [loader])
    monkeypatch.setattr(flasher, "enter_boot_loader", lambda port: None)
    arguments = ["flash", "pico", str(firmware), "--port", unix_process.url]
    assert main([*arguments, "--erase"]) == 0
    assert (tmp_path / "calls").read_text() == f"erase -a\nload -v -x {firmware}\n"


def test_a_tool_that_fails_is_quoted(
    firmware: Path,
    drive: Path,
    tools: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_tool(tools, "picotool", "echo 'No accessible RP2040 devices' >&2; exit 7")
    assert main(["flash", "pico", str(firmware), "--drive", str(drive), "--erase"]) == 1
    assert "picotool failed (No accessible RP2040 devices)" in capsys.readouterr().err


def test_erasing_without_picotool_is_refused(
    firmware: Path,
    drive: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert main(["flash", "pico", str(firmware), "--drive", str(drive), "--erase"]) == 1
    assert "Erasing needs picotool" in capsys.readouterr().err


def test_esptool_is_run_for_an_esp32(
    firmware: Path, unix_process: BoardProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(flasher, "_run_tool", calls.append)
    found = flasher.flash(kind_named("esp32"), firmware, unix_process.url, erase=True)
    tool = [sys.executable, "-m", "esptool", "--chip", "esp32", "--port", unix_process.url]
    assert calls == [[*tool, "erase_flash"], [*tool, "write_flash", "0x1000", str(firmware)]]
    assert found is not None
    assert found.micropython == "1.25.0"


def test_esptool_that_is_not_installed(firmware: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flash", "esp32", str(firmware), "--port", "/dev/no-such"]) == 1
    assert "pip install esptool" in capsys.readouterr().err
