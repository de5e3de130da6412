"""Threads that fail, that are too many, that recurse too deep: they hurt nobody else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from busy import busy_threads, check_threads
from emulated_board import EmulatedBoard, Start, numbers
from weft.boards.virtual.stalls import Stall
from weft.boards.virtual.symbols import Symbols

SETUP = busy_threads("busy", "busy", "busy")


def test_an_exception_prints_its_traceback_with_the_threads_name(board: EmulatedBoard) -> None:
    program = """
def fail(n):
    if n:
        fail(n - 1)
    raise ValueError('what is wrong')
failing = threading.Thread(target=fail, args=(2,), name='the one that fails')
failing.start()
failing.join()
time.sleep_ms(20)
end()
print('alive:', failing.is_alive(), threading.active_count())
"""
    text = board.execute(SETUP + program)
    check_threads(text)
    assert "alive: False 1\n" in text
    assert re.search(
        r"^Exception in thread the one that fails:\nTraceback \(most recent call last\):\n"
        r'(  File "[^"]+", line \d+, in \w+\n)+ValueError: what is wrong\n',
        text,
        re.MULTILINE,
    ), text


def test_an_exception_in_a_plain_thread_prints_its_traceback(board: EmulatedBoard) -> None:
    program = """
def fail():
    raise ValueError('what is wrong')
_thread.start_new_thread(fail, ())
time.sleep_ms(100)
end()
"""
    text = board.execute(SETUP + program)
    check_threads(text)
    assert "Unhandled exception in thread started by <function fail at 0x" in text
    assert "ValueError: what is wrong" in text


def test_many_exceptions_at_once_do_not_mix(board: EmulatedBoard) -> None:
    program = """
def fail(n):
    time.sleep_ms(5)
    raise ValueError('number %d' % n)
failing = [threading.Thread(target=fail, args=(n,), name='T%d' % n) for n in range(8)]
for thread in failing:
    thread.start()
for thread in failing:
    thread.join()
end()
"""
    text = board.execute(SETUP + program)
    check_threads(text)
    for n in range(8):
        report = rf"^Exception in thread T{n}:\nTraceback .*\n(  File .*\n)+ValueError: number {n}$"
        assert re.search(report, text, re.MULTILINE), text


def test_a_thread_that_can_not_be_started_raises_and_the_board_goes_on(
    board: EmulatedBoard,
) -> None:
    program = """
gate = threading.Event()
waiting = []
try:
    while True:
        thread = threading.Thread(target=gate.wait)
        waiting.append(thread)
        thread.start()
except (RuntimeError, MemoryError) as error:
    kind = type(error).__name__
    waiting.pop()
many = len(waiting)
alive = threading.active_count()
gate.set()
for thread in waiting:
    thread.join()
