"""In an interrupt's handler (hard=True) every try answers, a wait raises, and print works."""

from __future__ import annotations

import pytest
from emulated_board import EmulatedBoard, Start, numbers

SETUP = """
import machine, queue, time
import threading
event, lock, semaphore = threading.Event(), threading.Lock(), threading.Semaphore(0)
condition = threading.Condition(lock)
lock.acquire()
pin = machine.Pin(15, machine.Pin.OUT, value=0)
calls, answer = 0, None
def twice(action):
    # The handler runs twice, if nothing that it did has taken it away.
    global calls, answer
    calls, answer = 0, 'nothing'
    def handler(pin):
        global calls, answer
        calls += 1
        answer = action()
    pin.irq(handler, machine.Pin.IRQ_RISING, hard=True)
    for _ in range(2):
        pin.value(1)
        pin.value(0)
        time.sleep_ms(5)
    pin.irq(None)
    print('calls:', calls)
    print('answer:', answer)
"""
TRIES = [
    "event.wait(0)",
    "event.is_set()",
    "lock.acquire(False)",
    "lock.acquire(True, 0)",
    "semaphore.acquire(False)",
    "semaphore.acquire(timeout=0)",
    "condition.wait(0)",
]


def test_every_try_answers_at_once(board: EmulatedBoard) -> None:
    board.execute(SETUP)
    for one in TRIES:
        text = board.execute(f"twice(lambda: {one})", seconds=1)
        assert text == "calls: 2\nanswer: False\n", f"{one}: {text}"


WAITS = ["event.wait(0.1)", "event.wait()", "lock.acquire()", "semaphore.acquire()"]


def test_a_wait_raises_and_the_report_says_why(board: EmulatedBoard) -> None:
    board.execute(SETUP)
    for one in WAITS:
        text = board.execute(f"twice(lambda: {one})", seconds=1)
        assert "RuntimeError: nobody can wait in an interrupt handler; a timeout of 0" in text
        assert numbers(text, "calls") == [1], f"{one}: {text}"


def test_a_wait_that_the_handler_catches_leaves_it_in_place(board: EmulatedBoard) -> None:
    board.execute(SETUP)
    action = "def action():\n try:\n  event.wait(1)\n except RuntimeError:\n  return 'caught'\n"
    assert board.execute(action + "twice(action)", seconds=1) == "calls: 2\nanswer: caught\n"


@pytest.mark.parametrize("port", ["uart0", "usb"])
@pytest.mark.parametrize("imports", ["", "import threading"], ids=["plain", "threading"])
def test_print_works(start: Start, seed: int, port: str, imports: str) -> None:
    program = f"""
import machine, time
{imports}
pin = machine.Pin(15, machine.Pin.OUT, value=0)
def handler(pin):
    print('handler says', 1)
pin.irq(handler, machine.Pin.IRQ_RISING, hard=True)
for i in range(5):
    pin.value(1)
    pin.value(0)
    print('main says', i)
time.sleep_ms(20)
pin.irq(None)
"""
    lines = start(seed=seed, port=port).execute(program, seconds=2).splitlines()
    assert sorted(lines) == ["handler says 1"] * 5 + [f"main says {i}" for i in range(5)], lines


def test_what_handlers_print_too_much_of_is_said_to_be_lost(board: EmulatedBoard) -> None:
    program = """
import machine, time
pin = machine.Pin(15, machine.Pin.OUT, value=0)
def handler(pin):
    for _ in range(100):
        print('handler says')
pin.irq(handler, machine.Pin.IRQ_RISING, hard=True)
pin.value(1)
time.sleep_ms(20)
"""
    text = board.execute(program, seconds=2)
    assert "handler says\nhandler says\n" in text, text
    assert " bytes printed in interrupts are lost]\n" in text, text
