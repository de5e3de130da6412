"""The board's time: formats as CPython's, and timeouts that CPython refuses."""

from __future__ import annotations

import time

from programs import lines_of
from weft.boards.board import Board

DIRECTIVES = "aAbBcCdDeFGgHIjkmMnpRrStTuUVwWxXyYZz%h"
DAYS = [0, 59, 364, 365, 730, 1095, 1460, 11016, 16435, 17166, 20453, 20784]
"""Since 1970: the turns of years, where weeks are numbered in every way."""


def test_strftime_is_cpythons(board: Board) -> None:
    form = "|".join(f"{letter}%{letter}" for letter in DIRECTIVES) + "|%% %Q|%"
    source = (
        "import time\n"
        f"for day in {DAYS}:\n"
        "    for hour in (0, 11, 12, 23):\n"
        f"        when = time.gmtime(day * 86400 + hour * 3600 + 5.5)\n"
        f"        print(repr(time.strftime({form!r}, when)))\n"
    )
    expected = []
    for day in DAYS:
        for hour in (0, 11, 12, 23):
            when = time.gmtime(day * 86400 + hour * 3600 + 5)
            text = time.strftime(form.replace("Z%Z", "ZUTC").replace("z%z", "z+0000"), when)
            expected.append(repr(text))
    assert lines_of(board, source) == expected


def test_whole_nanoseconds_are_integers_of_their_own(board: Board) -> None:
    source = """\
import time
print(isinstance(time.monotonic_ns(), int), isinstance(time.perf_counter_ns(), int))
print(isinstance(time.time_ns(), int), abs(time.time() - time.time_ns() / 1e9) < 10)
before, now, after = time.monotonic_ns(), time.monotonic(), time.monotonic_ns()
print(before / 1e9 - 1e-6 <= now <= after / 1e9 + 1e-6)
print(time.strftime("%Y") == str(time.localtime()[0]), time.localtime(time.time())[0] > 2020)
"""
    assert lines_of(board, source) == ["True True", "True True", "True", "True True"]


def test_a_wait_that_is_too_long_raises(board: Board) -> None:
    source = """\
import threading
def error_of(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except (OverflowError, ValueError) as error:
        return type(error).__name__
event, lock, none = threading.Event(), threading.Lock(), threading.Semaphore(0)
condition = threading.Condition()
gate = threading.Event()
thread = threading.Thread(target=gate.wait)
thread.start()
lock.acquire()
for seconds in (1e10, float("inf"), threading.TIMEOUT_MAX * 2, float("nan")):
    waits = [error_of(event.wait, seconds), error_of(none.acquire, timeout=seconds)]
    waits += [error_of(lock.acquire, True, seconds), error_of(thread.join, seconds)]
    with condition:
        waits.append(error_of(condition.wait, seconds))
    print(set(waits))
gate.set()
thread.join()
print(threading.Semaphore(1).acquire(timeout=float("inf")), error_of(event.wait, float("-inf")))
lock.release()
print(lock.acquire(timeout=threading.TIMEOUT_MAX), threading.TIMEOUT_MAX == 9223372036.0)
"""
    expected = ["{'OverflowError'}"] * 3 + ["{'ValueError'}", "True False", "True True"]
    assert lines_of(board, source) == expected
