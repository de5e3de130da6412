"""Programs in C over the kernel and the Pico SDK do on the virtual Pico what they have to.

To see one again: `weft virtual pico --image PROGRAM.uf2 --until DONE --seed N`; the failing test
names the program's file.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from weft.boards.virtual.pico import VirtualPico
from weft.firmware import rp2

OUTPUTS = {
    "contexts": "right 5 of 5, some moved 1\nticks 1\nDONE\n",
    "idle": "DONE\n",
    "overflow": 4 * "panic: the stack of a thread has overflowed: glutton\n" + "restarted\nDONE\n",
    "parking": "it moved 0 times, interrupts 1\nDONE\n",
    "sdk_locks": """\
mutex 1200, recursive 1200
semaphore let in 2
queue 21
try 0
timeout 0 after 20 ms
DONE
""",
}
MOST_WHILE_IDLE = 10_000  # instructions in a second: going to sleep, a few alarms


@pytest.fixture(scope="module")
def programs() -> Path:
    """The folder of the programs in programs/, built."""
    return rp2.sdk_programs(Path(__file__).parent / "programs", uses_runtime=True)


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("name", OUTPUTS)
def test_a_program_prints_what_it_should(programs: Path, name: str, seed: int) -> None:
    image = programs / f"{name}.uf2"
    with VirtualPico(image, seed=seed) as board:
        board.run(20, port="uart0", texts=(b"DONE\r\n",))
        output = board.output("uart0").decode().replace("\r\n", "\n")
        assert output == OUTPUTS[name], f"{image}, seed {seed}: {board.run(0).explain()}"
        if name == "idle":
            before = board.instructions()
            board.run(1)
            executed = board.instructions() - before
            assert executed < MOST_WHILE_IDLE, f"{image}, seed {seed}: no sleep"
