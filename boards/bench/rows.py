"""What `weft bench --board` measures: each row is a figure that a program prints, and its target.

The programs `kernel_bench` (C) and `image` (the firmware's file) are for the virtual Pico only. The
others are the files of firmware/benchmarks/python. Another firmware's figures stand beside: stock
firmware's, of the programs in ON_STOCK, or of a parallel firmware's rows, the firmware's with the
interpreter's lock. The targets are weft's own, for a Pico at 125 MHz.
"""

from __future__ import annotations

from dataclasses import dataclass

IN_C, IN_PYTHON, LATE, WORK, ONE, TWO, MEMORY = (
    "Threads in C",
    "Threads in Python",
    "How late sleeps and time-outs end",
    "Threads that compute, in Python",
    "One thread's speed beside the firmware's with the interpreter's lock",
    "Two threads' speed beside one's",
    "Memory",
)
KERNEL, IMAGE = "kernel_bench", "image"
ON_STOCK = frozenset({"plain", "cpu", "heap", "callbacks", IMAGE})


@dataclass(frozen=True)
class Row:
    """A figure: its section and name, the program that prints it and as what, and its unit.

    `derived` makes it from both: "speed" is the other firmware's time over this one's, "excess" is
    this one's figure less the other's. The target is a maximum, or a minimum with `at_least`.
    """

    section: str
    name: str
    program: str
    figure: str
    unit: str
    target: float | None = None
    at_least: bool = False
    derived: str = ""


ROWS = (
    Row(IN_C, "switch to another thread", KERNEL, "thread switch", "cycles", 150),
    Row(IN_C, "event round trip, one core", KERNEL, "event round trip, one core", "cycles", 610),
    Row(IN_C, "event round trip, two cores", KERNEL, "event round trip, two cores", "cycles"),
    Row(IN_C, "lock acquire + release", KERNEL, "lock pair", "cycles"),
    Row(IN_C, "thread start + join", KERNEL, "start and join", "cycles"),
    Row(IN_C, "interrupt to the waiting thread", KERNEL, "interrupt to thread", "cycles"),
    Row(IN_C, "reading the counter, in each of these", KERNEL, "overhead", "cycles"),
    Row(IN_PYTHON, "Event.set() to the waiter's next line", "events", "set to next line", "us", 60),
    Row(IN_PYTHON, "Event.set(), but the setter computes on", "events", "to computing", "us"),
    Row(IN_PYTHON, "Event round trip", "events", "round trip", "us"),
    Row(IN_PYTHON, "Queue round trip", "queues", "queue round trip", "us"),
    Row(IN_PYTHON, "SimpleQueue round trip", "queues", "simple queue round trip", "us"),
    Row(IN_PYTHON, "Thread start() + join()", "threads", "start and join", "us"),
    Row(IN_PYTHON, "pin interrupt to the waiter's next line", "pins", "to next line", "us"),
    Row(IN_PYTHON, "pin interrupt, hard=True, to that line", "pins", "hard, to next line", "us"),
    Row(IN_PYTHON, "lock acquire() + release()", "plain", "lock pair", "us"),
    Row(IN_PYTHON, "lock hand-off round trip", "plain", "lock hand-off", "us"),
    Row(IN_PYTHON, "_thread start to its first line", "plain", "thread start", "us"),
    Row(IN_PYTHON, "reading the clock, in each of these", "plain", "clock", "us"),
    Row(LATE, "weft_sleep_until() in C, idle", KERNEL, "sleep late us, idle", "us", 1000),
    Row(
        LATE,
        "weft_sleep_until() in C, four busy threads",
        KERNEL,
        "sleep late us, four busy threads",
        "us",
    ),
    Row(LATE, "time.sleep(), idle", "plain", "sleep late", "us", 1000),
    Row(LATE, "Event.wait(timeout), idle", "late", "wait late, idle", "us", 1000),
    Row(LATE, "Thread.join(timeout), idle", "late", "join late, idle", "us", 1000),
    Row(LATE, "time.sleep(), four busy threads", "late", "sleep late, busy", "us"),
    Row(LATE, "Event.wait(timeout), four busy threads", "late", "wait late, busy", "us"),
    Row(LATE, "Thread.join(timeout), four busy threads", "late", "join late, busy", "us"),
    *(
        Row(
            LATE,
            f"scheduled callback, main {main}{beside}, latest",
            "callbacks",
            f"callback, main {main}, {state}, latest",
            "us",
        )
        for state, beside in (("idle", ""), ("busy", ", a busy thread"))
        for main in ("waits", "computes", "prints")
    ),
    Row(WORK, "loop in the main thread", "cpu", "work in main", "us"),
    Row(WORK, "loop in another thread", "cpu", "work in a thread", "us"),
    Row(
        *(WORK, "one thread's speed beside stock's", "cpu", "work in a thread", "times"),
        target=0.95,
        at_least=True,
        derived="speed",
    ),
    Row(WORK, "loop in two threads at once, both", "cpu", "work in two threads", "us"),
    Row(MEMORY, "thread in C besides its stack", KERNEL, "control block", "bytes", 100),
    Row(MEMORY, "thread in Python besides its stack", "threads", "plain thread", "bytes", 100),
    Row(MEMORY, "Thread object", "threads", "thread object", "bytes"),
    Row(MEMORY, "free heap after boot", "heap", "free heap", "bytes"),
    Row(MEMORY, "free heap, threading and queue imported", "heap", "free with threading", "bytes"),
    Row(MEMORY, "_thread's threads at once", "plain", "threads at once", ""),
    Row(MEMORY, "Threads at once, default stack", "threads", "threads at once", "", 32, True),
    Row(MEMORY, "firmware", IMAGE, "bytes", "bytes"),
    Row(
        *(MEMORY, "firmware, more than stock's", IMAGE, "bytes", "bytes"),
        target=64 * 1024,
        derived="excess",
    ),
)

WORKS = (
    ("integers", "ints", 1.9),
    ("calls and attributes", "calls", 1.9),
    ("lists and dicts", "containers", 1.9),
    ("floats", "floats", 1.85),
    ("strings", "text", 1.9),
    ("generators", "generators", None),
    ("exceptions", "exceptions", None),
    ("append() and pop()", "append_pop", None),
    ("a dict filled and cleared", "fill_clear", 1.8),
    ("list comprehensions", "comprehensions", 1.8),
    ("big integers", "big_ints", 1.8),
    ("class instances", "instances", 1.8),
    ("sort with a key", "sorts", 0.98),
    ("exec()", "executes", 0.98),
    ("one list", "on_list", 1.85),
    ("one dict", "on_dict", 1.85),
    ("one attribute", "on_attribute", 1.85),
    ("one Lock", "on_lock", 1.85),
)
"""Name, function in firmware/benchmarks/python/parallel.py, what two threads come to at least."""

PARALLEL_ROWS = (
    *(
        Row(ONE, name, "parallel", f"{work}, one", "times", 0.95, at_least=True, derived="speed")
        for name, work, _ in WORKS
    ),
    *(
        Row(TWO, name, "parallel", f"{work}, two", "times", target, at_least=True)
        for name, work, target in WORKS
    ),
)
"""Of a firmware whose threads run Python on both cores at once, besides."""
