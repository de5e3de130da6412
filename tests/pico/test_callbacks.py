"""Scheduled callbacks, timers and Pin interrupts beside busy threads, and what they wake."""

from __future__ import annotations

import random

import pytest
from busy import busy_threads, check_threads
from emulated_board import EmulatedBoard, numbers

INPUT, ANSWER = 14, 15  # pins

BUSY = busy_threads("busy", "allocating", "busy", "allocating")


def check(text: str, name: str, expected: int) -> None:
    """So many of them came, and the threads went on."""
    assert numbers(text, name) == [expected], text
    check_threads(text)


def test_scheduled_callbacks_all_run(board: EmulatedBoard) -> None:
    program = """
done = []
def schedule(n):
    for i in range(25):
        while True:
            try:
                micropython.schedule(done.append, n)
                break
            except RuntimeError:   # the queue is full
                time.sleep_ms(1)
        time.sleep_ms(i % 3)
schedulers = [threading.Thread(target=schedule, args=(n,)) for n in range(4)]
for thread in schedulers:
    thread.start()
schedule(4)
for thread in schedulers:
    thread.join()
time.sleep_ms(20)
end()
print('done:', len(done))
print('each:', *[done.count(n) for n in range(5)])
"""
    text = board.execute(BUSY + program)
    check(text, "done", 125)
    assert numbers(text, "each") == [25] * 5


def test_timers_fire_as_often_as_they_should(board: EmulatedBoard) -> None:
    program = """
fired = [0, 0]
def on_soft(timer):
    fired[0] += 1
def on_one_shot(timer):
    fired[1] += 1
soft = machine.Timer(period=10, callback=on_soft)
one = machine.Timer(mode=machine.Timer.ONE_SHOT, period=25, callback=on_one_shot)
time.sleep_ms(505)
soft.deinit()
end()
print('one:', fired[1])
print('soft:', fired[0])
"""
    text = board.execute(BUSY + program)
    check(text, "one", 1)
    assert 48 <= numbers(text, "soft")[0] <= 50, text


PIN = f"""
pin = machine.Pin({INPUT}, machine.Pin.IN)
answer = machine.Pin({ANSWER}, machine.Pin.OUT, value=0)
edges = 0
def on_edge(pin):
    global edges
    edges += 1
    answer.on()
    answer.off()
"""


@pytest.mark.parametrize("hard", [False, True], ids=["soft", "hard"])
@pytest.mark.parametrize("enabled_by", ["main thread", "another thread"])
def test_pin_interrupts(
    board: EmulatedBoard, hard: bool, enabled_by: str, request: pytest.FixtureRequest
) -> None:
    enable = f"pin.irq(on_edge, machine.Pin.IRQ_RISING, hard={hard})"
    if enabled_by != "main thread":
        enable = f"t = threading.Thread(target=lambda: {enable}); t.start(); t.join()"
    board.pico.drive(INPUT, False)
    board.pico.watch_pin(ANSWER)
    board.execute(BUSY + PIN + enable)
    chance = random.Random(board.seed)
    driven, at = [], board.now + 0.001
    for _ in range(30):
        board.pico.drive(INPUT, True, at_s=at)
        board.pico.drive(INPUT, False, at_s=at + 0.0002)
        driven.append(at)
        at += chance.uniform(0.006, 0.015)
    board.run(at - board.now)
    check(board.execute("end()\nprint('edges:', edges)"), "edges", 30)
    late = [answer - at for at, answer in zip(driven, board.edges(ANSWER, True), strict=True)]
    request.node.user_properties.append(
        (f"latency of a {'hard' if hard else 'soft'} Pin handler", f"{max(late) * 1e3:.3f} ms")
    )
    assert max(late) < (0.0005 if hard else 0.020), f"the handler was late: {late}"


WAITER = f"""
import gc, machine, threading, time
pin = machine.Pin({INPUT}, machine.Pin.IN)
answer = machine.Pin({ANSWER}, machine.Pin.OUT, value=0)
event = threading.Event()
woken = 0
def wait():
    global woken
    while True:
        event.wait()
        event.clear()
        answer.on()
        answer.off()
        woken += 1
waiters = threading.Thread(target=wait, daemon=True)
waiters.start()
def on_edge(pin):
    event.set()
"""


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
@pytest.mark.parametrize("hard", [False, True], ids=["soft", "hard"])
def test_a_pin_handler_sets_an_event_and_wakes_its_waiter(
    board: EmulatedBoard, hard: bool, busy: bool, request: pytest.FixtureRequest
) -> None:
    board.pico.drive(INPUT, False)
    board.pico.watch_pin(ANSWER)
    board.execute(
        (BUSY if busy else "") + WAITER + f"pin.irq(on_edge, machine.Pin.IRQ_RISING, hard={hard})"
    )
    chance = random.Random(board.seed)
    driven, at = [], board.now + 0.001
    for _ in range(20):
        board.pico.drive(INPUT, True, at_s=at)
        board.pico.drive(INPUT, False, at_s=at + 0.0002)
        driven.append(at)
        at += chance.uniform(0.03, 0.05)
    board.run(at - board.now)
    assert numbers(board.execute("print('woken:', woken)"), "woken") == [20]
    late = [answer - at for at, answer in zip(driven, board.edges(ANSWER, True), strict=True)]
    name = f"{'hard' if hard else 'soft'} Pin handler to waiter, {'busy' if busy else 'idle'}"
    request.node.user_properties.append((name, f"{max(late) * 1e3:.3f} ms"))
    assert max(late) < (0.025 if busy else 0.001), f"{name}: late by {late}"


