"""Scheduled callbacks run in the main thread, and what they print, log, put and write is whole."""

from __future__ import annotations

import re

import pytest
from busy import busy_threads
from emulated_board import EmulatedBoard, Start, numbers

BUSY = busy_threads("busy", "allocating", "busy")


def test_a_callback_runs_in_the_main_thread_whoever_schedules_it(board: EmulatedBoard) -> None:
    program = """
main, where = threading.get_ident(), []
def note(unused):
    where.append(threading.get_ident())
def schedule():
    for _ in range(20):
        try:
            micropython.schedule(note, 0)
        except RuntimeError:   # the queue is full
            pass
        time.sleep_ms(1)
timer = machine.Timer(period=3, callback=note)
threads_ = [threading.Thread(target=schedule) for _ in range(3)]
for thread in threads_: thread.start()
for thread in threads_: thread.join()
for _ in range(3000): pass
timer.deinit()
end()
print('callbacks:', len(where) > 20)
print('elsewhere:', len([w for w in where if w != main]))
"""
    text = board.execute(BUSY + program)
    assert "callbacks: True" in text, text
    assert numbers(text, "elsewhere") == [0], text


WHOLE = """
import machine, time
IMPORTS
n = 0
def on_timer(timer):
    global n
    n += 1
    SAY
over = False
def speak():
    i = 0
    while not over:
        print('thread says', i)
        i += 1
        time.sleep_ms(3)
START
timer = machine.Timer(period=4, callback=on_timer)
for i in range(40):
    print('main says', i, 'and that is a line')
over = True
timer.deinit()
time.sleep_ms(30)
print('called:', n)
"""
KINDS = {
    "print, threading imported": ("import threading", "print('callback says', n)"),
    "print, _thread only": ("import _thread", "print('callback says', n)"),
    "logging": (
        "import logging, threading, sys\n"
        "logging.basicConfig(level=logging.INFO, stream=sys.stdout, format='%(message)s')",
        "logging.info('callback says %d', n)",
    ),
}


@pytest.mark.parametrize("port", ["uart0", "usb"])
@pytest.mark.parametrize("kind", KINDS)
def test_lines_of_main_threads_and_callbacks_are_whole(start: Start, port: str, kind: str) -> None:
    imports, say = KINDS[kind]
    begin = (
        "threading.Thread(target=speak).start()"
        if "threading" in imports
        else "print = PRINT\n_thread.start_new_thread(speak, ())"
    )
    # Without threading a call of print() with several values is several writes.
    one_write = "lambda *values: sys.stdout.write(' '.join(map(str, values)) + '\\n')"
    program = WHOLE.replace("IMPORTS", imports + "\nimport sys").replace("SAY", say)
    program = program.replace("START", begin.replace("PRINT", one_write))
    text = start(seed=len(kind), port=port).execute(program, seconds=10)
    assert numbers(text, "called")[0] >= 5, text
    line = re.compile(r"main says \d+ and that is a line|(thread|callback) says \d+|called: \d+|")
    broken = [one for one in text.split("\n") if not line.fullmatch(one)]
    assert not broken, f"expected whole lines; came {broken[:5]} in:\n{text}"


def test_files_are_written_in_callbacks_beside_deep_threads(board: EmulatedBoard) -> None:
    program = """
import os
with open('log.txt', 'w') as log: pass
n = 0
def on_timer(timer):
    global n
    n += 1
    with open('log.txt', 'a') as log:
        log.write('x')
    os.listdir('/')
timer = machine.Timer(period=40, callback=on_timer)
def descend(k):
    return 0 if k == 0 else 1 + descend(k - 1)
def work():
    for i in range(60):
        descend(8)
        time.sleep_ms(2)
workers = [threading.Thread(target=work) for _ in range(2)]
for worker in workers: worker.start()
for worker in workers: worker.join()
timer.deinit()
time.sleep_ms(100)
end()
print('called:', n > 3)
print('written:', os.stat('log.txt')[6] - n)
"""
    text = board.execute(BUSY + program, seconds=60)
    assert "called: True" in text, text
    assert numbers(text, "written") == [0], text


QUEUES = """
import queue
def take():
    while True:
        item = q.get()
        if item == 9:
            return
        got.append(item)
def on_timer(timer):
    global put
    q.put(1)
    put += 1
for kind in queue.Queue, queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue:
    q, got, put, own = kind(), [], 0, 0
    taker = threading.Thread(target=take)
    taker.start()
    timer = machine.Timer(period=2, callback=on_timer)
    while own < 60 or put < 12:
        own += 1
        q.put(2)
        q.qsize()
        q.empty()
        try:
            got.append(q.get_nowait())
        except queue.Empty:
            pass
    timer.deinit()
    time.sleep_ms(20)
    while not q.empty():
        time.sleep_ms(1)
    q.put(9)
    taker.join()
    print(kind.__name__, put + own - len(got))
end()
"""


