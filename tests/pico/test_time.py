"""The board's time long after the start: the timer is set ahead, as its registers allow."""

from __future__ import annotations

import pytest
from emulated_board import EmulatedBoard, numbers

TIMER = 0x40054000
DAY_US = 86_400 * 10**6
WRAP_US = 2**32
"""After this the lower half of the timer is as it was: pending alarms stay right."""

AHEAD = f"""
import machine, micropython, threading, time
def ahead(us):
    'Let the timer be a multiple of its lower half further on.'
    high = machine.mem32[{TIMER + 0x24:#x}] + us // {WRAP_US}
    machine.mem32[{TIMER + 0x04:#x}] = machine.mem32[{TIMER + 0x28:#x}]
    machine.mem32[{TIMER:#x}] = high
"""

PERIODS = """
def periods(count):
    'The loop that keeps a period: how far each of its times is from where it belongs, in us.'
    begun_ns = time.monotonic_ns()
    first = nxt = time.monotonic()
    late = []
    for i in range(1, count + 1):
        nxt += .002
        time.sleep(nxt - time.monotonic())
        late.append((time.monotonic_ns() - begun_ns) // 1000 - 2000 * i)
    return late
"""


@pytest.fixture(scope="module", params=[25 * 3600, 5 * 365 * 86_400], ids=["a day", "five years"])
def seconds(request: pytest.FixtureRequest) -> int:
    """How long the board has been on."""
    ahead: int = request.param
    return ahead


def test_time_is_exact_long_after_the_start(board: EmulatedBoard, seconds: int) -> None:
    program = (
        AHEAD
        + PERIODS
        + f"""
ahead({seconds} * 1000000)
print('on for:', time.monotonic_ns() // 1000000000)
print('late:', *periods(100))
def took(function, *args):
    begun, begun_ns = time.monotonic(), time.monotonic_ns()
    function(*args)
    exact = (time.monotonic_ns() - begun_ns) // 1000
    return exact, round((time.monotonic() - begun) * 1e6)
lock = threading.Lock()
lock.acquire()
event, idle = threading.Event(), threading.Event()
waiting = threading.Thread(target=idle.wait)
waiting.start()
waits = [took(time.sleep, .000352), took(event.wait, .000352), took(lock.acquire, True, .000352)]
waits += [took(waiting.join, .000352), took(time.sleep, .0125)]
idle.set()
print('exact:', *[exact for exact, _ in waits])
print('floats:', *[exact - as_float for exact, as_float in waits])
a, b, c = time.monotonic_ns(), time.monotonic(), time.monotonic_ns()
print('inside:', int(a <= round(b * 1e9) + 999 and round(b * 1e9) - 999 <= c))
"""
    )
    text = board.execute(program, 30)
    assert abs(numbers(text, "on for")[0] - seconds) <= WRAP_US // 10**6
    late = numbers(text, "late")
    assert len(late) == 100
    assert all(0 <= us < 1500 for us in late), f"a period of 2 ms was not kept: {late}"
    *short, long = numbers(text, "exact")
    assert all(352 <= us < 352 + 1000 for us in short), text
    assert 12500 <= long < 13500, text
    assert all(abs(us) < 400 for us in numbers(text, "floats")), text
    assert numbers(text, "inside") == [1], text


def test_a_wait_goes_over_the_wrap_of_the_timers_lower_half(board: EmulatedBoard) -> None:
    program = (
        AHEAD
        + PERIODS
        + f"""
machine.mem32[{TIMER + 0x04:#x}] = {WRAP_US - 50_000}
machine.mem32[{TIMER:#x}] = 20
before = time.monotonic_ns()
event = threading.Event()
event.wait(.04)
late = periods(20)
event.wait(.02)
print('late:', *late)
print('passed:', (time.monotonic_ns() - before) // 1000000)
print('high:', machine.mem32[{TIMER + 0x24:#x}])
"""
    )
    text = board.execute(program, 30)
    late = numbers(text, "late")
    assert all(0 <= us < 1500 for us in late), f"a period of 2 ms was not kept: {late}"
    assert 100 <= numbers(text, "passed")[0] < 115, text
    assert numbers(text, "high") == [21]


def test_the_time_of_day_has_its_fraction(board: EmulatedBoard) -> None:
    program = """
import machine, time
machine.RTC().datetime((2030, 1, 31, 3, 12, 30, 0, 0))
a = time.time()
time.sleep(.123)
b = time.time()
print('passed:', round((b - a) * 1000))
print('whole:', int(a), time.time_ns() // 1000000000 - int(b))
import logging
logging.basicConfig(format='%(asctime)s %(relativeCreated)d')
logging.error('')
print(time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(a)))
"""
    text = board.execute(program)
    lines = text.splitlines()
    assert 123 <= numbers(text, "passed")[0] <= 125, text
    assert numbers(text, "whole") == [1896093000, 0], text
    assert lines[2].startswith("2030-01-31 12:30:00,"), text
    assert 120 <= int(lines[2][20:23]) < 300, f"asctime has no milliseconds: {lines[2]}"
    assert lines[3] == "2030-01-31 12:30:00"
