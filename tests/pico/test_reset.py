"""Resets, soft and hard, whatever threads do: they end, and their memory comes back."""

from __future__ import annotations

import random

import pytest
from emulated_board import EmulatedBoard, Start, numbers

ROUNDS = 50

EIGHT_THREADS = """
import gc, io, os, queue, sys, threading, time
never = threading.Event()
lock = threading.Lock(); lock.acquire()
condition = threading.Condition()
empty = queue.Queue()
rlock = threading.RLock()
shared = {}
def busy():
    n = 0
    while True:
        n += 1
def busy_with_memory():
    n = 0
    while True:
        shared[n % 50] = [str(n), bytearray(n % 300)]
        n += 1
def sleeps():
    while True:
        time.sleep_ms(3)
def waits():
    never.wait()
def waits_for_lock():
    lock.acquire()
def holds_and_waits():
    with rlock, condition:
        condition.wait(1000)
def gets():
    empty.get()
def prints():
    while True:
        print('.', end='')
        time.sleep_ms(1)
def collects():
    while True:
        gc.collect()
        time.sleep_ms(7)
def endless():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
def writes():
    while True:
        with open('log.txt', 'w') as file:
            file.write('weft' * 100)
def start(functions):
    for function in functions:
        threading.Thread(target=function, daemon=True).start()
"""
KINDS = [
    *("busy", "busy_with_memory", "sleeps", "waits", "waits_for_lock", "holds_and_waits", "gets"),
    *("prints", "collects", "endless"),
]
MEMORY = """
import gc, threading
gc.collect(); gc.collect()
print('memory:', gc.mem_free(), threading.active_count())
"""


def memory(board: EmulatedBoard) -> list[int]:
    """Free memory and the number of threads."""
    return numbers(board.execute(MEMORY), "memory")


def test_soft_reset_with_eight_threads_alive_fifty_times(start: Start, seed: int) -> None:
    board = start(seed=seed)
    chance = random.Random(seed)
    fresh = memory(board)
    assert fresh[1] == 1
    for round_ in range(ROUNDS):
        kinds = chance.sample(KINDS, 8)
        board.execute(EIGHT_THREADS + f"start([{', '.join(kinds)}])")
        board.run(chance.uniform(0, 0.05))
        board.soft_reset()
        assert memory(board) == fresh, f"round {round_}: the threads were {kinds}"


def test_soft_reset_of_a_main_program_that_runs(start: Start, seed: int) -> None:
    """From the friendly REPL, with Ctrl-C and Ctrl-D, as a person does it."""
    board = start(seed=seed)
    fresh = memory(board)
    board.begin(EIGHT_THREADS + f"start([{', '.join(KINDS[:8])}])\ntime.sleep(100)")
    board.run(0.1)
    board.send(b"\x03")
    assert "KeyboardInterrupt" in board.finish(2).traceback
    board.send(b"\x02")
    board.run_until(b">>> ", 2)
    board.send(b"\x04")
    board.run_until(b"MPY: soft reboot", 2)
    board.run_until(b">>> ", 2)
    board.enter()
    assert memory(board) == fresh


def test_soft_reset_by_the_program(board: EmulatedBoard) -> None:
    fresh = memory(board)
    board.begin(
        EIGHT_THREADS + f"start([{', '.join(KINDS[:8])}])\nimport machine; machine.soft_reset()"
    )
    board.run_until(b"soft reboot\r\n", 2)
    board.run_until(b"raw REPL; CTRL-B to exit\r\n>", 2)
    assert memory(board) == fresh


def test_soft_reset_while_a_thread_writes_files(board: EmulatedBoard) -> None:
    for _ in range(5):
        board.execute(EIGHT_THREADS + "start([writes, busy, busy_with_memory])")
        board.run(0.3)
        board.soft_reset()
    assert (
        board.execute(
            "f = open('well.txt', 'w'); f.write('well'); f.close(); print(open('well.txt').read())"
        )
        == "well\n"
    )


@pytest.mark.parametrize("how", ["machine.reset()", "machine.WDT(timeout=100); time.sleep(10)"])
def test_hard_reset_with_eight_threads_alive(board: EmulatedBoard, how: str) -> None:
    fresh = memory(board)
    board.begin(EIGHT_THREADS + f"start([{', '.join(KINDS[:8])}])\nimport machine\n{how}")
    board.run_until(b"MicroPython v1.25.0", 5)
    board.run_until(b">>> ", 5)
    assert board.pico.state()["resets"] == 1
    board.enter()
    assert memory(board) == fresh


def test_a_reset_from_a_thread(board: EmulatedBoard) -> None:
    board.begin(
        EIGHT_THREADS
        + "start([busy, busy_with_memory, collects])\n"
        + "import machine\nthreading.Thread(target=machine.reset).start()\ntime.sleep(10)"
    )
    board.run_until(b"MicroPython v1.25.0", 5)
    assert board.pico.state()["resets"] == 1
