"""Queues, print and logging in callbacks that interrupt the same queue, print or log call."""

from __future__ import annotations

from emulated_board import EmulatedBoard, numbers


def test_a_callback_may_put_into_the_queue_that_it_interrupts(board: EmulatedBoard) -> None:
    program = """
import machine, queue, time
simple, counted = queue.SimpleQueue(), queue.Queue()
fired = 0
def put(timer):
    global fired
    fired += 1
    simple.put(1)
    counted.put(1)
timer = machine.Timer(period=1, callback=put)
from_timer = 0
while fired < 250:
    simple.put(0)
    counted.put(0)
    from_timer += simple.get() + counted.get()
timer.deinit()
while not simple.empty():
    from_timer += simple.get()
while not counted.empty():
    from_timer += counted.get()
print('lost:', 2 * fired - from_timer)
"""
    text = board.execute(program, 30)
    assert numbers(text, "lost") == [0], text


def test_callbacks_log_beside_the_program_and_its_threads(board: EmulatedBoard) -> None:
    program = """
import logging, machine, threading, time
logging.basicConfig(format='%(levelname)s:%(name)s:%(message)s:end', level='INFO')
log = logging.getLogger('part')
fired = 0
def on_timer(timer):
    global fired
    fired += 1
    log.warning('callback %d', fired)
def work(n):
    for i in range(10):
        logging.error('thread %d', 10 * n + i)
timer = machine.Timer(period=5, callback=on_timer)
threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
for thread in threads:
    thread.start()
for i in range(20):
    log.info('main %d', i)
for thread in threads:
    thread.join()
while fired < 10:
    time.sleep(.001)
timer.deinit()
print('fired:', fired)
"""
    text = board.execute(program, 30)
    fired = numbers(text, "fired")[0]
    expected = [f"ERROR:root:thread {n}:end" for n in range(30)]
    expected += [f"INFO:part:main {n}:end" for n in range(20)]
    expected += [f"WARNING:part:callback {n}:end" for n in range(1, fired + 1)]
    assert sorted(text.splitlines()[:-1]) == sorted(expected)


def test_a_hard_handler_prints_a_line_for_which_there_is_no_memory(board: EmulatedBoard) -> None:
    program = """
import machine, threading
pin = machine.Pin(15, machine.Pin.OUT, value=0)
fired = 0
def handler(pin):
    global fired
    fired += 1
    print('handler', fired, 'prints a line that is longer than what a line has room for without',
          'any memory of the heap, so that it comes in two pieces', sep=' ', end='.\\n')
pin.irq(handler, machine.Pin.IRQ_RISING, hard=True)
for i in range(3):
    pin.value(1)
    pin.value(0)
print('fired:', fired)
"""
    lines = board.execute(program).splitlines()
    assert sorted(lines) == ["fired: 3"] + [
        f"handler {n} prints a line that is longer than what a line has room for without any "
        "memory of the heap, so that it comes in two pieces."
        for n in (1, 2, 3)
    ]


def test_a_thread_without_memory_is_named_with_its_lines(board: EmulatedBoard) -> None:
    program = """
import gc, threading
def fill():
    global kept
    kept = []
    while True:
        kept.append(bytearray(64))
thread = threading.Thread(target=fill, name='filler')
thread.start()
thread.join()
del kept
gc.collect()
print('alive:', threading.active_count())
"""
    text = board.execute(program, 30)
    assert "Exception in thread filler:" in text, text
    assert ", in fill" in text, text
    assert "MemoryError" in text, text
    assert numbers(text, "alive") == [1], text
