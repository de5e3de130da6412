"""The board's threading, queue, logging and time, on weft's firmware and on stock firmware."""

from __future__ import annotations

import json
import subprocess
import sys

import programs
from programs import lines_of
from weft.boards.board import Board
from weft.boards.transcript import Recorder, without_tracebacks


def test_misuse_raises_what_threading_raises(board: Board) -> None:
    assert lines_of(board, programs.ERRORS) == programs.ERRORS_OUTPUT


def test_a_program_can_ask_whether_threads_run_at_once(board: Board) -> None:
    asks = "import threading\nprint(threading._is_parallel())"
    assert lines_of(board, asks) == [str(board.kind.name == "unix-parallel")]


def test_a_start_without_memory_returns(board: Board) -> None:
    """Whatever memory is left for it: start() raises, or the thread ends and can be joined."""
    printed = lines_of(board, programs.SHORT_OF_MEMORY)
    assert printed[-1] == "some started, not all: True; threads left: []", printed


def test_logging_prints_what_cpython_prints(board: Board) -> None:
    done = subprocess.run(
        [sys.executable, "-u", "-c", programs.LOGGING],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=240,
    )
    recorder = Recorder()
    recorder(done.stdout)
    expected = [line.text for line in without_tracebacks(recorder.close())]
    assert len(expected) > 5
    assert lines_of(board, programs.LOGGING) == expected


def test_every_wait_has_a_timeout_and_none_ends_early(board: Board) -> None:
    assert lines_of(board, programs.TIMEOUTS) == ["False True"] * 7 + ["False"]


def test_asctime_has_the_form_of_cpythons(board: Board) -> None:
    source = "import logging\nlogging.basicConfig(format='%(asctime)s')\nlogging.error('')"
    [line] = lines_of(board, source)
    date, time = line.split(" ")
    assert [len(part) for part in (*date.split("-"), *time.replace(",", ":").split(":"))] == [
        4,
        2,
        2,
        2,
        2,
        2,
        3,
    ]


def test_many_threads(board: Board) -> None:
    source = (
        "import threading\n"
        "lock, count = threading.Lock(), 0\n"
        "def work():\n"
        "    global count\n"
        "    for _ in range(50):\n"
        "        with lock: count += 1\n"
        "threads = [threading.Thread(target=work) for _ in range(40)]\n"
        "for t in threads: t.start()\n"
        "for t in threads: t.join()\n"
        "print(count, threading.active_count())\n"
    )
    assert lines_of(board, source) == ["2000 1"]


def test_a_notified_condition_hands_over_between_threads(board: Board) -> None:
    source = (
        "import threading\n"
        "turn, condition = 0, threading.Condition()\n"
        "def play(me):\n"
        "    global turn\n"
        "    for _ in range(100):\n"
        "        with condition:\n"
        "            condition.wait_for(lambda: turn % 2 == me)\n"
        "            turn += 1\n"
        "            condition.notify_all()\n"
        "threads = [threading.Thread(target=play, args=(me,)) for me in (0, 1)]\n"
        "for t in threads: t.start()\n"
        "for t in threads: t.join()\n"
        "print(turn)\n"
    )
    assert lines_of(board, source) == ["200"]


def test_an_event_that_is_set_and_cleared_at_once_releases_its_waiters(board: Board) -> None:
    source = (
        "import threading, time\n"
        "event, released = threading.Event(), []\n"
        "ready = threading.Semaphore(0)\n"
        "def work():\n"
        "    ready.release()\n"
        "    released.append(event.wait(10))\n"
        "threads = [threading.Thread(target=work) for _ in range(3)]\n"
        "for t in threads: t.start()\n"
        "for _ in threads: ready.acquire()\n"
        "while any(t.is_alive() for t in threads):\n"
        "    event.set(); event.clear(); time.sleep(0.001)\n"
        "print(released)\n"
    )
    assert lines_of(board, source) == ["[True, True, True]"]


def test_time_has_what_programs_use(board: Board) -> None:
    source = (
        "import time\n"
        "a, b = time.monotonic(), time.perf_counter()\n"
        "time.sleep(0.01)\n"
        "print(time.monotonic() - a >= 0.01, time.perf_counter() - b >= 0.01, time.time() > 0)\n"
        "print(time.monotonic_ns() >= 0, time.perf_counter_ns() >= 0, time.ticks_ms() >= 0)\n"
    )
    assert lines_of(board, source) == ["True True True"] * 2


def test_a_thread_local_has_a_value_for_each_thread(board: Board) -> None:
    source = (
        "import threading\n"
        "class Mine(threading.local):\n"
        "    def __init__(self, start): self.count = start\n"
        "mine = Mine(5)\n"
        "def work():\n"
        "    mine.count += 1\n"
        "    print(mine.count)\n"
        "for _ in range(2):\n"
        "    t = threading.Thread(target=work); t.start(); t.join()\n"
        "print(mine.count)\n"
    )
    assert lines_of(board, source) == ["6", "6", "5"]


def test_a_port_that_runs_one_more_thread_says_so() -> None:
    """A stock Pico answers OSError("core1 in use") to a second extra thread."""
    source = (
        "import _thread, threading\n"
        "def refuse(*args): raise OSError('core1 in use')\n"
        "class Pico:\n"
        "    start_new_thread = staticmethod(refuse)\n"
        "    stack_size = staticmethod(_thread.stack_size)\n"
        "threading._thread = Pico\n"
        "try:\n    threading.Thread(target=print).start()\n"
        "except RuntimeError as error: print(error)\n"
    )
    with Board("unix-stock") as board:
        [line] = lines_of(board, source)
    assert "runs one thread besides the main one" in line
    assert "flash weft's firmware" in line


def test_the_package_for_mip_lists_every_file() -> None:
    from weft.firmware.steps import FIRMWARE

    python = FIRMWARE / "python"
    urls = json.loads((python / "package.json").read_text("utf-8"))["urls"]
    assert {python / source for _, source in urls} == set(python.rglob("*.py"))
