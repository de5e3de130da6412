"""No program overflows a stack unseen: Python raises, or a report names the thread.

The limit of recursion leaves C so much of a stack that what programs call there runs; what recurses
in C without looking at the limit runs into the guard below the stack, and the board restarts.
"""

from __future__ import annotations

import re
from pathlib import Path

from emulated_board import PROMPT, Start, numbers
from operations import OPERATIONS
from stack_usage import StackUsage
from weft.firmware.steps import FIRMWARE

NOT_CALLED = re.compile(
    r"(fat_|vfs_fat|mp_vfs_fat|mp_vfs_lfs2_|main |fun_bc_call |weft_execute_from_c )"
)
"""Roots of paths that nobody's bytecode calls, or that the test above it is about."""

MODULE = """
with open('stacks_module.py', 'w') as file:
    file.write('''
import os
class A:
    def f(self, x): return [i for i in range(x) if i % 2]
def g(a, b=3, *c, **d):
    for i in range(a):
        try:
            yield {i: (a, b)}
        except ValueError as e:
            print(e)
''')
"""

DEEP = """
def deep():
    a = b = ()
    for _ in range(400):
        a, b = [a], [b]
    return a, b
"""


def test_what_programs_do_at_the_limit_of_recursion_works_or_raises(start: Start) -> None:
    """Each from the deepest call on, one call less deep at a time, until it works."""
    board = start(seed=1)
    text = board.execute(MODULE + OPERATIONS, seconds=180)
    assert "unexpected" not in text, text
    assert numbers(text, "operations")[0] >= 35, text
    assert numbers(text, "deepest")[0] >= 15, text


ORDINARY = """
import io, logging, random, sys, threading
logging.basicConfig(level=logging.INFO, format='%(asctime)s %(message)s', stream=sys.stdout)
def deeper(n, do):
    return do() if n == 0 else deeper(n - 1, do)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def quicksort(items):
    if len(items) < 2:
        return items
    pivot = items[len(items) // 2]
    return (quicksort([x for x in items if x < pivot]) + [x for x in items if x == pivot]
            + quicksort([x for x in items if x > pivot]))
def log():
    deeper(11, lambda: logging.info('twelve calls deep'))
def sort():
    random.seed(1)
    items = [random.randint(0, 10_000) for _ in range(200)]
    print('sorted:', int(quicksort(items) == sorted(items)))
def load():
    import stacks_module
    print('imported:', len(list(stacks_module.g(3))))
def write():
    with open('stacks.txt', 'w') as file:
        print('written:', file.write('hello'))
for do in log, lambda: print('fib:', fib(12)), sort, load, write:
    thread = threading.Thread(target=do)
    thread.start()
    thread.join()
"""


def test_the_default_stack_serves_ordinary_code(start: Start) -> None:
    text = start(seed=1).execute(MODULE + ORDINARY, seconds=60)
    assert "Exception" not in text, text
    assert re.search(r"^\d{4}-\d\d-\d\d .* twelve calls deep$", text, re.MULTILINE), text
    assert [numbers(text, name) for name in ("fib", "sorted", "imported", "written")] == [
        [144],
        [1],
        [3],
        [5],
    ], text


LATER = """
import logging, sys, threading
logging.basicConfig(
    format='%(asctime)s %(threadName)s %(message)s', level=logging.INFO, stream=sys.stdout)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def fail():
    try:
        1 // 0
    except ZeroDivisionError:
        logging.exception('caught')
def load():
    import stacks_module
    print('imported:', len(list(stacks_module.g(3))))
def write():
    with open('stacks.txt', 'w') as file:
        print('written:', file.write('hello'))
over = threading.Event()
others = [threading.Thread(target=over.wait) for _ in range(6)]
for thread in others:
    thread.start()
for do in fail, lambda: logging.info('logged'), lambda: print('fib:', fib(11)), load, write:
    thread = threading.Thread(target=do)
    thread.start()
    thread.join()
over.set()
"""


def test_the_stacks_of_later_threads_serve_most_of_it(start: Start) -> None:
    text = start(seed=1).execute(MODULE + LATER, seconds=60)
    assert "recursion" not in text, text
    assert "ZeroDivisionError: divide by zero\n" in text, text
    assert re.search(r"^\d{4}-\d\d-\d\d .* logged$", text, re.MULTILINE), text
    assert [numbers(text, name) for name in ("fib", "imported", "written")] == [[89], [3], [5]], (
        text
    )


