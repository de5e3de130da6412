"""The parallel firmware of the unix board: its threads run at once, and end with the process."""

from __future__ import annotations

import subprocess

import pytest
from programs import lines_of
from weft.boards.board import Board
from weft.firmware.targets import firmware_for

LIMIT_S = 120.0
# Whoever waits for a lock of the interpreter sleeps (S); who only waits for a processor runs (R).
SAMPLES = """\
import _thread, os, time
stop = False
def compute():
    a = 0
    while not stop:
        a = (a * 5 + 1) & 0xFFFF
    ended.append(a)
ended = []
before = set(os.listdir("/proc/self/task"))
for _ in range(2):
    _thread.start_new_thread(compute, ())
own = [task for task in os.listdir("/proc/self/task") if task not in before]
both = 0
for _ in range(200):
    states = []
    for task in own:
        with open("/proc/self/task/%s/stat" % task) as file:
            states.append(file.read().split(") ")[1][0])
    both += states == ["R", "R"]
    time.sleep_ms(1)
stop = True
while len(ended) < 2:
    time.sleep_ms(1)
print(both > 150 if len(own) == 2 else own, both)
"""


def test_two_threads_compute_at_once() -> None:
    with Board("unix-parallel") as board:
        [line] = lines_of(board, SAMPLES)
    assert line.startswith("True "), f"both ran in so many of 200 looks: {line}"


@pytest.mark.parametrize("ending", ["pass", "import sys; sys.exit(0)"])
def test_the_process_ends_with_its_main_thread(ending: str) -> None:
    """Whatever the others do: compute, allocate, print, wait."""
    program = f"""\
import _thread
def endless(work):
    while True:
        work()
wait = _thread.allocate_lock()
wait.acquire()
for work in (lambda: 1 + 1, lambda: [1] * 100, lambda: print(end=""), wait.acquire):
    _thread.start_new_thread(endless, (work,))
x = [[i] for i in range(20000)]
print("ends")
{ending}
"""
    words = [firmware_for("unix-parallel"), "-c", program]
    for _ in range(5):
        done = subprocess.run(words, stdout=subprocess.PIPE, timeout=LIMIT_S, check=True)
        assert done.stdout == b"ends\n"


# A table that grows asks its keys for their hashes; each of these replaces a value meanwhile.
VALUES_REPLACED = """\
class Key:
    def __hash__(self):
        count()
        return 7
def count():
    global values
    values += 1
    d[0] = values
values = 0
d = {0: 0}
d[Key()] = 0
lost = []
for n in range(100):
    count()
    d["k%d" % n] = n
    if d[0] != values:
        lost.append(n)
print("lost:", lost, "by hashes:", values > 101)
"""


def test_a_value_replaced_while_the_table_grows_stays() -> None:
    with Board("unix-parallel") as board:
        assert lines_of(board, VALUES_REPLACED) == ["lost: [] by hashes: True"]


# While a thread waits in readinto(), others make its buffer grow, and fill the memory beside it.
READ_INTO_WHAT_GROWS = """\
import _thread, os, sys
buffer = bytearray(64)
ended = _thread.allocate_lock()
ended.acquire()
def read():
    sys.stdin.buffer.readinto(buffer)
    ended.release()
before = set(os.listdir("/proc/self/task"))
_thread.start_new_thread(read, ())
[own] = [task for task in os.listdir("/proc/self/task") if task not in before]
call = []
while call[1:2] != ["0x0"]:  # it waits in a call of the system's for file 0, standard input
    with open("/proc/self/task/%s/syscall" % own) as file:
        call = file.read().split()
others = [None] * 5000
for n in range(5000):
    if n == 100:
        buffer.extend(bytes(64))
    others[n] = bytes(64)
print("grown")
ended.acquire()
print("overwritten:", sum(any(other) for other in others))
"""


@pytest.mark.parametrize("target", ["unix-parallel", "unix-parallel-asan"])
def test_what_is_read_into_a_buffer_that_grows_goes_nowhere_else(target: str) -> None:
    words = [firmware_for(target), "-c", READ_INTO_WHAT_GROWS]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == b"grown\n"
        rest, _ = process.communicate(b"X" * 64, timeout=LIMIT_S)
    assert rest == b"overwritten: 0\n"
