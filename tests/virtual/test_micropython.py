"""Stock MicroPython 1.25, built for the Pico and not changed, lives on the virtual one."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from weft.boards.errors import StillRunning, VirtualBoardError
from weft.boards.repl import RawRepl
from weft.boards.virtual.emulated_line import EmulatedLine
from weft.boards.virtual.pico import VirtualPico
from weft.boards.virtual.ports import PtyPort

Start = Callable[..., VirtualPico]

PROMPT = b">>> "
WATCHDOG_RESET = 3  # machine.WDT_RESET on the rp2 port


def ask(pico: VirtualPico, line: str, port: str = "uart0", seconds: float = 20) -> str:
    """Type a line at the REPL; return what it prints before the next prompt."""
    pico.send(port, line.encode() + b"\r")
    text = pico.run_until(port, b"\r\n" + PROMPT, seconds=seconds).text.decode()
    return text.removeprefix(line + "\r\n").removesuffix("\r\n>>> ").replace("\r\n", "\n")


def boot(pico: VirtualPico) -> VirtualPico:
    """Run to the REPL on UART0."""
    pico.run_until("uart0", PROMPT, seconds=5)
    return pico


@pytest.fixture
def repl(start: Start, micropython: Path) -> VirtualPico:
    """A board that is at the REPL."""
    return boot(start(micropython))


def test_the_repl_answers_on_the_uart_and_on_usb(repl: VirtualPico) -> None:
    banner = repl.output("uart0").decode()
    assert banner.startswith("MicroPython v1.25.0 on ")
    assert "Raspberry Pi Pico with RP2040" in banner
    assert ask(repl, "print(6 * 7)") == "42"
    repl.run(1)
    assert repl.state()["usbReady"]
    repl.send("usb", b"\r")
    repl.run_until("usb", PROMPT, seconds=1)
    assert ask(repl, "print('by usb', 1 / 3)", "usb") == "by usb 0.3333333"


def test_time_passes_as_told(repl: VirtualPico) -> None:
    ask(repl, "import time, machine")
    assert ask(repl, "t = time.ticks_us(); time.sleep(10); time.ticks_us() - t")[:5] == "10000"
    assert ask(repl, "machine.freq(200_000_000); machine.freq()").splitlines()[-1] == "200000000"
    assert ask(repl, "t = time.ticks_us(); time.sleep_ms(50); time.ticks_us() - t")[:2] == "50"


def test_a_thread_runs_on_core_1(repl: VirtualPico) -> None:
    ask(repl, "import _thread, machine")
    ask(repl, "cores = []")
    for _ in range(3):  # core 1 is free again after each
        ask(repl, "_thread.start_new_thread(lambda: cores.append(machine.mem32[0xd0000000]), ())")
        repl.run(0.05)
    assert ask(repl, "print(machine.mem32[0xd0000000], cores)") == "0 [1, 1, 1]"
    assert repl.state()["faults"] == []


def test_ctrl_c_stops_a_loop_and_ctrl_d_starts_afresh(repl: VirtualPico) -> None:
    ask(repl, "x = 5")
    repl.send("uart0", b"while True: pass\r\r")
    repl.run(0.5)
    repl.send("uart0", b"\x03")
    assert b"KeyboardInterrupt" in repl.run_until("uart0", b"\r\n" + PROMPT, seconds=1).text
    repl.send("uart0", b"\x04")
    assert b"MPY: soft reboot" in repl.run_until("uart0", PROMPT, seconds=2).text
    assert "NameError" in ask(repl, "x")


def test_files_and_the_cause_of_a_reset(start: Start, micropython: Path, tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    pico = boot(start(micropython, flash=flash))
    assert ask(pico, "import machine; machine.reset_cause() == machine.PWRON_RESET") == "True"
    ask(pico, "f = open('kept.txt', 'w'); f.write('weft ' * 1000); f.close()")
    pico.send("uart0", b"machine.reset()\r")
    pico.run_until("uart0", b"MicroPython", seconds=2)
    boot(pico)
    assert pico.state()["resets"] == 1
    assert ask(pico, f"import machine; machine.reset_cause() == {WATCHDOG_RESET}") == "True"
    assert ask(pico, "len(open('kept.txt').read())") == "5000"
    ask(pico, "wdt = machine.WDT(timeout=200)")
    pico.run_until("uart0", b"MicroPython", seconds=2)
    boot(pico)
    assert pico.state()["resets"] == 2
    pico.close()

    later = boot(start(None, flash=flash))
    assert ask(later, "len(open('kept.txt').read())") == "5000"


def test_the_reset_pin_and_the_power_switch(repl: VirtualPico) -> None:
    for cause in ("run", "power"):
        ask(repl, "x = 1")
        repl.reset(cause)
        repl.run_until("uart0", b"MicroPython", seconds=2)
        boot(repl)
        assert "NameError" in ask(repl, "x")
        assert ask(repl, "import machine; machine.reset_cause() == machine.PWRON_RESET") == "True"


def test_usb_can_be_unplugged(repl: VirtualPico) -> None:
    repl.run(1)
    repl.inject("usb", "disconnect")
    repl.run(0.1)
    assert not repl.state()["usbReady"]
    assert ask(repl, "print('still here')") == "still here"
    repl.inject("usb", "connect")
    repl.run(1)
    assert repl.state()["usbReady"]
    repl.send("usb", b"\r")
    repl.run(0.5)  # what was printed meanwhile comes first
    assert ask(repl, "print('back')", "usb") == "back"


def test_the_other_uart(repl: VirtualPico) -> None:
    ask(repl, "import machine; u = machine.UART(1, 9600)")
    assert ask(repl, "u.write('to the host')") == "11"
    repl.run(0.1)
    assert repl.output("uart1") == b"to the host"
    repl.send("uart1", b"to the board")
    repl.run(0.1)
    assert ask(repl, "u.read()") == "b'to the board'"


def test_a_session_repeats_cycle_for_cycle(start: Start, micropython: Path) -> None:
    def session() -> tuple[bytes, Any]:
        pico = boot(start(micropython, seed=5))
        ask(pico, "import _thread, time")
        pico.send("uart0", b"_thread.start_new_thread(lambda: print(*range(20)), ())\r")
        pico.send("uart0", b"print([i * i for i in range(20)])\r", at_s=1.5)
        pico.run(3)
        return pico.output("uart0"), pico.state()

    assert session() == session()


def test_garbage_on_the_line_does_no_harm(repl: VirtualPico) -> None:
    for kind in ("framing", "parity", "break"):
        repl.inject("uart0", kind, byte=0)
    repl.send("uart0", bytes(range(0x80, 0x100)) + b"\x03")
    repl.run_until("uart0", PROMPT, seconds=1)
    assert ask(repl, "print('well')") == "well"


SHARED_DICT = """\
import _thread, time
d = {}
done = []
def fill(base):
    for i in range(400):
        d[base + i] = i
    done.append(base)
