"""The complaints about threads on MicroPython's boards, by their number there: ours has none.

Each test's text is the complaint (https://github.com/micropython/micropython/issues/NUMBER). Where
MicroPython 1.25 still shows it on the virtual Pico, a test beside shows that.

Two can't be shown here, as the virtual Pico is no Pico W and has no network: 11977 (networking
stops while a thread runs on core 1) and 16779 (a socket used by a second thread hangs).
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from busy import check_threads
from emulated_board import EmulatedBoard, Failure, Start, numbers
from test_collection import check_shared_containers
from test_ctrl_c import CAUGHT, LIMIT_S, RUNNING, SETUP, interrupt
from test_files import FOUR_THREADS, MAIN_WRITES, RAW_FLASH, check_files
from test_reset import EIGHT_THREADS, memory

LOCK_TIMEOUT = """
import _thread, time
lock = _thread.allocate_lock()
lock.acquire()
begin = time.ticks_ms()
print('taken:', int(lock.acquire(True, TIMEOUT)))
print('took:', time.ticks_diff(time.ticks_ms(), begin))
"""


def check_lock_timeout(board: EmulatedBoard, timeout: str, milliseconds: int) -> None:
    """A lock that another holds is given up after the time-out."""
    text = board.execute(LOCK_TIMEOUT.replace("TIMEOUT", timeout), seconds=2)
    assert numbers(text, "taken") == [0], text
    assert milliseconds <= numbers(text, "took")[0] <= milliseconds + 5, text


def test_issue_3332_lock_acquire_honours_its_timeout(board: EmulatedBoard) -> None:
    """lock.acquire(True, timeout) waits for ever."""
    check_lock_timeout(board, "1", 1000)


def test_issue_15099_lock_acquire_honours_a_fraction_of_a_second(board: EmulatedBoard) -> None:
    """The timeout of lock.acquire() is parsed and ignored."""
    check_lock_timeout(board, "0.1", 100)


def test_issues_3332_and_15099_on_stock(start: Start, stock: Path) -> None:
    with pytest.raises(Failure, match=r"expected .* within 2 s"):
        check_lock_timeout(start(image=stock, seed=1), "0.1", 100)


def test_issue_7026_ctrl_c_reaches_the_main_thread(start: Start, seed: int) -> None:
    """Ctrl-C raises KeyboardInterrupt in the thread on core 1."""
    board = start(seed=seed)
    board.pico.watch_pin(CAUGHT)
    board.execute(SETUP + "for i in range(4):\n _thread.start_new_thread(busy, (i,))")
    chance = random.Random(seed)
    for wait in ("while True: pass", "time.sleep(10)", "never.wait()", "input()"):
        took = interrupt(board, chance, wait)
        assert took <= LIMIT_S, f"{wait}: expected {LIMIT_S} s; took {took:.6f} s"
    hurt, least = map(int, board.execute(RUNNING).split())
    assert hurt == 0, "a thread other than the main one was interrupted"
    assert least > 0


def check_soft_resets(board: EmulatedBoard) -> None:
    """Threads that use both cores end with each soft reset, and come again after it."""
    fresh = memory(board)
    for _ in range(3):
        board.execute(EIGHT_THREADS + "start([busy, busy_with_memory, sleeps])")
        board.run(0.02)
        board.soft_reset()
        assert memory(board) == fresh


def test_issue_8494_soft_reset_once_core_1_was_used(board: EmulatedBoard) -> None:
    """A soft reset locks the board up once a thread has run."""
    check_soft_resets(board)


def test_issue_16619_files_and_soft_reset_once_core_1_was_used(board: EmulatedBoard) -> None:
    """Writing a file after a thread has run, and a soft reset, lock the board up."""
    check_files(board.execute(FOUR_THREADS + MAIN_WRITES, seconds=30))
    board.soft_reset()
    again = "with open('file0', 'w') as file: file.write('x' * 5000)\nprint('written')"
    assert board.execute(again) == "written\n"


def test_issue_8793_flash_writes_freeze_no_core(board: EmulatedBoard) -> None:
    """A flash write freezes both cores while a thread runs."""
    few = RAW_FLASH.replace("range(10)", "range(2)")
    check_files(board.execute(FOUR_THREADS + few, seconds=30))


FILES_OF_MPREMOTE = [
    "import os\nf = open('data.bin', 'wb')\nw = f.write",
    *[f"w(bytes([{i}]) * 256)" for i in range(8)],
    "f.close()",
    "print(os.stat('data.bin')[6])",
    "f = open('data.bin', 'rb')\nr = f.read",
    "print(sum(r(1024)) + sum(r(1024)), r(1))",
    "f.close()",
    "for item in os.ilistdir(): print(item[0])",
    "os.remove('data.bin')",
]


def test_issue_13476_mpremote_works_while_a_thread_runs(start: Start, seed: int) -> None:
    """mpremote fs hangs while a thread runs. test_mpremote.py has mpremote itself."""
    board = start(seed=seed, port="usb")
    board.execute(FOUR_THREADS)
    came = [board.execute(step, seconds=3) for step in FILES_OF_MPREMOTE]
    assert "".join(came) == f"2048\n{256 * sum(range(8))} b''\ndata.bin\n"
    board.run(0.1)  # the threads' time: mpremote's work goes before theirs
    check_threads(board.execute("end()"), least=10)


GLOBALS = """
import _thread, time
GLOBAL = 1
failures = 0
readers = 0
def read():
    global failures, readers
    i = 0
    try:
        while i < 2000:
            GLOBAL
            i += 1
    except NameError:
        failures += 1
    readers += 1
