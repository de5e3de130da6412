"""Garbage collection while both cores allocate, and lists and dicts that all threads change."""

from __future__ import annotations

from emulated_board import EmulatedBoard, numbers

SHARED = """
import gc, random, sys, threading, time
KEEP = 20
items, table, failures = [], {}, []
stop = False
def change(n):
    try:
        for i in range(ROUNDS):
            items.append((n, i))
            table[n * 1000 + i] = [n, {'i': i}, str(i)]
            if i >= KEEP:
                content = table.pop(n * 1000 + i - KEEP)
                if content != [n, {'i': i - KEEP}, str(i - KEEP)]:
                    failures.append((n, i, content))
            made = [bytes([i & 255]) * (i % 40) for _ in range(6)]
            if any(item != made[0] for item in made):
                failures.append((n, i))
            if i % 16 == 0:
                sorted([(item * 7) % 31 for item in range(20)])
                time.sleep_ms(0)
    except BaseException as error:
        failures.append(error)
        sys.print_exception(error)
def collect():
    while not stop:
        gc.collect()
        time.sleep_ms(random.randrange(4))
def linked():
    chain = None
    for i in range(60):
        chain = (i, chain)
    while not stop:
        at, expected = chain, 59
        while at is not None:
            if at[0] != expected:
                failures.append(('link', expected, at[0]))
            at, expected = at[1], expected - 1
        time.sleep_ms(1)
helpers = [threading.Thread(target=collect), threading.Thread(target=linked)]
changers = [threading.Thread(target=change, args=(n,)) for n in range(4)]
for thread in helpers + changers:
    thread.start()
for thread in changers:
    thread.join()
stop = True
for thread in helpers:
    thread.join()
print('failures:', len(failures))
print('items:', len(items), len(set(items)))
print('ordered:', *[int([i for m, i in items if m == n] == list(range(ROUNDS))) for n in range(4)])
print('keys:', len(table), int(sorted(table) == sorted(n * 1000 + i
    for n in range(4) for i in range(ROUNDS - KEEP, ROUNDS))))
"""


def check_shared_containers(board: EmulatedBoard, rounds: int = 100) -> None:
    """Four threads change one list and one dict, while a fifth collects: nothing is lost."""
    text = board.execute(SHARED.replace("ROUNDS", str(rounds)), seconds=60)
    assert numbers(text, "failures") == [0], text
    assert numbers(text, "items") == [4 * rounds] * 2, text
    assert numbers(text, "ordered") == [1, 1, 1, 1], text
    assert numbers(text, "keys") == [80, 1], text


def test_shared_lists_and_dicts_survive(board: EmulatedBoard) -> None:
    check_shared_containers(board)


LITTLE = """
import gc, threading
lost = []
begun = threading.Barrier(4)
def allocate(n):
    begun.wait()
    kept = []
    try:
        for i in range(40):
            kept.append(bytearray(1500))
            kept[-1][0] = kept[-1][-1] = n
            if len(kept) > 8:
                kept.pop(0)
            if any(item[0] != n or item[-1] != n for item in kept):
                lost.append(n)
    except MemoryError:
        lost.append('MemoryError')
threads = [threading.Thread(target=allocate, args=(n,)) for n in range(4)]
gc.collect()
ballast = bytearray(gc.mem_free() - 105000)  # the stacks, 13 KB for each thread, and a little
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print('lost:', len(lost))
"""


def test_memory_that_is_nearly_full_is_collected_in_time(board: EmulatedBoard) -> None:
    """Any allocation may have to collect, on either core."""
    text = board.execute(LITTLE, seconds=60)
    assert numbers(text, "lost") == [0], text
