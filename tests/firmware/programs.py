"""Programs that are run on a board; each prints a line for each thing that is as it should be."""

from weft.boards.board import Board
from weft.boards.deadline import Deadline
from weft.boards.transcript import Recorder, without_tracebacks

LIMIT_S = 120.0
"""A hang is no shorter; a busy computer is."""


def lines_of(board: Board, source: str, *, tracebacks: bool = False) -> list[str]:
    """Run a program, which must not raise; return what it printed, tracebacks only if asked for."""
    recorder = Recorder()
    result = board.run(source, on_output=recorder, deadline=Deadline(LIMIT_S))
    assert not result.traceback
    lines = recorder.close()
    return [line.text for line in (lines if tracebacks else without_tracebacks(lines))]


ERRORS = """\
import threading

def error_of(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except Exception as error:
        return type(error).__name__ + ": " + str(error)
    return "no error"

lock, rlock, condition = threading.Lock(), threading.RLock(), threading.Condition()
print(error_of(lock.release))
print(error_of(rlock.release))
print(error_of(condition.wait))
print(error_of(condition.notify))
print(error_of(lock.acquire, False, 1))
print(error_of(lock.acquire, True, -2))
print(error_of(threading.Semaphore, -1))
print(error_of(threading.Semaphore().release, 0))
print(error_of(threading.BoundedSemaphore().release))
print(error_of(threading.Condition, object()))
print(error_of(threading.Barrier, 0))
print(error_of(threading.settrace, None))
thread = threading.Thread(target=lambda: None)
print(error_of(thread.join))
print(error_of(threading.current_thread().join))
thread.start()
thread.join()
print(error_of(thread.start))
print(error_of(setattr, thread, "daemon", True))
"""

ERRORS_OUTPUT = [
    "RuntimeError: release unlocked lock",
    "RuntimeError: cannot release un-acquired lock",
    "RuntimeError: cannot wait on un-acquired lock",
    "RuntimeError: cannot notify on un-acquired lock",
    "ValueError: can't specify a timeout for a non-blocking call",
    "ValueError: timeout value must be a non-negative number",
    "ValueError: semaphore initial value must be >= 0",
    "ValueError: n must be one or more",
    "ValueError: Semaphore released too many times",
    "TypeError: a Condition needs a Lock or an RLock of threading's",
    "ValueError: parties must be > 0",
    "NotImplementedError: MicroPython has no tracing or profiling of threads",
    "RuntimeError: cannot join thread before it is started",
    "RuntimeError: cannot join current thread",
    "RuntimeError: threads can only be started once",
    "RuntimeError: cannot set daemon status of active thread",
]

LOGGING = """\
import logging, threading
FORMAT = "%(levelname)-8s|%(name)s|%(threadName)s|%(message)s"
logging.basicConfig(level=logging.INFO, format=FORMAT)
logging.debug("not shown")
logging.info("shown %d of %s", 1, "two")
child = logging.getLogger("a.b")
child.warning("from a child")
logging.getLogger("a").setLevel(logging.ERROR)
child.warning("not shown either")
child.setLevel(logging.DEBUG)
child.debug("%(key)s", {"key": "by name"})
thread = threading.Thread(target=lambda: logging.error("in a thread"), name="worker")
thread.start()
thread.join()
try:
    [][1]
except IndexError:
    logging.exception("caught")
print(logging.getLevelName(30), logging.getLevelName("ERROR"), child.isEnabledFor(10))
"""

TIMEOUTS = """\
import threading, time
def at_least(seconds, wait):
    start = time.monotonic()
    result = wait(seconds)
    passed = time.monotonic() - start
    print(bool(result), passed >= seconds)
lock = threading.Lock()
lock.acquire()
at_least(0.05, lambda s: lock.acquire(timeout=s))
at_least(0.05, lambda s: lock.acquire(True, s))
at_least(0.05, threading.Event().wait)
semaphore = threading.Semaphore(0)
at_least(0.05, lambda s: semaphore.acquire(timeout=s))
condition = threading.Condition()
with condition:
    at_least(0.05, condition.wait)
    at_least(0.05, lambda s: condition.wait_for(lambda: False, s))
gate = threading.Event()
thread = threading.Thread(target=gate.wait)
thread.start()
at_least(0.05, thread.join)
gate.set()
thread.join()
print(thread.is_alive())
"""

# Each thread is started with a little more memory left than the one before.
SHORT_OF_MEMORY = """\
import gc, threading

COUNT = 20
held = [None] * 4000

def fill():
    at, size = 0, 65536
    while size > 8:
        try:
            held[at] = bytearray(size)
            at += 1
        except MemoryError:
            size //= 2

def attempt(number):
    spare = bytearray(number * 96 + 16)
    fill()
    spare = None
    try:
        threads[number].start()
    except Exception:  # a tuple would take memory
        return False
    return True

ran, started = [], []
threads = [threading.Thread(target=ran.append, args=(i,)) for i in range(COUNT)]
for number in range(COUNT):
    has_started = attempt(number)
    for i in range(len(held)):
        held[i] = None
    gc.collect()
    if has_started:
        started.append(number)
for number in started:
    threads[number].join()
left = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
print("some started, not all: %s; threads left: %s" % (0 < len(started) < COUNT, left))
"""
