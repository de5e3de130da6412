"""A forked child has one thread, and can start others."""

from __future__ import annotations

import os

import pytest
from interpreter import output

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")

FORK = """
import os, sys, warnings
warnings.simplefilter("ignore")  # Python 3.12 warns of fork() with threads

def in_child(function):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        function()
        sys.stdout.flush()
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    print("status", os.waitstatus_to_exitcode(status))

def threads_in_child():
    print("threads", threading.active_count())
    done = []
    threads = [threading.Thread(target=done.append, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("done", sorted(done))
"""


def test_child_can_start_threads() -> None:
    assert output(FORK + "in_child(threads_in_child)") == (
        "threads 1\ndone [0, 1, 2, 3, 4]\nstatus 0\n"
    )


def test_after_threads_have_become_idle() -> None:
    code = """
for _ in range(10):
    thread = threading.Thread(target=len, args=("",))
    thread.start()
    thread.join()
in_child(threads_in_child)
"""
    assert output(FORK + code) == "threads 1\ndone [0, 1, 2, 3, 4]\nstatus 0\n"


def test_threads_of_the_parent_count_as_ended() -> None:
    code = """
stop = threading.Event()
thread = threading.Thread(target=stop.wait)
thread.start()

def child():
    thread.join()
    print("alive", thread.is_alive())
    threads_in_child()

in_child(child)
stop.set()
thread.join()
"""
    assert output(FORK + code) == ("alive False\nthreads 1\ndone [0, 1, 2, 3, 4]\nstatus 0\n")


def test_fork_in_a_thread() -> None:
    code = """
def work():
    in_child(threads_in_child)

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""
    assert output(FORK + code) == "threads 1\ndone [0, 1, 2, 3, 4]\nstatus 0\n"


def test_many_forks_among_busy_threads() -> None:
    code = """
stop = threading.Event()
def busy():
    while not stop.is_set():
        inner = threading.Thread(target=len, args=("",))
        inner.start()
        inner.join()
threads = [threading.Thread(target=busy) for _ in range(3)]
for thread in threads:
    thread.start()
for _ in range(20):
    in_child(threads_in_child)
stop.set()
for thread in threads:
    thread.join()
"""
    assert output(FORK + code) == "threads 1\ndone [0, 1, 2, 3, 4]\nstatus 0\n" * 20


def test_exit_of_the_child_joins_its_threads() -> None:
    code = """
pid = os.fork()
if pid == 0:
    go = threading.Event()
    threading.Thread(target=lambda: (go.wait(), print("joined"))).start()
    go.set()
    sys.exit(3)
print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    assert output(FORK + code) == "joined\nstatus 3\n"
