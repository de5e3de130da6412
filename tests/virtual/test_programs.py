"""Programs written against the plain Pico SDK do on the virtual Pico what they do on a real one.

Each program's text says what it checks; here is what it has to print. To see one again:
`weft virtual pico --image PROGRAM.uf2 --until DONE --seed N --turns HOW`; tests/virtual/prepare.py
prints where the programs are.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from weft.boards.virtual.pico import VirtualPico

Start = Callable[..., VirtualPico]

OUTPUTS = {
    "mailbox": """\
echo in order
interrupt sum 5050
underflow 1
cleared 1
DONE
""",
    "locks": """\
spinlock 10000
mutex 10000
queue 104950
timeout 1
DONE
""",
    "alarms": """\
core 0 100, core 1 144, on the wrong core 0
slept 10 s
waited 500 us
DONE
""",
    "contexts": """\
switches 200 200
all worked 1, corrupted 0
time 20 ms
DONE
""",
    "arithmetic": """\
adcs 9 a 6
sbcs 3 4 6
lsls 2 6 4
lsrs 2 6 4
asrs a 2
rors a a
float 1.200000 1.800000 -0.450000 -5.000000
float 1.22474 0.99749 0.07074 4.48169 0.40547
double 1.200000000000 1.800000000000 -0.450000000000 -5.000000000000
double 1.2247448710 0.9974949870 0.0707372020 4.4816890700 0.4054651080
convert 1500000 -3 1500000000000 3000000000 -0.300
compare 1 0 1
divide 7 / -2 = -3 rest 1
divide -7 / 2 = -3 rest -1
divide -7 / 0 = 1 rest -7
divide 7 / 0 = -1 rest 7
divide 99 / 10 = 9 rest 9
core 1 divides 142, interpolators 206 106
memory 1
bits 8 8 8
DONE
""",
    "fault": """\
case 0: fault 1 on core 1
case 1: fault 1 on core 1
case 2: fault 1 on core 1
case 3: fault 1 on core 1
case 4: fault 1 on core 1
DONE
""",
    "guard": """\
beside it: stored 1, faults 0
a word: stored 0, faults 1
a byte: stored 0, faults 1
a push: stored 0, faults 1
an exception's frame: stored 0, faults 1
switched off: stored 1, faults 0
DONE
""",
    "sleeping": """\
core 0: handled 3, woken after 3, failures 0
core 1: handled 3, woken after 3, failures 0
DONE
""",
    "relaunch": """\
started 200 of 200
DONE
""",
    "power": """\
stage 0: watchdog reason 0, caused reboot 0, enabled by program 0, power-on 1
core 1 runs 1, reset 1, runs again 1
at 200 MHz 2000000 cycles take 10 ms
stage 1: watchdog reason 2, caused reboot 1, enabled by program 0, power-on 1
stage 2: watchdog reason 1, caused reboot 1, enabled by program 0, power-on 1
stage 3: watchdog reason 1, caused reboot 1, enabled by program 1, power-on 1
stage 4: watchdog reason 1, caused reboot 1, enabled by program 1, power-on 1
DONE
""",
}

REAL_S = 600.0
"""Of the host's time: for a host that is busy with other things."""

SCHEDULES = [
    ("mix:4096", 1),
    ("mix:4096", 2),
    ("random:32", 1),
    ("random:7", 3),
    ("random:4096", 4),
    ("fixed:16", 1),
]


def finish(pico: VirtualPico, *, seconds: float = 30) -> str:
    """Run to the program's end and return all that it has printed."""
    pico.run_until("uart0", b"DONE\r\n", seconds=seconds, real_s=REAL_S)
    return pico.output("uart0").decode().replace("\r\n", "\n")


@pytest.mark.parametrize(("turns", "seed"), SCHEDULES)
@pytest.mark.parametrize("name", OUTPUTS)
def test_a_program_prints_what_it_should_twice(
    start: Start, programs: Path, name: str, turns: str, seed: int
) -> None:
    def once() -> tuple[str, dict[str, Any]]:
        pico = start(programs / f"{name}.uf2", turns=turns, seed=seed)
        return finish(pico), pico.state()

    output, state = once()
    assert output == OUTPUTS[name]
    assert once() == (output, state), "the same seed gave another run"


@pytest.mark.parametrize("name", ["mailbox", "locks"])
def test_exact_turns(start: Start, programs: Path, name: str) -> None:
    assert finish(start(programs / f"{name}.uf2", turns="exact")) == OUTPUTS[name]


