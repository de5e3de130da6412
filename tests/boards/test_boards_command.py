"""`weft boards`, the board files, and `weft install`."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from weft.boards import attached, upload
from weft.boards.errors import BoardError
from weft.boards.kinds import all_kinds, kind_named, load_kind
from weft.boards.port import Port
from weft.boards.process import BoardProcess
from weft.boards.repl import RawRepl
from weft.cli import main
from weft.commands import boards as boards_command
from weft.firmware.targets import TARGETS


def test_every_board_file_can_be_read() -> None:
    assert {"unix", "unix-stock", "pico", "pico2", "esp32"} <= set(all_kinds())
    assert {"pico-virtual", "pico-virtual-uart", "pico-virtual-stock"} <= set(all_kinds())
    assert "pico-virtual-parallel" in all_kinds()
    assert all(kind.is_virtual or kind.flash for kind in all_kinds().values())


def test_a_board_names_a_target_that_can_be_built() -> None:
    named = {kind.build for kind in all_kinds().values() if kind.build}
    assert named == {"pico", "pico2"}
    assert named <= set(TARGETS)


def test_a_board_whose_name_is_nearly_right_is_offered() -> None:
    with pytest.raises(
        BoardError, match=r"no board 'pcio'; did you mean pico\? The known ones are"
    ):
        kind_named("pcio")


@pytest.mark.parametrize(
    "text",
    [
        "name =",
        "name = 'x'",
        "colour = 'red'",
        "name='x'\ntitle=''\nchip=''\ncores=1\nfirmware='?'",
    ],
)
def test_a_wrong_board_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(BoardError, match=r"wrong.toml is wrong"):
        load_kind(path)


def test_json_names_kinds_and_the_firmware_of_a_board(
    unix_process: BoardProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["boards", "--json", "--port", unix_process.url]) == 0
    output = json.loads(capsys.readouterr().out)
    assert {kind["name"] for kind in output["kinds"]} == set(all_kinds())
    [board] = output["attached"]
    assert board["port"] == unix_process.url
    assert (board["micropython_version"], board["weft_version"]) == ("1.25.0", version("weft"))


def test_a_program_is_not_disturbed(
    unix_process: BoardProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    with Port(unix_process.url) as port:
        repl = RawRepl(port)
        repl.enter()
        repl._send(b"import time\ntime.sleep(1000)", lambda data: None)
    assert main(["boards", "--port", unix_process.url]) == 0
    assert boards_command.BUSY in capsys.readouterr().out
    with Port(unix_process.url) as port:
        assert "KeyboardInterrupt" in RawRepl(port).interrupt().traceback


def test_a_port_that_can_not_be_opened_is_listed_with_its_problem(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["boards", "--port", "/dev/no-such"]) == 0
    assert "There is no port /dev/no-such" in capsys.readouterr().out


class UsbPort:
    """What pyserial says of a USB port."""

    def __init__(self, device: str, vid: int | None, pid: int, serial_number: str) -> None:
        self.device, self.vid, self.pid = device, vid, pid
        self.serial_number, self.description = serial_number, "Board in FS mode"


def test_attached_boards_are_found_by_their_usb_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = [
        UsbPort("/dev/ttyACM1", 0x2E8A, 0x0005, "E66"),
        UsbPort("/dev/ttyACM0", 0x10C4, 0xEA60, ""),
        UsbPort("/dev/ttyS0", None, 0, ""),
    ]
    monkeypatch.setattr(attached.list_ports, "comports", lambda: ports)
    found = attached.attached_ports()
    assert [(port.device, port.kinds, port.serial_number) for port in found] == [
        ("/dev/ttyACM0", ("esp32",), ""),
        ("/dev/ttyACM1", ("pico", "pico2"), "E66"),
    ]


def test_several_boards_of_a_kind_need_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    from weft.boards.board import only_port

    ports = [UsbPort(f"/dev/ttyACM{n}", 0x2E8A, 0x0005, "") for n in range(2)]
    monkeypatch.setattr(attached.list_ports, "comports", lambda: ports)
    with pytest.raises(BoardError, match="choose one with --port"):
        only_port(kind_named("pico"))


def test_install_copies_the_package_and_reads_it_back(unix_process: BoardProcess) -> None:
    assert main(["install", "--board", "unix-stock", "--port", unix_process.url]) == 0
    for name, data in upload.package_files().items():
        assert Path(unix_process.folder, "lib", name).read_bytes() == data
    assert f'version = "{version("weft")} (stock)"'.encode() in upload.package_files()["_weft.py"]


def test_the_package_can_be_installed_by_mip() -> None:
    with BoardProcess(kind_named("unix-stock")) as process:
        mip = ["mip", "install", "--target", "lib", str(upload.PACKAGE)]
        command = [sys.executable, "-m", "mpremote", "connect", process.url, *mip]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stdout + done.stderr
        output = bytearray()
        with Port(process.url) as port:
            repl = RawRepl(port)
            repl.enter()
            repl.run("import threading\nprint(threading.__file__)", output.extend)
    assert output == b"lib/threading.py\r\n"


def test_a_file_that_can_not_be_written_is_reported(unix_process: BoardProcess) -> None:
    with Port(unix_process.url) as port:
        repl = RawRepl(port)
        repl.enter()
        with pytest.raises(BoardError, match="could not write"):
            upload.put_file(repl, b"x" * 5000, "no/such/folder/file")


def test_a_copy_that_arrived_damaged_is_noticed(
    unix_process: BoardProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Port(unix_process.url) as port:
        repl = RawRepl(port)
        repl.enter()
        write = repl.files.fs_writefile
        monkeypatch.setattr(
            repl.files, "fs_writefile", lambda path, data, **options: write(path, data[:-1])
        )
        with pytest.raises(BoardError, match="arrived damaged"):
            upload.put_file(repl, b"x" * 5000, "file")
