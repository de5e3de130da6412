"""What happens to threads when the program ends: some are waited for, daemons die quietly."""

from __future__ import annotations

import pytest
from interpreter import CPYTHON, WEFT, output, run

DAEMONS = {
    "sleeping": "started.set(); time.sleep(1000)",
    "waiting": "started.set(); threading.Event().wait()",
    "waiting_with_a_limit": "started.set(); threading.Event().wait(1000)",
    "waiting_again_and_again": """
    started.set()
    while True:
        threading.Event().wait(0.0001)""",
    "busy": """
    started.set()
    while True:
        len(str(1))""",
}
TIMES = 20


@pytest.mark.slow
@pytest.mark.parametrize("kind", DAEMONS)
def test_daemon_dies_quietly(kind: str) -> None:
    code = f"""
import time
started = threading.Event()
def daemon():
    {DAEMONS[kind]}
for _ in range(3):
    started.clear()
    threading.Thread(target=daemon, daemon=True).start()
    started.wait()
print("end")
"""
    for _ in range(TIMES):
        assert output(code) == "end\n"


@pytest.mark.slow
def test_daemon_started_right_before_the_end() -> None:
    code = """
threading.Thread(target=lambda: None, daemon=True).start()
threading.Thread(target=threading.Event().wait, daemon=True).start()
"""
    for _ in range(TIMES):
        assert output(code) == ""


def test_daemon_that_holds_a_lock() -> None:
    code = """
lock = threading.Lock()
held = threading.Event()
def daemon():
    with lock:
        held.set()
        threading.Event().wait()
threading.Thread(target=daemon, daemon=True).start()
held.wait()
print(lock.locked())
"""
    assert output(code) == "True\n"


def test_others_are_joined() -> None:
    code = """
import time
def work(number):
    time.sleep(0.05 * number)
    print("thread", number)
for number in range(4):
    threading.Thread(target=work, args=(number,)).start()
print("main has ended")
"""
    lines = output(code).splitlines()
    assert sorted(lines) == ["main has ended", "thread 0", "thread 1", "thread 2", "thread 3"]


def test_thread_started_at_the_end_is_joined() -> None:
    code = """
def second():
    print("second")
def first():
    threading.main_thread().join()
    thread = threading.Thread(target=second)
    try:
        thread.start()
    except RuntimeError:
        print("second")  # CPython 3.12.0 to 3.12.2 refuse it
threading.Thread(target=first).start()
"""
    assert output(code) == "second\n"


def test_functions_of_atexit_come_after_the_threads() -> None:
    code = """
import atexit
go = threading.Event()
atexit.register(print, "atexit")
threading.Thread(target=lambda: (go.wait(), print("thread"))).start()
go.set()
"""
    assert output(code) == "thread\natexit\n"


def test_thread_may_join_the_main_thread() -> None:
    code = """
def wait():
    threading.main_thread().join()
    print("main has ended:", not threading.main_thread().is_alive())
threading.Thread(target=wait).start()
"""
    assert output(code) == "main has ended: True\n"


def test_thread_pool_is_wound_up() -> None:
    code = """
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(2)
pool.submit(print, "in the pool").result()
threading.Thread(target=print, args=("in a thread",)).start()
"""
    assert sorted(output(code).splitlines()) == ["in a thread", "in the pool"]


@pytest.mark.parametrize("module", [CPYTHON, WEFT])
def test_exit_status_in_spite_of_threads(module: str) -> None:
    finished = run("threading.Thread(target=len, args=('',)).start()\nraise SystemExit(7)", module)
    assert (finished.returncode, finished.stderr) == (7, "")


def test_exception_in_a_thread_is_reported() -> None:
    code = """
def fail():
    raise ValueError("in a thread")
thread = threading.Thread(target=fail, name="failing")
thread.start()
thread.join()
"""
    stock, ours = run(code, CPYTHON), run(code, WEFT)
    assert ours.returncode == stock.returncode == 0
    assert ours.stderr == stock.stderr
    assert "Exception in thread failing:" in ours.stderr
