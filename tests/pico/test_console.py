"""The console, on the UART and over USB, while threads run; and a board that has nothing to do."""

from __future__ import annotations

import pytest
from busy import busy_threads
from emulated_board import Start, numbers

THREADS = busy_threads("busy", "busy", "busy", "busy")
PORTS = ["uart0", "usb"]


@pytest.mark.parametrize("port", PORTS)
def test_lines_are_read_beside_busy_threads(start: Start, seed: int, port: str) -> None:
    board = start(seed=seed, port=port)
    board.execute(THREADS)
    board.begin("for _ in range(4):\n line = input('more? ')\n print('got <%s>' % line)")
    for line in ("a", "two words", "x" * 100, ""):
        board.run_until(b"more? ")
        board.send(line.encode() + b"\r")
        board.run_until(f"got <{line}>\r\n".encode(), seconds=3)
    assert board.finish().traceback == ""
    assert min(map(int, board.execute("print(*counts)").split())) > 0


@pytest.mark.parametrize("port", PORTS)
def test_threads_print_and_read_at_once(start: Start, seed: int, port: str) -> None:
    """What is printed comes whole, in lines; what is sent meanwhile is not lost."""
    board = start(seed=seed, port=port)
    board.execute(THREADS)
    board.begin(
        "print()\n"
        "def speak(n):\n"
        " for i in range(15):\n  print('thread', n, 'says', i)\n"
        "own = [threading.Thread(target=speak, args=(n,)) for n in range(3)]\n"
        "for thread in own: thread.start()\n"
        "print('ready')\n"
        "text = sys.stdin.read(60)\n"
        "for thread in own: thread.join()\n"
        "print('read', text)\n"
    )
    board.run_until(b"ready\r\n")
    sent = "0123456789" * 6
    for at in range(0, 60, 6):
        board.run(0.003)
        board.send(sent[at : at + 6].encode())
    outcome = board.finish()
    assert outcome.traceback == ""
    said = [f"thread {n} says {i}" for n in range(3) for i in range(15)]
    spoken = board.pico.output(port).decode("utf-8", "replace").replace("\r\n", "\n").splitlines()
    assert not set(said) - set(spoken), outcome.text
    assert f"read {sent}\n" in outcome.text, outcome.text


def test_an_idle_board_sleeps(start: Start, seed: int) -> None:
    """Both cores are asleep, and hardly anything wakes them while threads wait."""
    board = start(seed=seed)
    board.begin(
        "import threading, time\n"
        "never = threading.Event()\n"
        "for _ in range(6): threading.Thread(target=never.wait, daemon=True).start()\n"
        "print('ready')\n"
        "time.sleep(30)"
    )
    board.run_until(b"ready\r\n")
    board.run(1)
    before = board.pico.instructions()
    board.run(10)
    instructions = board.pico.instructions() - before
    assert [core["sleep"] for core in board.pico.state()["cores"]] == ["wfi", "wfi"]
    assert instructions < 10_000, f"expected sleep; came {instructions} instructions in 10 s"


WAITS = {
    "time.sleep": "time.sleep(0.05)",
    "time.sleep_ms": "time.sleep_ms(50)",
    "Event.wait": "event.wait(0.05)",
    "Lock.acquire": "lock.acquire(timeout=0.05)",
    "Thread.join": "thread.join(0.05)",
    "Queue.get": "get(0.05)",
    "Condition.wait": "in_condition(0.05)",
    "Semaphore.acquire": "semaphore.acquire(timeout=0.05)",
}


@pytest.mark.parametrize("wait", WAITS)
def test_a_time_out_is_at_most_a_millisecond_late_while_idle(start: Start, wait: str) -> None:
    program = f"""
import queue, threading, time
event, lock, semaphore = threading.Event(), threading.Lock(), threading.Semaphore(0)
condition, empty = threading.Condition(), queue.Queue()
lock.acquire()
thread = threading.Thread(target=event.wait, daemon=True)
thread.start()
def get(timeout):
    try:
        empty.get(timeout=timeout)
    except queue.Empty:
        pass
def in_condition(timeout):
    with condition:
        condition.wait(timeout)
took = []
for _ in range(20):
    begin = time.ticks_us()
    {WAITS[wait]}
    took.append(time.ticks_diff(time.ticks_us(), begin))
print('took:', min(took), max(took))
"""
    least, most = numbers(start(seed=1).execute(program), "took")
    assert 50_000 <= least <= most <= 51_000, f"{wait}: 50000 us took {least} to {most} us"


@pytest.mark.parametrize("port", PORTS)
def test_a_traceback_comes_whole_beside_threads_that_print(start: Start, port: str) -> None:
    board = start(seed=2, port=port)
    board.begin(
        "import threading, time\n"
        "def speak(n):\n"
        " for i in range(40):\n  print('thread', n, 'says', i)\n"
        "def fail(n):\n"
        " return 1 // n if n == 0 else fail(n - 1)\n"
        "for n in range(3): threading.Thread(target=speak, args=(n,)).start()\n"
        "time.sleep_ms(5)\n"
        "fail(4)\n"
    )
    traceback = board.finish().traceback
    expected = (
        "Traceback (most recent call last):\n"
        '  File "<stdin>", line 9, in <module>\n'
        + '  File "<stdin>", line 6, in fail\n' * 5
        + "ZeroDivisionError: divide by zero\n"
    )
    assert expected in traceback, traceback