def test_a_timer_sets_an_event_and_wakes_its_waiter(board: EmulatedBoard) -> None:
    program = """
event = threading.Event()
woken = 0
def on_timer(timer):
    event.set()
timer = machine.Timer(period=50, callback=on_timer)
for _ in range(10):
    woken += event.wait(1)
    event.clear()
timer.deinit()
end()
print('woken:', woken)
"""
    check(board.execute(BUSY + program), "woken", 10)


@pytest.mark.parametrize(
    "blocks",
    [
        "print('x' * 150)",
        "time.sleep_ms(3)",
        "take()",
        "event.wait(0.003)",
        "gc.collect()",
    ],
)
def test_a_callback_that_blocks_lets_threads_run_and_ends(
    board: EmulatedBoard, blocks: str
) -> None:
    program = f"""
lock = threading.Lock()
event = threading.Event()
def hold():
    while not stop:
        with lock:
            time.sleep_ms(5)
        time.sleep_ms(1)
holder = threading.Thread(target=hold)
threads.append(holder)
holder.start()
def take():   # a callback that runs in the thread which holds the lock would wait for itself
    if threading.get_ident() != holder.ident:
        lock.acquire()
        lock.release()
called = 0
def on_timer(timer):
    global called
    {blocks}
    called += 1
timer = machine.Timer(period=50, callback=on_timer)
time.sleep_ms(525)
timer.deinit()
time.sleep_ms(30)
end()
print('called:', called)
"""
    text = board.execute(BUSY + program)
    check(text, "called", 10)


def test_ctrl_c_ends_a_callback_that_blocks(board: EmulatedBoard) -> None:
    """It blocks the main thread, as any callback does; Ctrl-C ends it, and the program goes on."""
    board.execute(
        BUSY
        + "lock = threading.Lock(); lock.acquire()\n"
        + "def on_timer(timer):\n print('blocks')\n lock.acquire()\n"
    )
    board.begin(
        "timer = machine.Timer(mode=machine.Timer.ONE_SHOT, period=5, callback=on_timer)\n"
        "time.sleep_ms(50)\n"
        "print('went on')"
    )
    board.run_until(b"blocks\r\n")
    board.run(0.2)
    board.send(b"\x03")
    outcome = board.finish(1)
    assert "KeyboardInterrupt" in outcome.text, outcome
    assert outcome.text.endswith("went on\n"), outcome


def test_an_exception_in_a_callback_hurts_nobody(board: EmulatedBoard) -> None:
    program = """
def fail(argument):
    raise ValueError('in a callback')
micropython.schedule(fail, 0)
time.sleep_ms(50)
end()
print('well: 1')
"""
    text = board.execute(BUSY + program)
    check(text, "well", 1)
    assert "ValueError: in a callback" in text


@pytest.mark.parametrize("by", ["main thread", "another thread"])
def test_the_processors_frequency_changes_beside_threads(board: EmulatedBoard, by: str) -> None:
    change = "machine.freq(f)"
    if by != "main thread":
        change = "t = threading.Thread(target=machine.freq, args=(f,)); t.start(); t.join()"
    program = f"""
well = 0
for f in (200_000_000, 62_500_000, 133_000_000, 125_000_000):
    {change}
    begin = time.ticks_us()
    time.sleep_ms(50)
    took = time.ticks_diff(time.ticks_us(), begin)
    well += machine.freq() == f and 50000 <= took < 90000
end()
print('well:', well)
"""
    check(board.execute(BUSY + program), "well", 4)


@pytest.mark.parametrize(
    "wait",
    [
        "time.sleep_ms(100)",
        "time.sleep(0.1)",
        "event.wait(0.1)",
        "lock.acquire(timeout=0.1)",
        "in_condition(0.1)",
        "semaphore.acquire(timeout=0.1)",
    ],
)
def test_a_timed_wait_ends_beside_callbacks_every_millisecond(
    board: EmulatedBoard, wait: str
) -> None:
    """Each callback interrupts the main thread's wait."""
    program = f"""
event, lock, semaphore = threading.Event(), threading.Lock(), threading.Semaphore(0)
lock.acquire()
condition = threading.Condition()
def in_condition(timeout):
    with condition:
        condition.wait(timeout)
fired = 0
def on_timer(timer):
    global fired
    fired += 1
timer = machine.Timer(period=1, callback=on_timer)
begin = time.ticks_us()
for _ in range(3):
    {wait}
took = time.ticks_diff(time.ticks_us(), begin)
timer.deinit()
end()
print('took:', took)
"""
    text = board.execute(BUSY + program)
    assert 300_000 <= numbers(text, "took")[0] <= 390_000, text
