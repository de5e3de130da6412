"""Many threads: at once, and one after the other without growth."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from interpreter import output
from weft import Event, Semaphore, Thread, threading

MANY = 1000


def test_many_threads_at_once() -> None:
    stop, running = Event(), Semaphore(0)

    def work() -> None:
        running.release()
        stop.wait()

    before = threading.active_count()
    threads = [Thread(target=work) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert running.acquire(timeout=60)
    assert threading.active_count() == before + MANY
    assert len({thread.ident for thread in threads}) == MANY
    stop.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert threading.active_count() == before


GROWTH = """
import gc, os
def size():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
def handles():
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))
def some(count):
    for _ in range(count):
        thread = threading.Thread(target=len, args=("",))
        thread.start()
        thread.join()
some(5000)
gc.collect()
size_before, handles_before = size(), handles()
some(100000)
gc.collect()
grown = size() - size_before
print(grown, handles_before, handles())
assert grown < 1000000, grown
(files_before, natives_before), (files, natives) = handles_before, handles()
assert files == files_before, (files_before, files)
assert natives <= natives_before + 3, (natives_before, natives)  # one that idles comes back late
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_a_hundred_thousand_threads_one_after_the_other() -> None:
    grown = output(GROWTH)
    print(f"100,000 threads: grown by (bytes), files and threads before and after: {grown}")


@pytest.mark.skipif(os.name == "nt", reason="there the stack is the system's business")
def test_stack_size() -> None:
    before = threading.stack_size(256 * 1024)
    try:
        done: list[int] = []
        threads = [Thread(target=done.append, args=(number,)) for number in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(done) == list(range(10))
    finally:
        assert threading.stack_size(before) == 256 * 1024