_thread.start_new_thread(fill, (10000,))
fill(0)
time.sleep(1)
print('lost' + ':', 800 - len(d), 'of 800, threads finished:', len(done))
"""


SHARED_GLOBALS = """\
import _thread, time
def one():
    return 1
def add():
    s = 0
    for i in range(3000):
        s += one()
    print('lost' + ':', 3000 - s)
_thread.start_new_thread(add, ())
for i in range(300):
    globals()['name%d' % i] = i
time.sleep(1)
"""


def paste(start: Start, micropython: Path, program: str, seed: int) -> str:
    """Paste a program into stock firmware; return what it prints, or how it crashes."""
    pico = boot(start(micropython, seed=seed))
    pico.send("uart0", b"\x05" + program.encode().replace(b"\n", b"\r") + b"\x04")
    pico.run_until("uart0", b"\r\n=== \r\n", seconds=10)
    result = pico.run(30, port="uart0", texts=(PROMPT,))
    if result.reason != "text":
        return result.explain()
    return result.text.decode().removesuffix(">>> ").replace("\r\n", "\n").strip()


@pytest.mark.parametrize(
    ("program", "failure"),
    [
        (SHARED_DICT, r"lost: -?[1-9]\d* of 800"),
        (SHARED_GLOBALS, r"NameError: name 'one' isn't defined"),
    ],
    ids=["dict", "globals"],
)
def test_stock_firmware_breaks_when_both_cores_share_a_dict(
    start: Start, micropython: Path, program: str, failure: str
) -> None:
    """The rp2 port has no lock around objects: a fact of stock firmware, not of the emulator."""
    outcome = paste(start, micropython, program, seed=1)
    assert re.search(failure, outcome), outcome
    assert paste(start, micropython, program, seed=1) == outcome, "the same seed gave another run"


# mpremote's limits are for a board on the desk, not for one that shares a busy computer.
MPREMOTE = """\
import sys
from mpremote.main import main
from mpremote.transport_serial import SerialTransport
SerialTransport.enter_raw_repl.__defaults__ = (True, 300)
SerialTransport.read_until.__defaults__ = (300, None, None)
SerialTransport.exec_raw.__defaults__ = (300, None)
sys.exit(main())
"""


class Mpremote:
    """mpremote, as a person would start it, at a port of a live board."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", MPREMOTE, "connect", self._url, *arguments],
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"mpremote {arguments}: {done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(params=["usb", "uart0"])
def mpremote(
    request: pytest.FixtureRequest, start: Start, micropython: Path, tmp_path: Path
) -> Iterator[Mpremote]:
    """mpremote at each of a live board's two ports."""
    pico = boot(start(micropython))
    pico.run(1)  # until USB is there
    with PtyPort(pico, request.param) as port:
        pico.go()
        yield Mpremote(port.url, tmp_path)