MAIN = """
def f(n):
    return 0 if n == 0 else f(n - 1)
n = 0
try:
    while True:
        f(n)
        n += 1
except RuntimeError as error:
    print('message:', error)
print('depth:', n)
"""


def test_the_main_thread_is_as_deep_as_on_stock_firmware(start: Start, stock: Path) -> None:
    ours = start(seed=1).execute(MAIN)
    assert "message: maximum recursion depth exceeded\n" in ours
    theirs = start(seed=1, image=stock).execute(MAIN)
    assert numbers(ours, "depth") >= numbers(theirs, "depth"), (ours, theirs)


OF_A_THREAD = (
    "weft: the stack of a thread has overflowed: {} (threading.stack_size(n) before start()"
)
NATIVE = {
    "threading.Thread(target=lambda: a == b, name='a thread').start()": (
        OF_A_THREAD.format("a thread")
    ),
    "_thread.start_new_thread(lambda: a == b, ())": OF_A_THREAD.format("it has no name"),
    "threading.stack_size(1); threading.Thread(target=lambda: a == b, name='little').start()": (
        OF_A_THREAD.format("little")
    ),
    "a == b": OF_A_THREAD.format("MainThread"),
    """
pin = machine.Pin(2, machine.Pin.OUT)
pin.irq(lambda pin: a == b, machine.Pin.IRQ_RISING, hard=True)
pin.value(1)""": "weft: the stack of the interrupts has overflowed in a handler",
}


def test_what_recurses_in_c_without_end_is_reported_and_the_board_restarts(start: Start) -> None:
    board = start(seed=1, faults=True)
    for program, report in NATIVE.items():
        setup = DEEP + "import _thread, machine, threading, time\na, b = deep()\n"
        board.begin(f"{setup}{program}\ntime.sleep(5)\n")
        assert report in board.run_until(b"; the board restarts\r\n").decode(), program
        board.run_until(PROMPT, 5)
        board.enter()
        assert board.execute("print(6 * 7)") == "42\n"


def test_the_limit_leaves_what_c_takes_before_it_looks_again(image: Path) -> None:
    """What bytecode may call, by the ELF file's instructions; calls through pointers end a path.

    Those of the file systems that go deepest are run at the limit by a test above; at their worst
    (a directory that is split, a FAT) they run into the guard.
    """
    usage = StackUsage(image.with_suffix(".elf"))
    build = "parallel" if usage.has("weft_interp_wait") else "gil"
    interpreter_h = (FIRMWARE / "rp2" / "port" / build / "interpreter.h").read_text()
    found = re.search(r"#define WEFT_PORT_C_BYTES (\d+)", interpreter_h)
    assert found is not None
    room = int(found[1])
    assert usage.checks("fun_bc_call")
    state = 44 + 4 * 11  # of a function with the longest state that is kept on the stack
    bytecode = usage.frame("fun_bc_call") + state + usage.frame("mp_execute_bytecode")
    call = usage.frame("mp_call_function_n_kw") + usage.frame("fun_builtin_var_call")
    too_deep = [
        str(path)
        for path in usage.roots()
        if bytecode + call + path.size > room and not NOT_CALLED.match(path.names[0])
    ]
    assert not too_deep, f"{room} bytes below the limit; besides {bytecode + call}: " + "\n".join(
        too_deep
    )
    assert bytecode + usage.deepest("mp_import_name").size <= room
    report = usage.deepest("mp_raise_recursion_depth")
    assert report.size < room // 2, report


SPARE = """
import gc, threading, time
def fill(size, seen):
    content = bytearray(size)
    seen.append(threading.get_ident())
def start(size, seen):
    thread = threading.Thread(target=fill, args=(size, seen))
    thread.start()
    thread.join()
    time.sleep_ms(1)  # it leaves its core
seen = []
start(10, seen)
gc.collect()
before = gc.mem_free()
big, small, again = [], [], []
start(60000, big)
start(10, small)
gc.collect()
print('same memory:', int(big == small))
print('kept:', before - gc.mem_free() > 5000)
threading.stack_size(16000)
for _ in range(6):
    start(10, again)
print('of another size:', len(set(again)))
"""


def test_a_new_thread_takes_the_stack_of_one_that_has_ended(start: Start) -> None:
    """The stack keeps nothing alive of what the earlier thread had on it."""
    text = start(seed=1).execute(SPARE)
    assert numbers(text, "same memory") == [1], text
    assert "kept: False" in text, text
    assert numbers(text, "of another size") == [1], text
