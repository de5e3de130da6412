#!/usr/bin/env python3
"""Heartbeat threads on the virtual Pico for hours: no beat lost, no leak, cores that sleep.

    python tests/pico/library/heartbeat.py --hours 24
    python tests/pico/library/heartbeat.py --hours 1 --seed 7 --port usb

Six threads beat, each by another way to wait; the main thread collects garbage and reports once a
minute. test_heartbeat.py runs one hour. WEFT_PICO_IMAGE names another image.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass

from emulated_board import EmulatedBoard, Failure, weft_image

PERIODS_MS = (50, 100, 250, 500, 1000, 1000)
LATE_US = 2000
"""How late a beat may come: once a second all six are due at once."""
COLLECTION_US = 15_000
"""How late a beat may come that falls into a garbage collection."""
CLOCK_S = 0.02
LEAK_BYTES = 512
WARM_UP = 2  # minutes
MOST_WORK = 1.5
"""How many times the work of minute WARM_UP a minute may have: with more, a core does not sleep."""

PROGRAM = f"""
import gc, queue, threading, time
periods = {PERIODS_MS}
beats, worst, late = [0] * 6, [0] * 6, [0] * 6
never, lock, empty = threading.Event(), threading.Lock(), queue.Queue()
lock.acquire()
condition = threading.Condition()
ping = threading.Event()
def in_condition(us):
    with condition:
        condition.wait(us / 1000000)
def get(us):
    try:
        empty.get(timeout=us / 1000000)
    except queue.Empty:
        pass
def note(i, due):
    beats[i] += 1
    by = time.ticks_diff(time.ticks_us(), due)
    worst[i] = max(worst[i], by)
    late[i] += by > {LATE_US}
ways = [
    lambda us: never.wait(us / 1000000), time.sleep_us, in_condition,
    lambda us: lock.acquire(timeout=us / 1000000), get,
]
def beat(i, due):
    while True:
        due = time.ticks_add(due, periods[i] * 1000)
        left = time.ticks_diff(due, time.ticks_us())
        if left > 0:
            ways[i](left)
        note(i, due)
        if i == 4:
            pings.append(due)
            ping.set()
pings = []
def answer():
    while True:
        ping.wait()
        ping.clear()
        while pings:
            note(5, pings.pop(0))
start = time.ticks_us()
threading.Thread(target=answer, daemon=True).start()
for i in range(5):
    threading.Thread(target=beat, args=(i, start), daemon=True).start()
began = time.ticks_ms()
minute = 0
while True:
    minute += 1
    time.sleep_ms(time.ticks_diff(began + minute * 60000 + 25, time.ticks_ms()))
    done = ' '.join(map(str, beats))
    gc.collect()
    now = time.ticks_diff(time.ticks_ms(), began)
    print('minute:', now, gc.mem_free(), threading.active_count(), done, *(worst + late))
"""


@dataclass(frozen=True)
class Minute:
    """What the board has said after a minute, and when, in seconds since power-on."""

    at: float
    executed: int  # instructions of both cores
    ticks_ms: int
    free: int
    threads: int
    beats: tuple[int, ...]
    worst_us: tuple[int, ...]
    late: tuple[int, ...]


def watch(board: EmulatedBoard, minutes: int, *, show: bool = False) -> list[Minute]:
    """Let the threads beat for so many emulated minutes; Failure if one of these is not well."""
    board.begin(PROGRAM)
    came: list[Minute] = []
    for number in range(1, minutes + 1):
        line = board.run_until(b"\n", 61).decode()
        word, *numbers = line.split()
        if word != "minute:":
            raise Failure(f"expected the report of minute {number}; came {line!r}")
        ticks, free, threads, *rest = map(int, numbers)
        parts = (tuple(rest[at : at + 6]) for at in (0, 6, 12))
        came.append(Minute(board.now, board.pico.instructions(), ticks, free, threads, *parts))
        if show and number % 60 == 0:
            print(f"hour {number // 60}: {came[-1]}", flush=True)
        check(came)
    return came


def check(came: list[Minute]) -> None:
    """Compare the last minute with those before."""
    number, last = len(came), came[-1]
    expected = tuple(number * 60_000 // period for period in PERIODS_MS)
    first = came[min(number, WARM_UP) - 1]
    drift = (last.at - first.at) - (last.ticks_ms - first.ticks_ms) / 1000
    problems = []
    if last.beats != expected:
        problems.append(f"expected {expected} beats")
    if max(last.worst_us) > COLLECTION_US:
        problems.append(f"expected no beat to come later than by {COLLECTION_US} us")
    if any(late > number + 1 for late in last.late):
        problems.append(f"expected beats later than by {LATE_US} us in collections only")
    if abs(drift) > CLOCK_S:
        problems.append(f"expected no drift; the board's clock is off by {drift:.6f} s")
    if abs(last.free - first.free) > LEAK_BYTES:
        problems.append(f"expected {first.free} bytes to be free, as in minute {WARM_UP}")
    if last.threads != 7:
        problems.append("expected 7 threads")
    if number > WARM_UP:
        usual = first.executed - came[WARM_UP - 2].executed
        most = MOST_WORK * usual
        if last.executed - came[-2].executed > most:
            problems.append(f"expected cores that sleep, and at most {most:.0f} instructions more")
    if problems:
        raise Failure(f"minute {number}: {'; '.join(problems)}; came {last}")


def main() -> int:
    """Run what the command line says; 0 if all went well."""
    parser = argparse.ArgumentParser(description="Heartbeat threads for emulated hours.")
    parser.add_argument("--hours", type=float, default=1.0, help="emulated hours (1)")
    parser.add_argument("--seed", type=int, default=1, help="which core runs when (1)")
    parser.add_argument("--port", choices=["uart0", "usb"], default="uart0")
    arguments = parser.parse_args()
    image = weft_image()
    began = time.monotonic()
    board = EmulatedBoard(image, seed=arguments.seed, port=arguments.port)
    try:
        came = watch(board, round(arguments.hours * 60), show=True)
    except Failure as failure:
        print(f"heartbeat failed with seed {arguments.seed}: {failure}", file=sys.stderr)
        return 1
    finally:
        board.close()
    last, first = came[-1], came[min(len(came), WARM_UP) - 1]
    print(
        f"{len(came) / 60:g} hours with seed {arguments.seed}: {sum(last.beats)} beats, none lost;"
        f" the latest by {max(last.worst_us)} us; {sum(last.late)} later than {LATE_US} us;"
        f" free memory {first.free}, then {last.free} bytes;"
        f" drift {(last.at - first.at) * 1000 - (last.ticks_ms - first.ticks_ms):.3f} ms;"
        f" {time.monotonic() - began:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