def test_mpremote_works_at_both_ports(mpremote: Mpremote, tmp_path: Path) -> None:
    assert mpremote("exec", "print(1 + 1)") == "2\n"
    data = bytes(range(256)) * 16
    (tmp_path / "data.bin").write_bytes(data)
    mpremote("cp", "data.bin", ":data.bin")
    assert "4096 data.bin" in mpremote("ls")
    mpremote("cp", ":data.bin", "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == data
    (tmp_path / "program.py").write_text(
        "import _thread, machine, time\n"
        "_thread.start_new_thread(lambda: print('core', machine.mem32[0xd0000000]), ())\n"
        "time.sleep(0.2)\nprint('done')\n"
    )
    assert mpremote("run", "program.py").split() == ["core", "1", "done"]


def test_the_raw_repl_works_by_the_boards_clock(repl: VirtualPico) -> None:
    """One client serves a live port and the emulator: a deadline is emulated time here."""
    line = EmulatedLine(repl, "uart0")
    client = RawRepl(line, random=Random(1))
    client.enter()
    began, output = line.now, bytearray()
    limit = line.deadline(10)
    assert not client.run(
        "import time\ntime.sleep(5)\nprint('x' * 500)", output.extend, limit
    ).traceback
    assert output == b"x" * 500 + b"\r\n"
    assert 5.0 < line.now - began < 5.5
    with pytest.raises(StillRunning):
        client.run("while True: pass", deadline=line.deadline(2))
    assert 2.0 < line.now - began - 5.0 < 3.0
    assert "KeyboardInterrupt" in client.interrupt().traceback
    assert client.evaluate("6 * 7") == 42


def test_a_board_that_sleeps_for_ever_ends_the_wait(repl: VirtualPico) -> None:
    line = EmulatedLine(repl, "uart0")
    with pytest.raises(VirtualBoardError, match="Nothing more comes from uart0"):
        line.until_any((b"never",), line.deadline(1e6))