def test_each_core_gets_the_interrupts_of_its_own_pins(start: Start, programs: Path) -> None:
    pico = start(programs / "gpio_interrupts.uf2")
    now = pico.run_until("uart0", b"READY\r\n", seconds=1).seconds
    for i in range(5):
        pico.drive(2, True, at_s=now + 0.010 + 0.002 * i)
        pico.drive(2, False, at_s=now + 0.011 + 0.002 * i)
    for i in range(3):
        pico.drive(3, True, at_s=now + 0.0105 + 0.002 * i)
        pico.drive(3, False, at_s=now + 0.0115 + 0.002 * i)
    assert finish(pico).splitlines() == [
        "output reads 1, pull-up reads 1",
        "output reads 0",
        "READY",
        "core 0: 5 0, core 1: 0 3",
        "DONE",
    ]
    assert pico.level(5) is True
    assert pico.level(4) is False


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_flash_is_written_while_core_1_is_locked_out_and_only_then(
    start: Start, programs: Path, seed: int
) -> None:
    pico = start(programs / "lockout.uf2", seed=seed)
    lines = finish(pico).splitlines()
    assert lines == ["written 1, core 1 still 1, goes on 1"] * 3 + ["no lockout", "DONE"]
    faults = [(fault["core"], fault["what"]) for fault in pico.state()["faults"]]
    assert faults[0] == (1, "flash access while the flash is being written")


def test_faults_name_the_core_and_the_address(start: Start, programs: Path) -> None:
    pico = start(programs / "fault.uf2")
    finish(pico)
    faults = pico.state()["faults"]
    assert {fault["core"] for fault in faults} == {1}
    assert [(fault["what"], fault["address"]) for fault in faults] == [
        ("read from an address where nothing is", 0x30000000),
        ("unaligned access", 0x20000002),
        ("write to an address where nothing is", 0x60000000),
        ("execution of an address that holds no code", 0x40000000),
        ("undefined instruction 0xde07", None),
    ]


def test_a_program_that_loops_in_a_fault_is_stopped(start: Start, programs: Path) -> None:
    pico = start(programs / "fault_loop.uf2")
    result = pico.run(60, port="uart0", texts=(b"DONE",))
    assert result.reason == "fault-loop"
    assert result.explain().startswith(
        "core 0 loops in a fault: read from an address where nothing is (0x30000000) at 0x1000"
    )


def test_dma_and_pio(start: Start, programs: Path) -> None:
    pico = start(programs / "dma_pio.uf2")
    edges: list[float] = []
    pico.on_event(lambda event: edges.append(event["us"]))
    pico.run_until("uart0", b"SQUARE\r\n", seconds=1)
    pico.watch_pin(6)
    assert finish(pico).splitlines() == ["copied 1", "inverted 1", "SQUARE", "DONE"]
    periods = {round(b - a) for a, b in itertools.pairwise(edges[1:])}
    assert len(edges) > 300
    assert periods == {32}, "a half-wave is 32 PIO cycles of 1 us"


def test_races_show_with_random_turns_and_repeat(start: Start, programs: Path) -> None:
    def lost(turns: str, seed: int) -> int:
        pico = start(programs / "race.uf2", turns=turns, seed=seed)
        return int(finish(pico).split()[1])

    by_seed = [lost("random:32", seed) for seed in (1, 2, 3)]
    assert all(count > 0 for count in by_seed)
    assert len(set(by_seed)) == 3, "each seed is another order of turns"
    assert by_seed == [lost("random:32", seed) for seed in (1, 2, 3)]


def test_uart_takes_bytes_and_errors_from_the_line(start: Start, programs: Path) -> None:
    pico = start(programs / "serial.uf2")
    now = pico.run_until("uart0", b"READY\r\n", seconds=1).seconds
    pico.send("uart0", b"hello ")
    pico.inject("uart0", "framing", byte=0x55)
    pico.inject("uart0", "parity", byte=0x55)
    pico.inject("uart0", "break")
    pico.send("uart0", bytes(range(0x41, 0x41 + 26)), at_s=now + 0.02)
    pico.run_until("uart0", b"DEAF\r\n", seconds=1)
    pico.send("uart0", b"x" * 40)
    assert finish(pico).splitlines() == [
        "baud on",
        "0123456789",
        "12 frames took 1.04 ms",
        "READY",
        'received 32 "hello ABCDEFGHIJKLMNOPQRSTUVWXYZ"',
        "framing 2 parity 1 break 1 overrun 0",
        "interrupts few",
        "DEAF",
        "overrun 1, kept 32",
        "DONE",
    ]


def test_which_core_executes_an_address(start: Start, programs: Path) -> None:
    pico = start(programs / "race.uf2")
    seen: list[tuple[int, int]] = []
    pico.on_event(lambda event: seen.append((event["core"], event["address"])))
    boot2, core1_wait = 0x20041F00, 0x00000104
    pico.watch_addresses(boot2, core1_wait)
    pico.run(0.001)
    pico.watch_addresses()
    assert (0, boot2) in seen
    assert (1, core1_wait) in seen
    assert (1, boot2) not in seen
