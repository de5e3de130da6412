"""The emulator as a process: it starts or says why not, it never hangs, and it always ends."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from weft.boards.deadline import Deadline
from weft.boards.errors import Disconnected, VirtualBoardError
from weft.boards.port import Port
from weft.boards.virtual import node as nodes
from weft.boards.virtual.pico import VirtualPico
from weft.boards.virtual.ports import BACKLOG_BYTES, PtyPort, SerialPort, SocketPort

Start = Callable[..., VirtualPico]
LIMIT_S = 300.0


def weft(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    return subprocess.run(
        [sys.executable, "-m", "weft", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition, for LIMIT_S at most."""
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen within {LIMIT_S:.0f} s"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def test_no_node_is_one_sentence(monkeypatch: pytest.MonkeyPatch, programs: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    nodes.find.cache_clear()
    with pytest.raises(VirtualBoardError, match=r"needs Node\.js 18 or later.*pip install"):
        VirtualPico(programs / "race.uf2")


def test_a_package_that_cannot_be_installed_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WEFT_CACHE", str(tmp_path))
    broken = nodes.Node("node", (sys.executable, "-c", "import sys; sys.exit('no network')"))
    with pytest.raises(VirtualBoardError, match=r"npm could not install .*: no network"):
        nodes.modules(broken)
    assert list((tmp_path / "npm").iterdir()) == [], "half an installation was left"


