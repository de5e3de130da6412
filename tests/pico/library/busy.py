"""Programs' first part: threads that keep both cores of the board busy beside what is tested."""

from __future__ import annotations

from emulated_board import numbers

KINDS = """
import _thread, gc, machine, micropython, os, rp2, sys, threading, time
micropython.alloc_emergency_exception_buf(100)
stop = False
wrong = []
def busy(i):
    while not stop:
        counts[i] += 1
def allocating(i):
    while not stop:
        made = [bytes([counts[i] & 255]) * 10 for _ in range(20)]
        if any(item != made[0] for item in made):
            wrong.append(i)
        counts[i] += 1
def sleeping(i):
    while not stop:
        time.sleep_ms(2)
        counts[i] += 1
def end():
    global stop
    stop = True
    for thread in threads:
        thread.join()
    print('least:', min(counts))
    print('wrong:', len(wrong))
"""


def busy_threads(*kinds: str) -> str:
    """Start a thread of each of the kinds: "busy", "allocating", "sleeping". end() ends them.

    Each counts its rounds in `counts`; what anybody finds harmed goes to `wrong`.
    """
    return f"""{KINDS}
counts = [0] * {len(kinds)}
threads = [
    threading.Thread(target=kind, args=(i,), daemon=True)
    for i, kind in enumerate([{", ".join(kinds)}])
]
for thread in threads:
    thread.start()
"""


def check_threads(text: str, least: int = 1) -> None:
    """By what end() has printed, each went on, so many rounds at least, and nothing is harmed."""
    assert numbers(text, "least")[0] >= least, text
    assert numbers(text, "wrong") == [0], text