_thread.start_new_thread(read, ())
i = 0
while not readers and i < 60:
    for j in range(100):
        globals()['name%d' % j] = i
    for j in range(100):
        del globals()['name%d' % j]
    i += 1
time.sleep_ms(20)
print('failures:', failures)
print('readers:', readers)
"""


def test_issue_10621_a_global_is_found_while_others_are_made(board: EmulatedBoard) -> None:
    """NameError on a global that exists, when another thread adds some."""
    text = board.execute(GLOBALS, seconds=30)
    assert numbers(text, "failures") == [0], text
    assert "NameError" not in text
    assert numbers(text, "readers") == [1], text


def test_issue_10621_on_stock(start: Start, stock: Path) -> None:
    board = start(image=stock, seed=1)
    board.begin(GLOBALS)
    outcome = board.finish(30)
    said = outcome.text + outcome.traceback
    assert re.search(r"NameError|failures: 1|KeyError", said), outcome


def test_issue_7124_both_cores_allocate(board: EmulatedBoard) -> None:
    """Memory is corrupted when both cores allocate."""
    check_shared_containers(board, rounds=60)


BOTH_ALLOCATE = """
import _thread, time
ended, wrong = [], []
def work(n):
    for i in range(60):
        CHECKED
    ended.append(n)
for n in range(1, 4):
    _thread.start_new_thread(work, (n,))
work(0)
while len(ended) < 4:
    time.sleep_ms(1)
print('wrong:', len(wrong))
"""


def test_issue_8310_strings_made_on_both_cores(board: EmulatedBoard) -> None:
    """Strings that are formatted on both cores are garbled."""
    checked = "s = 'thread %d turn %d' % (n, i)\n        wrong.extend([s] * (str(i) not in s))"
    text = board.execute(BOTH_ALLOCATE.replace("CHECKED", checked))
    assert numbers(text, "wrong") == [0], text


def test_issue_8550_lists_and_dicts_made_on_both_cores(board: EmulatedBoard) -> None:
    """Lists that grow on both cores crash the board."""
    checked = "d = {k: [n] * k for k in range(12)}\n"
    checked += "        wrong.extend(k for k in d if d[k] != [n] * k)"
    text = board.execute(BOTH_ALLOCATE.replace("CHECKED", checked))
    assert numbers(text, "wrong") == [0], text


STARTS = """
import _thread, gc, time
ended = 0
lock = _thread.allocate_lock()
def work(n):
    global ended
    [str(n) for _ in range(5)]
    with lock:
        ended += 1
for n in range(300):
    while True:
        try:
            _thread.start_new_thread(work, (n,))
            break
        except (OSError, MemoryError):
            time.sleep_ms(1)
    [bytearray(50) for _ in range(10)]
while ended < 300:
    time.sleep_ms(1)
print('ended:', ended)
"""


def test_issue_12980_starting_a_thread_freezes_nothing(board: EmulatedBoard) -> None:
    """start_new_thread() freezes the board now and then."""
    assert numbers(board.execute(STARTS), "ended") == [300]


def test_issue_13288_starting_a_thread_while_others_collect(board: EmulatedBoard) -> None:
    """Starting a thread while the other core collects garbage freezes the board."""
    collect = (
        "def collect():\n    while ended < 300:\n        gc.collect()\n        time.sleep_ms(1)\n"
    )
    program = STARTS.replace("for n", collect + "_thread.start_new_thread(collect, ())\nfor n", 1)
    assert numbers(board.execute(program), "ended") == [300]


AFTER_MEMORY_ERROR = """
import _thread, time
done = []
_thread.stack_size(500_000)
try:
    _thread.start_new_thread(done.append, (0,))
except MemoryError:
    print('MemoryError')
_thread.stack_size(0)
try:
    _thread.start_new_thread(done.append, (1,))
except OSError as error:
    print(error)
time.sleep_ms(50)
print('done:', *done)
"""


def test_issue_19678_a_thread_starts_after_a_memory_error(board: EmulatedBoard) -> None:
    """After a MemoryError in start_new_thread() core 1 is "in use" for ever."""
    assert board.execute(AFTER_MEMORY_ERROR) == "MemoryError\ndone: 1\n"


def test_issue_19678_on_stock(start: Start, stock: Path) -> None:
    board = start(image=stock, seed=1)
    assert board.execute(AFTER_MEMORY_ERROR) == "MemoryError\ncore1 in use\ndone:\n"
