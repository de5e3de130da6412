"""The board's queue and Thread where programs lean on more than their methods."""

from __future__ import annotations

from programs import lines_of
from weft.boards.board import Board


def test_a_timeout_is_looked_at_as_in_cpython(board: Board) -> None:
    source = """\
import queue
q = queue.Queue(1)
q.put(2, timeout=float("inf"))
for call in (q.get, lambda timeout: q.put(3, timeout=timeout)):
    try:
        call(timeout=-1)
    except ValueError as error:
        print(error)
print(q.get(True, float("inf")), callable(queue.time))
"""
    refused = "'timeout' must be a non-negative number"
    assert lines_of(board, source) == [refused, refused, "2 True"]


def test_a_queue_goes_through_the_conditions_that_it_has(board: Board) -> None:
    source = """\
import queue, threading
class Told(threading.Condition().__class__):
    def wait(self, timeout=None):
        print("waits", timeout is None)
        fill_or_empty()
        return True
    def notify(self, n=1):
        print("notifies", n)
    def notify_all(self):
        print("notifies all")
q = queue.Queue(1)
q.mutex = threading.RLock()
q.not_full, q.not_empty = Told(q.mutex), Told(q.mutex)
q.all_tasks_done = Told(q.mutex)
fill_or_empty = lambda: q.queue.append("filled")
print(q.get())
q.put("one")
fill_or_empty = lambda: q.queue.clear()
q.put("two", timeout=60)
def fill_or_empty():
    q.unfinished_tasks = 0
q.join()
q.unfinished_tasks = 1
q.task_done()
"""
    assert lines_of(board, source) == [
        *("waits True", "notifies 1", "filled", "notifies 1"),
        *("waits False", "notifies 1", "waits True", "notifies all"),
    ]


def test_a_subclass_of_thread_may_use_names_of_its_own(board: Board) -> None:
    source = """\
import threading
class Worker(threading.Thread):
    def __init__(self):
        super().__init__(name="worker")
        self._ended = self._locals = self._daemon = self._error = self._report = None
    def run(self):
        mine._key, mine._init, mine._attributes = 1, 2, 3
        print(mine._key, mine._init, mine._attributes)
mine = threading.local()
worker = Worker()
worker.start()
worker.join()
print(worker.is_alive(), worker.daemon, hasattr(mine, "_key"))
"""
    assert lines_of(board, source) == ["1 2 3", "False False False"]


def test_a_thread_that_finds_no_memory_to_begin_raises_in_start(board: Board) -> None:
    source = """\
import threading
class Full(dict):
    def __setitem__(self, key, value):
        raise MemoryError("all is used")
real, threading._active = threading._active, Full(threading._active)
thread = threading.Thread(target=print, args=("ran",))
try:
    thread.start()
except RuntimeError as error:
    print(str(error).split("(")[0], "used" in str(error))
threading._active = real
print(thread.is_alive(), threading.active_count())
"""
    assert lines_of(board, source) == ["can't start new thread: MemoryError True", "False 1"]


def test_a_report_without_memory_names_the_thread(board: Board) -> None:
    source = """\
import threading
def excepthook(args):
    raise MemoryError()
threading.excepthook = excepthook
def work():
    raise MemoryError("all is used")
thread = threading.Thread(target=work, name="filler")
thread.start()
thread.join()
"""
    lines = lines_of(board, source, tracebacks=True)
    assert lines[0] == "Exception in thread filler:"
    assert lines[-1] == "MemoryError: all is used"