def test_the_lock_file_pins_everything_and_names_no_registry() -> None:
    lock = json.loads((nodes.EMULATOR / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for entry in packages.values():
        assert entry["integrity"].startswith("sha512-")
        assert "resolved" not in entry


def test_wrong_turns_are_one_sentence(programs: Path) -> None:
    with pytest.raises(VirtualBoardError, match="turns are exact, fixed:N, random:N or mix:N"):
        VirtualPico(programs / "race.uf2", turns="sometimes")


def test_wrong_requests_are_refused(start: Start, programs: Path) -> None:
    pico = start(programs / "race.uf2")
    with pytest.raises(VirtualBoardError, match="there is no GPIO 99"):
        pico.drive(99, True)
    with pytest.raises(VirtualBoardError, match="there is no port lpt1"):
        pico.inject("lpt1", "framing")
    with pytest.raises(VirtualBoardError, match="uart0 has no fault called fire"):
        pico.inject("uart0", "fire")


def test_a_run_ends_at_its_real_limit(start: Start, programs: Path) -> None:
    result = start(programs / "busy.uf2").run(1e6, real_s=0.2)
    assert result.reason == "real-time"
    assert "core 0 awake at 0x" in result.explain()


def test_a_run_in_which_nothing_can_happen_ends(start: Start, micropython: Path) -> None:
    pico = start(micropython)
    pico.run_until("uart0", b">>> ", seconds=5)
    assert pico.run(1e6, port="uart0", texts=(b"never",)).reason == "idle"


def test_a_board_that_dies_says_so(start: Start, programs: Path) -> None:
    pico = start(programs / "busy.uf2")
    pid = pico.process_id
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(VirtualBoardError, match="the emulator has ended"):
        pico.run(1e6)
    with pytest.raises(VirtualBoardError, match="the emulator has ended"):
        pico.state()


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
def test_the_emulator_ends_with_whoever_started_it(programs: Path) -> None:
    script = (
        "import pathlib, sys\n"
        "from weft.boards.virtual.pico import VirtualPico\n"
        "pico = VirtualPico(pathlib.Path(sys.argv[1]))\n"
        "pico.go(pace=False)\n"
        "print(pico.process_id, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, programs / "busy.uf2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        emulator = int(parent.stdout.readline())
        assert alive(emulator)
        parent.kill()
    eventually(lambda: not alive(emulator), "the emulator's end")


def test_the_command_runs_a_program_to_its_end(programs: Path) -> None:
    done = weft("virtual", "pico", "--image", programs / "race.uf2", "--until", "DONE")
    assert done.returncode == 0
    assert done.stdout.startswith("lost ")
    assert done.stderr == ""


def test_the_command_says_why_it_failed(programs: Path, tmp_path: Path) -> None:
    done = weft("virtual", "pico", "--image", programs / "race.uf2", "--until", "NEVER")
    assert done.returncode == 1
    assert "core 0 has crashed: breakpoint 0 (the program has ended, or given up)" in done.stderr
    empty = tmp_path / "empty.uf2"
    empty.touch()
    done = weft("virtual", "pico", "--image", empty)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"weft virtual pico: {empty} is empty; take another file.\n"
    assert weft("virtual", "pico").returncode == 2


def test_the_command_prints_counts_as_json(programs: Path) -> None:
    def counts() -> Any:
        options = ("--for", "0.01", "--seed", "9", "--json")
        done = weft("virtual", "pico", "--image", programs / "busy.uf2", *options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    first = counts()
    assert first["reason"] == "time"
    assert all(core["instructions"] > 100_000 for core in first["cores"])
    assert counts() == first


@pytest.mark.skipif(sys.platform == "win32", reason="no such error there")
def test_the_command_ends_quietly_once_nobody_reads(programs: Path) -> None:
    options = ("--image", str(programs / "race.uf2"), "--until", "NEVER")
    with subprocess.Popen(
        [sys.executable, "-m", "weft", "virtual", "pico", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as run:
        assert run.stdout is not None and run.stderr is not None
        run.stdout.close()
        assert (run.stderr.read(), run.wait(timeout=LIMIT_S)) == (b"", 1)


def test_the_error_of_a_listener_comes_to_whoever_waits(start: Start, programs: Path) -> None:
    def listener(data: bytes, seconds: float) -> None:
        raise ZeroDivisionError

    pico = start(programs / "race.uf2")
    pico.on_output("uart0", listener)
    with pytest.raises(ZeroDivisionError):
        pico.run_until("uart0", b"DONE", seconds=10)


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_the_command_runs_live_until_it_is_told_to_stop(micropython: Path) -> None:
    command = [sys.executable, "-m", "weft", "virtual", "pico", "--image", str(micropython)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as live:
        assert live.stdout is not None
        ports = dict(live.stdout.readline().split() for _ in range(2))
        assert set(ports) == {"uart0", "usb"}
        assert all(Path(path).exists() for path in ports.values())
        live.send_signal(signal.SIGTERM)
        assert live.wait(timeout=LIMIT_S) == 0


def test_a_socket_carries_bytes_both_ways(start: Start, micropython: Path) -> None:
    pico = start(micropython)
    with SocketPort(pico, "uart0") as port:
        host, number = port.url.removeprefix("socket://").split(":")
        with socket.create_connection((host, int(number)), timeout=LIMIT_S) as client:
            pico.go(pace=False)
            received = b""
            while not received.endswith(b">>> "):
                received += client.recv(100)
            client.sendall(b"print(6 * 7)\r")
            while not received.endswith(b"\r\n42\r\n>>> "):
                received += client.recv(100)


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_port_that_nobody_reads_does_not_hold_the_board_up(
    start: Start, micropython: Path
) -> None:
    pico = start(micropython)
    with PtyPort(pico, "uart0"):
        pico.run_until("uart0", b">>> ", seconds=5)
        pico.send("uart0", b"for i in range(300): print('x' * 50)\r\r\r")
        pico.run_until("uart0", b"\r\n>>> ", seconds=60)


class Chatter:
    """A board that only talks."""

    def send(self, port: str, data: bytes) -> None:
        """Take what comes."""

    def on_output(self, port: str, listener: Callable[[bytes, float], None]) -> None:
        """Keep the listener."""
        self.say = listener


def test_a_port_keeps_the_last_of_what_nobody_reads() -> None:
    board = Chatter()
    with SocketPort(board, "uart0") as port:
        for number in range(50_000):
            board.say(b"%07d\n" % number, 0.0)
        host, number_text = port.url.removeprefix("socket://").split(":")
        with socket.create_connection((host, int(number_text)), timeout=LIMIT_S) as client:
            received = b""
            while not received.endswith(b"0049999\n"):
                received += client.recv(4096)
    assert len(received) == BACKLOG_BYTES


def connect(port: SerialPort) -> socket.socket:
    """Connect to a port as a client."""
    host, number = port.url.removeprefix("socket://").split(":")
    return socket.create_connection((host, int(number)), timeout=LIMIT_S)


def test_a_socket_is_hung_up_when_the_port_is_lost_and_is_there_again() -> None:
    board = Chatter()
    with SocketPort(board, "usb") as port:
        with connect(port) as client:
            board.say(b"before", 0.0)
            assert client.recv(6, socket.MSG_WAITALL) == b"before"
            port.detach()
            assert client.recv(1) == b""
        board.say(b"lost", 0.0)
        with connect(port) as client:
            port.detach()
            port.attach()
            board.say(b"after", 0.0)
            assert client.recv(5, socket.MSG_WAITALL) == b"after"


def test_a_port_that_goes_and_comes_at_once_is_hung_up_all_the_same() -> None:
    with SocketPort(Chatter(), "usb") as port, connect(port) as client:
        port.attach()
        port.detach()
        port.attach()
        assert client.recv(1) == b""


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_terminal_is_hung_up_when_the_port_is_lost_and_is_there_again() -> None:
    board = Chatter()
    urls: queue.SimpleQueue[str] = queue.SimpleQueue()
    with PtyPort(board, "usb", on_url=urls.put) as port:
        with Port(port.url) as opened:
            port.detach()
            with pytest.raises(Disconnected):
                opened.receive(Deadline(LIMIT_S))
            port.attach()  # somebody still has the name
            assert urls.get(timeout=LIMIT_S) != opened.url
        with Port(port.url) as opened:
            board.say(b"after", 0.0)
            assert opened.receive(Deadline(LIMIT_S))


def test_usb_vanishes_at_a_reset_and_comes_back(start: Start, micropython: Path) -> None:
    pico = start(micropython)
    events: list[dict[str, Any]] = []
    pico.on_event(events.append)
    pico.run_until("uart0", b">>> ", seconds=5)
    pico.run(1)
    pico.send("uart0", b"import machine; machine.reset()\r")
    pico.run_until("uart0", b"Type ", seconds=5)
    pico.send("usb", b"print('too early')\r")
    pico.run(1)
    seen = [(event["event"], event.get("attached")) for event in events]
    assert seen == [("usb", True), ("reset", None), ("usb", False), ("usb", True)], events
    assert events[1]["us"] == events[2]["us"] < events[3]["us"]
    assert b"too early" not in pico.output("usb")


def test_flash_writes_are_kept_whole(start: Start, programs: Path, tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    pico = start(programs / "lockout.uf2", flash=flash)
    pico.run_until("uart0", b"DONE\r\n", seconds=10)
    pico.close()
    page = flash.read_bytes()[1024 * 1024 :][:256]
    assert page == bytes(i * 7 & 0xFF for i in range(256))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flash.bin"]
