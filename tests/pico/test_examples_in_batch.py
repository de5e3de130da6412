"""The bundled examples on a virtual Pico: what CPython prints, at the times that they name.

Times are the board's: when the first byte of a line leaves it, counted from the first line.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from emulated_board import EmulatedBoard, Outcome, seed_for
from weft import examples
from weft.boards.board import SHUTDOWN
from weft.boards.compare import compare, is_untimely, report, rules_of
from weft.boards.lateness import LatenessGauge
from weft.boards.transcript import Line, record_cpython, without_tracebacks

PORTS = ("uart0", "usb")
LIMIT_S = 30.0
CPYTHON_LIMIT_S = 120.0
CPYTHON_RUNS = 5  # its times are the host's, which may be busy; the board's are always the same
TOLERANCE_S = 0.010
CLOCK_S = 0.001  # what the times of the emulator's output are exact to
BYTE_S = 10 / 115200
"""What a byte takes on the UART. The console is on both ports, and a line waits until those before
it are out of the slower one: that is no lateness."""


@dataclass(frozen=True)
class Burst:
    """Lines without a pause between them: how many, and how many seconds after the start of which
    line; by default, the first."""

    lines: int
    seconds: float = 0.0
    after: str = ""


# The seed's programs. A sleep begins when its thread has printed what comes before it: so time
# counts from that line.
TIMES = {
    "threading_daemon": [Burst(3)],
    "threading_daemon_join": [Burst(3), Burst(1, 2.0)],
    "threading_daemon_join_timeout": [Burst(3), Burst(1, 1.0)],
    "threading_event": [
        Burst(3),
        Burst(3, 2.0, after="(non-block ) wait_for_event_timeout starting"),
        Burst(4, 3.0, after="(MainThread) Waiting before calling Event.set()"),
    ],
    "threading_simple": [Burst(5)],
    "threading_simpleargs": [Burst(5)],
}


@functools.cache
def run_example(name: str, image: Path, seed: int, port: str) -> Outcome:
    """Run an example to the end of its threads."""
    source = examples.FOLDER.joinpath(f"{name}.py").read_text("utf-8")
    with closing(EmulatedBoard(image, seed=seed, port=port)) as board:
        board.begin(f"{source}\n{SHUTDOWN}")
        outcome = board.finish(LIMIT_S)
    assert not outcome.traceback, f"{name} over {port} with seed {seed}: came {outcome}"
    return outcome


@functools.cache
def cpythons_lines(name: str, number: int) -> tuple[list[Line], LatenessGauge]:
    """Return what CPython prints in its run of that number, and how late the computer was."""
    program = examples.FOLDER / f"{name}.py"
    with LatenessGauge() as gauge:
        recording = record_cpython(program, CPYTHON_LIMIT_S)
    return without_tracebacks(recording.lines), gauge


def runs(names: Iterable[str]) -> pytest.MarkDecorator:
    """Each example over each port with each seed; both tests of one take the same run."""
    return pytest.mark.parametrize(
        ("name", "port", "seed"),
        [
            pytest.param(
                name,
                port,
                seed,
                id=f"{name}-{port}-seed{seed}",
                marks=pytest.mark.xdist_group(f"{name}-{port}-{seed}"),
            )
            for name in names
            for port in PORTS
            for seed in (seed_for(f"{name}-{port}"),)
        ],
    )


@runs(examples.names())
def test_what_cpython_prints(name: str, port: str, seed: int, image: Path) -> None:
    program = examples.FOLDER / f"{name}.py"
    lines = run_example(name, image, seed, port).lines
    came = without_tracebacks([Line(line.text.rstrip(), line.at - lines[0].at) for line in lines])
    rules = rules_of(program.read_text("utf-8"))
    for number in range(CPYTHON_RUNS):
        expected, gauge = cpythons_lines(name, number)
        difference = compare(expected, came, rules)
        if not difference:
            return
        if not (is_untimely(expected, came, rules) or gauge.may_explain(rules.tolerance)):
            break
    assert difference
    pytest.fail(f"seed {seed}: {report(expected, came, difference)}", pytrace=False)


@runs(TIMES)
def test_the_seeds_programs_are_on_time(name: str, port: str, seed: int, image: Path) -> None:
    lines = run_example(name, image, seed, port).lines
    came = [(round(line.at - lines[0].at, 4), line.text) for line in lines]
    assert len(came) == sum(burst.lines for burst in TIMES[name]), f"seed {seed}: {came}"
    following = iter(came)
    for burst in TIMES[name]:
        start = next(at for at, text in came if not burst.after or text == burst.after)
        earliest = start + burst.seconds - CLOCK_S
        latest = earliest + CLOCK_S + TOLERANCE_S
        for at, text in itertools.islice(following, burst.lines):
            assert earliest <= at <= latest, (
                f"{text!r} must come {earliest:.4f} to {latest:.4f} s after the first line,"
                f" but came after {at} s over {port} with seed {seed}: {came}"
            )
            latest += BYTE_S * (len(text) + len("\r\n"))
