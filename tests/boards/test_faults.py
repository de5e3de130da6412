"""Every fault of a line or a board gives one clear sentence and a status, never a hang."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import serial
from fakes import FakeLine, cable, drop_every, fake_board
from weft.boards import deadline as deadline_module
from weft.boards import port as port_module
from weft.boards import restart as restart_module
from weft.boards.board import Board
from weft.boards.deadline import Deadline, Limits
from weft.boards.errors import Disconnected, PortError, TimedOut
from weft.boards.port import Port
from weft.boards.process import BoardProcess
from weft.boards.repl import RawRepl
from weft.boards.runner import run_on_board


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a board that is silent fail sooner."""
    for name in ("ATTACHED", "VIRTUAL"):
        monkeypatch.setattr(deadline_module, name, Limits(1.0, 1.0, 1.0, 1.0, 1.0))


def problem_of(port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a program on the board at `port`, which must fail with one sentence, and return it."""
    program = tmp_path / "program.py"
    program.write_text("print('ran')")
    assert run_on_board(program, [], board="unix", port=port, timeout=60.0) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("weft run: ")
    assert len(errors.splitlines()) == 1, errors
    assert "Traceback" not in errors
    return errors


def test_no_such_port(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "There is no port /dev/no-such" in problem_of("/dev/no-such", tmp_path, capsys)


def test_a_name_that_is_no_port(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is no port" in problem_of("nonsense://x", tmp_path, capsys)
    assert "give socket://host:NUMBER" in problem_of("socket://host", tmp_path, capsys)


def test_a_port_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unix_process: BoardProcess
) -> None:
    with Port(unix_process.url):
        assert "is in use" in problem_of(unix_process.url, tmp_path, capsys)


def test_no_permission_names_the_group(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise serial.SerialException(errno.EACCES, "could not open port: Permission denied")

    monkeypatch.setattr(port_module.serial, "serial_for_url", refuse)
    monkeypatch.setattr(port_module, "_group_of", lambda path: "dialout")
    problem = problem_of("/dev/ttyACM0", tmp_path, capsys)
    assert "sudo usermod -a -G dialout $USER" in problem


def test_nobody_listens_at_a_network_port(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Nobody answers" in problem_of("socket://127.0.0.1:1", tmp_path, capsys)


def silent(line: FakeLine) -> None:
    """Take everything and say nothing."""
    while not line.stop.is_set():
        line.read()


def babbling(line: FakeLine) -> None:
    """Send garbage without a pause."""
    garbage = bytes(range(256)) * 16
    while not line.stop.is_set():
        line.write(garbage)


def endless_line(line: FakeLine) -> None:
    """Send 10 MB without a newline, then nothing."""
    for _ in range(160):
        line.write(b"x" * 65536)
    silent(line)


def invalid_text(line: FakeLine) -> None:
    """Answer everything with bytes that are no UTF-8."""
    while not line.stop.is_set():
        if line.read():
            line.write(b"\xff\xfe\xc3\x28\r\n")


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize(
    ("behave", "expected"),
    [
        (silent, "Nothing answers on"),
        (babbling, "did not enter MicroPython's raw REPL"),
        (endless_line, "did not enter MicroPython's raw REPL"),
        (invalid_text, "did not enter MicroPython's raw REPL"),
    ],
)
def test_a_line_without_a_board(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    behave: Callable[[FakeLine], None],
    expected: str,
) -> None:
    with fake_board(behave) as line:
        assert expected in problem_of(line.port, tmp_path, capsys)


@pytest.mark.usefixtures("short_limits")
def test_a_board_that_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_module, "WRITE_LIMIT_S", 0.2)
    with (
        fake_board(lambda line: None) as line,
        Port(line.port) as port,
        pytest.raises(TimedOut, match="does not take what is sent"),
    ):
        port.write(b"x" * 1_000_000)


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize("nth", [2, 5, 17, 100])
def test_a_line_that_drops_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unix_process: BoardProcess, nth: int
) -> None:
    """A lost byte is an error or the text with a hole, never a hang: the link has no checksum."""
    program = tmp_path / "program.py"
    program.write_text("print('ran')\n" * 50)
    with cable(unix_process.url, to_host=drop_every(nth)) as line:
        status = run_on_board(program, [], board="unix", port=line.port, timeout=60.0)
    errors = capsys.readouterr().err
    assert "Traceback" not in errors
    assert status in (0, 1)


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize("nth", [3, 10, 50, 700])
def test_a_line_that_drops_what_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unix_process: BoardProcess, nth: int
) -> None:
    program = tmp_path / "program.py"
    # Without one of these bytes the program would still be right, and print something else.
    program.write_text("#" * 2000 + "\nprint(1111111111111111111111111111111111111111)")
    with cable(unix_process.url, to_board=drop_every(nth)) as line:
        status = run_on_board(program, [], board="unix", port=line.port, timeout=60.0)
    assert status != 0
    output = capsys.readouterr()
    assert "weft run: " in output.err or "SyntaxError" in output.err
    assert output.out == ""


@pytest.mark.parametrize("after_bytes", [1, 20, 60, 150, 300])
def test_a_disconnection_in_the_middle(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    unix_process: BoardProcess,
    after_bytes: int,
) -> None:
    monkeypatch.setattr(restart_module, "RETURN_LIMIT_S", 0.1)
    count = 0
    host_spoke = threading.Event()  # what the board says before that, nobody hears
    cables: list[FakeLine] = []

    def note(data: bytes) -> bytes:
        host_spoke.set()
        return data

    def cut(data: bytes) -> bytes:
        nonlocal count
        count += len(data) if host_spoke.is_set() else 0
        if count < after_bytes:
            return data
        cables[0].unplug()
        return b""

    program = tmp_path / "program.py"
    program.write_text("import time\nprint('x' * 500)\ntime.sleep(1000)")
    with cable(unix_process.url, to_board=note, to_host=cut) as line:
        cables.append(line)
        assert run_on_board(program, [], board="unix", port=line.port, timeout=60.0) == 1
    errors = capsys.readouterr().err
    assert "The connection to" in errors
    assert "Traceback" not in errors


def test_a_board_whose_process_dies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "program.py"
    program.write_text("import os\nprint('last words')\nos.system('kill -9 $PPID')")
    assert run_on_board(program, [], board="unix", timeout=60.0) == 1
    output = capsys.readouterr()
    # A pty drops what was not read yet when the process behind it dies.
    assert output.out in ("", "last words\n")
    assert "weft run: The connection to" in output.err


def test_ten_megabytes_without_a_newline(unix_board: Board) -> None:
    count = 0

    def add(data: bytes) -> None:
        nonlocal count
        count += len(data)

    source = "import sys\nfor _ in range(2560): sys.stdout.write('z' * 4096)"
    unix_board.run(source, on_output=add, deadline=Deadline(60.0))
    assert count == 10 * 1024 * 1024


def test_invalid_utf_8_of_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nsys.stdout.buffer.write(b'a\\xff\\xc3(b\\n')\nprint('\\u00e9\\u20ac')"
    )
    assert run_on_board(program, [], board="unix", timeout=60.0) == 0
    assert capsys.readouterr().out == "a\ufffd\ufffd(b\n\u00e9\u20ac\n"


def test_a_port_that_comes_back_is_opened_again(unix_process: BoardProcess, tmp_path: Path) -> None:
    link = tmp_path / "port"
    with cable(unix_process.url) as line:
        os.symlink(line.port, link)
        with Port(str(link)) as port:
            RawRepl(port).enter()
            line.unplug()
            with pytest.raises(Disconnected):
                RawRepl(port).enter()
    with pytest.raises(PortError):
        Port(str(link))
    link.unlink()
    with cable(unix_process.url) as line:
        os.symlink(line.port, link)
        with Port(str(link)) as port:
            repl = RawRepl(port)
            repl.enter()
            assert repl.evaluate("3 + 4") == 7