del thread, waiting
gc.collect()
again = [threading.Thread(target=gate.wait) for _ in range(many // 2)]
for thread in again:
    thread.start()
for thread in again:
    thread.join()
end()
print('error:', kind)
print('threads:', many, alive - many)
"""
    text = board.execute(SETUP + program, seconds=60)
    check_threads(text)
    assert "error: RuntimeError" in text, text
    many, others = numbers(text, "threads")
    assert many >= 28, text  # besides the four
    assert others == 4, text


def test_a_plain_thread_that_can_not_be_started_raises_memory_error(board: EmulatedBoard) -> None:
    program = """
def try_to_start():
    try:
        _thread.stack_size(500_000)
        _thread.start_new_thread(print, ('never',))
    except MemoryError:
        print('MemoryError')
    finally:
        _thread.stack_size(0)
for _ in range(3):
    try_to_start()
done = []
for i in range(10):
    _thread.start_new_thread(done.append, (i,))
time.sleep_ms(200)
end()
print('done:', *sorted(done))
"""
    text = board.execute(SETUP + program)
    check_threads(text)
    assert text.count("MemoryError") == 3
    assert numbers(text, "done") == list(range(10))


def test_thirty_two_threads_with_the_default_stack(board: EmulatedBoard) -> None:
    program = """
import gc, threading
barrier = threading.Barrier(33)
done = []
def work(n):
    barrier.wait()
    done.append(sum(range(n)))
    barrier.wait()
threads = [threading.Thread(target=work, args=(n,)) for n in range(32)]
for thread in threads:
    thread.start()
alive = threading.active_count()
barrier.wait()
barrier.wait()
for thread in threads:
    thread.join()
print('at once:', alive, len(done), int(sorted(done) == [sum(range(n)) for n in range(32)]))
del thread, threads
gc.collect()
print('free:', gc.mem_free())
"""
    text = board.execute(program, seconds=60)
    assert numbers(text, "at once") == [33, 32, 1]
    assert numbers(text, "free")[0] > 200_000


def test_a_thousand_threads_one_after_the_other_leak_nothing(board: EmulatedBoard) -> None:
    program = """
import gc, threading
done = 0
def work():
    global done
    done += 1
def some(n):
    for _ in range(n):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
some(20)
gc.collect()
before = gc.mem_free()
some(1000)
gc.collect()
print('done:', done, threading.active_count())
print('lost:', before - gc.mem_free())
"""
    text = board.execute(program, seconds=60)
    assert numbers(text, "done") == [1020, 1]
    assert abs(numbers(text, "lost")[0]) <= 512, text  # a block is 16 bytes


RECURSE = """
def recurse(n):
    return recurse(n + 1) + 1
depths = []
def too_deep():
    depth = 0
    def deeper():
        nonlocal depth
        depth += 1
        deeper()
    try:
        deeper()
    except RuntimeError as error:
        depths.append(depth)
        message = str(error)
        print('message:', message)
"""


@pytest.mark.parametrize("stack_bytes", [0, 2048, 16384])
def test_recursion_without_end_raises_in_a_thread(board: EmulatedBoard, stack_bytes: int) -> None:
    program = f"""
threading.stack_size({stack_bytes})
deep = [threading.Thread(target=too_deep) for _ in range(3)]
for thread in deep:
    thread.start()
for thread in deep:
    thread.join()
end()
print('depths:', *depths)
"""
    text = board.execute(SETUP + RECURSE + program)
    check_threads(text)
    message = "message: maximum recursion depth exceeded; threading.stack_size(n) before start()"
    assert text.count(message) == 3, text
    assert min(numbers(text, "depths")) >= 2, text


DEEP_IN_C = """
nested = []
for _ in range(1000):
    nested = [nested]
class Compared:
    def __init__(self, depth): self.depth = depth
    def __lt__(self, other): return sorted([Compared(self.depth + 1), Compared(0)])[0].depth < 0
    def __repr__(self): return repr([Compared(self.depth + 1)])
    def __hash__(self): return hash(Compared(self.depth + 1))
    def __getattr__(self, name): return getattr(Compared(self.depth + 1), name)
    def __iter__(self): return iter(Compared(self.depth + 1))
    def __enter__(self):
        with Compared(self.depth + 1): pass
    def __exit__(self, *args): pass
    def __del__(self): pass
def json_deep():
    import json
    json.loads('[' * 1000)
def import_deep():
    exec('exec(code)', {'code': 'exec(code, globals())', 'exec': exec, 'globals': globals})
def regex_deep():
    import re
    re.match('(a*)*b' * 5 + '(' * 5 + 'a' + ')*' * 5, 'a' * 200)
def with_deep():
    with Compared(0): pass
def compile_deep():
    compile('(' * 200 + '1' + ')' * 200, 'f', 'eval')
def format_deep():
    return '{}'.format(nested)
def generator_deep():
    def generate(n):
        yield from generate(n + 1)
    list(generate(0))
attempts = [
    lambda: repr(nested), lambda: sorted([Compared(0), Compared(1)]),
    lambda: repr(Compared(0)), lambda: hash(Compared(0)), lambda: Compared(0).name,
    lambda: list(Compared(0)), with_deep, json_deep, import_deep, regex_deep, compile_deep,
    format_deep, generator_deep,
]
ended = 0
def attempt():
    global ended
    for do in attempts:
        try:
            do()
        except (RuntimeError, SyntaxError, ValueError, MemoryError) as error:
            pass
        ended += 1
"""


@pytest.mark.parametrize("stack_bytes", [0, 2048])
def test_what_recurses_in_c_raises_in_a_thread(board: EmulatedBoard, stack_bytes: int) -> None:
    """The ways to a deep stack that MicroPython looks at (it does not in ==): all must raise."""
    program = f"""
threading.stack_size({stack_bytes})
deep = threading.Thread(target=attempt)
deep.start()
deep.join()
end()
print('ended:', ended, len(attempts))
"""
    text = board.execute(SETUP + DEEP_IN_C + program, seconds=60)
    check_threads(text)
    ended, attempts = numbers(text, "ended")
    assert ended == attempts, text


def test_who_is_told_to_measure_the_slice_may_begin_to_wait_late(start: Start, image: Path) -> None:
    """If that were lost, a thread that computes would keep the lock."""
    program = """
done = []
def compute(n):
    for _ in range(20):
        for _ in range(2000):
            pass
        time.sleep_ms(1)
    done.append(n)
computing = [threading.Thread(target=compute, args=(n,)) for n in range(4)]
for thread in computing:
    thread.start()
for thread in computing:
    thread.join()
end()
print('done:', len(done))
"""
    board = start(seed=1)
    waits = Symbols(image.with_suffix(".elf")).calls("enter", "weft_kernel_wait")
    board.pico.stall(Stall(tuple(waits), every=3))
    text = board.execute(SETUP + program)
    check_threads(text)
    assert "done: 4\n" in text, text
    [stalled] = board.pico.stalled()
    assert stalled > 50, "few waits for the lock were held up"