def test_a_callback_puts_into_a_queue_that_main_and_threads_use(board: EmulatedBoard) -> None:
    """Nothing waits for itself, and nothing is lost."""
    lines = board.execute(BUSY + QUEUES, seconds=10).splitlines()
    kinds = ("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue")
    assert lines[:4] == [f"{kind} 0" for kind in kinds], lines


def test_a_callback_starts_threads_logs_and_sets_events(board: EmulatedBoard) -> None:
    program = """
import logging, sys
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format='%(name)s %(message)s')
started, ran, event = 0, [], threading.Event()
def on_timer(timer):
    global started
    threading.Thread(target=ran.append, args=(0,)).start()
    started += 1
    logging.getLogger('callback%d' % (started % 3)).info('started')
    event.set()
timer = machine.Timer(period=15, callback=on_timer)
for i in range(12):
    thread = threading.Thread(target=time.sleep_ms, args=(1,))
    thread.start()
    thread.join()
    logging.getLogger('main%d' % i).info('joined')
woken = event.wait(1)
timer.deinit()
time.sleep_ms(50)
end()
print('woken:', int(woken))
print('missing:', started - len(ran))
"""
    text = board.execute(BUSY + program, seconds=30)
    assert numbers(text, "woken") == [1], text
    assert numbers(text, "missing") == [0], text


def test_main_has_its_share_beside_callbacks_and_so_have_others(board: EmulatedBoard) -> None:
    """Callbacks every millisecond starve nobody."""
    program = """
counts = [0, 0, 0]
over = False
def count(n):
    while not over:
        counts[n] += 1
for n in 1, 2:
    threading.Thread(target=count, args=(n,)).start()
fired = 0
def on_timer(timer):
    global fired
    fired += 1
timer = machine.Timer(period=1, callback=on_timer)
end_ms = time.ticks_add(time.ticks_ms(), 300)
while time.ticks_diff(end_ms, time.ticks_ms()) > 0:
    counts[0] += 1
over = True
timer.deinit()
print('fired:', fired)
print('shares:', *[100 * count // sum(counts) for count in counts])
"""
    text = board.execute("import machine, threading, time\n" + program)
    assert numbers(text, "fired")[0] >= 280, text
    assert min(numbers(text, "shares")) >= 10, text


def test_a_burst_of_callbacks_ends_in_one_wait(board: EmulatedBoard) -> None:
    """MicroPython runs one at a time; the wait comes back for each."""
    program = """
event, ran = threading.Event(), []
def callback(n):
    ran.append(n)
pin = machine.Pin(15, machine.Pin.OUT, value=0)
def handler(pin):
    for n in range(6):
        micropython.schedule(callback, n)
pin.irq(handler, machine.Pin.IRQ_RISING, hard=True)
def later():
    time.sleep_ms(5)
    pin.value(1)
    time.sleep_ms(5)
    print('ran:', *ran)
    event.set()
thread = threading.Thread(target=later)
thread.start()
event.wait(5)
thread.join()
pin.irq(None)
"""
    text = board.execute("import machine, micropython, threading, time\n" + program, seconds=6)
    assert numbers(text, "ran") == list(range(6)), text


def test_who_sleeps_for_no_time_lets_others_run(board: EmulatedBoard) -> None:
    program = """
import threading, time
turns = []
all_run = threading.Barrier(4)
def turn(n):
    all_run.wait()
    for _ in range(20):
        turns.append(n)
        time.sleep(0)
threads = [threading.Thread(target=turn, args=(n,)) for n in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print('changes:', sum(a != b for a, b in zip(turns, turns[1:])))
"""
    text = board.execute(program)
    assert numbers(text, "changes")[0] >= 20, text


@pytest.mark.parametrize("port", ["uart0", "usb"])
def test_soft_resets_under_a_handler_that_prints(start: Start, port: str) -> None:
    """What a handler printed in the middle of the reset harms nothing after it."""
    board = start(seed=4, port=port)
    program = """
import machine
pin = machine.Pin(15, machine.Pin.OUT)
def handler(pin):
    print('.', end='')
pin.irq(handler, machine.Pin.IRQ_RISING, hard=True)
machine.PWM(pin, freq=4000, duty_u16=32768)
"""
    for _ in range(6):
        board.begin(program)
        assert board.finish().traceback.strip(".") == ""
        board.run(0.003)
        board.soft_reset()
        assert board.execute("print(6 * 7)").strip(".") == "42\n"
