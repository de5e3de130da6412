"""Measures the emulator with a MicroPython image, for `weft bench --board pico-virtual --emulator`.

Each figure is the best of RUNS on this computer. The first two are real time; the speed is
instructions in a second of processor time, so that a busy computer does not count against it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from weft.boards.bench.measure import Result
from weft.boards.bench.rows import Row
from weft.boards.virtual.pico import VirtualPico
from weft.boards.virtual.pico_process import stock_image

RUNS = 3
PROMPT = b">>> "
BUSY = """\
import _thread
def busy():
    x = 1
    while True:
        x = (x * 5 + 1) & 0xffff
_thread.start_new_thread(busy, ())
print('bu' + 'sy')
busy()
"""


EMULATOR = "The emulator, on this computer"
ROWS = (
    Row(EMULATOR, "power-on to MicroPython's prompt", "emulator", "prompt", "s", 1.0),
    Row(EMULATOR, "10 s of emulated sleep", "emulator", "sleep", "s", 0.3),
    Row(EMULATOR, "two busy cores, in total", "emulator", "busy", "MIPS", 60.0, at_least=True),
)


def results(rows: Iterable[Row]) -> Iterator[Result]:
    """Measure with stock MicroPython, or the image that WEFT_PICO_IMAGE names: some ten seconds.

    Raises BoardError.
    """
    image = stock_image()
    measures = {
        "prompt": lambda: _best(min, image, _prompt),
        "sleep": lambda: _best(min, image, _sleep),
        "busy": lambda: _best(max, image, _busy),
    }
    return (Result(row, measures[row.figure]()) for row in rows)


def _best(
    choose: Callable[[list[float]], float], image: Path, measure: Callable[[Path], float]
) -> float:
    return choose([measure(image) for _ in range(RUNS)])


def _prompt(image: Path) -> float:
    start = time.perf_counter()
    with VirtualPico(image) as pico:
        pico.run_until("uart0", PROMPT, seconds=5)
        return time.perf_counter() - start


def _sleep(image: Path) -> float:
    with VirtualPico(image) as pico:
        pico.run_until("uart0", PROMPT, seconds=5)
        pico.send("uart0", b"import time\r")
        pico.run_until("uart0", b"\r\n" + PROMPT, seconds=5)
        start = time.perf_counter()
        pico.send("uart0", b"time.sleep(10)\r")
        pico.run_until("uart0", b"\r\n" + PROMPT, seconds=15)
        return time.perf_counter() - start


def _busy(image: Path) -> float:
    with VirtualPico(image) as pico:
        pico.run_until("uart0", PROMPT, seconds=5)
        pico.send("uart0", b"\x05" + BUSY.encode().replace(b"\n", b"\r") + b"\x04")
        pico.run_until("uart0", b"busy\r\n", seconds=5)
        pico.run(0.1)  # lets the host's compiler warm up
        before, start = pico.instructions(), pico.processor_seconds()
        pico.run(1.0)
        return (pico.instructions() - before) / (pico.processor_seconds() - start) / 1e6
