"""What a case of the conformance suite is given: the modules under test, and a few helpers.

A case is a plain function `case_xxx(t)` in a file `cases_*.py`. It imports nothing that it tests:
`t.threading` and `t.queue` are the modules under test. It says that it fails by an exception.

This file and the cases also run on MicroPython, so they use only what both Pythons have. A board
may run threads on two cores at once: each thread writes to a place of its own, or under a lock.

No case sleeps to hope that a thread has blocked: `until_waiting` counts who waits. Time is only
asserted through `takes`.
"""

import time

LIMIT = 20
"""Seconds after which something that must happen has not happened."""

EARLY = 0.002
"""Seconds by which a wait may end early: what the clocks of all platforms differ by."""

if hasattr(time, "monotonic"):
    now = time.monotonic
else:

    def now():
        """Return the seconds since some moment (MicroPython; it wraps after some days)."""
        return time.ticks_ms() / 1000


def waiters_of(thing):
    """Return how many threads wait for an event, a condition, a semaphore or a barrier.

    Where it is known: CPython has a queue of them, weft a number, both called `_waiters`.
    """
    if hasattr(thing, "n_waiting"):
        return thing.n_waiting
    if not hasattr(thing, "_waiters"):
        thing = thing._cond
    waiters = thing._waiters
    return waiters if isinstance(waiters, int) else len(waiters)


class Bunch:
    """Threads that run function(number), number from 0; leaving the `with` block joins them.

    An exception of one of them is raised again there.
    """

    def __init__(self, threading, count, function):
        self.function = function
        self.errors = [None] * count
        self.threads = [
            threading.Thread(target=self._run, args=(number,), daemon=True)
            for number in range(count)
        ]
        for thread in self.threads:
            thread.start()

    def _run(self, number):
        try:
            self.function(number)
        except BaseException as error:
            self.errors[number] = error

    def join(self):
        """Wait for the threads, no longer than LIMIT; raise what the first of them raised."""
        end = now() + LIMIT
        for thread in self.threads:
            thread.join(max(0, end - now()))
        for error in self.errors:
            if error is not None:
                raise error
        alive = [thread.name for thread in self.threads if thread.is_alive()]
        if alive:
            raise AssertionError(f"still running after {LIMIT} s: {alive}")

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, traceback):
        if exc_type is None:
            self.join()


class Subject:
    """The modules under test."""

    def __init__(self, threading, queue):
        self.threading = threading
        self.queue = queue

    def run(self, case):
        """Run one case, and fail if it leaves a thread behind."""
        before = self.threading.active_count()
        case(self)
        self.until(lambda: self.threading.active_count() <= before)

    def start(self, count, function):
        """Start threads that run function(number)."""
        return Bunch(self.threading, count, function)

    def until(self, condition):
        """Wait until condition() is true, which takes as long as it takes up to LIMIT."""
        end = now() + LIMIT
        while not condition():
            if now() > end:
                raise AssertionError(f"it did not happen within {LIMIT} s")
            time.sleep(0.001)

    def until_waiting(self, thing, count):
        """Wait until `count` threads wait for `thing`."""
        self.until(lambda: waiters_of(thing) == count)

    def equal(self, actual, expected):
        """Fail unless both are equal."""
        if actual != expected:
            raise AssertionError(f"expected {expected!r}, got {actual!r}")

    def true(self, value):
        """Fail unless the value is True itself."""
        if value is not True:
            raise AssertionError(f"expected True, got {value!r}")

    def false(self, value):
        """Fail unless the value is False itself."""
        if value is not False:
            raise AssertionError(f"expected False, got {value!r}")

    def same(self, actual, expected):
        """Fail unless both are one object."""
        if actual is not expected:
            raise AssertionError(f"expected {expected!r} itself, got {actual!r}")

    def raises(self, kind, function, *args, **kwargs):
        """Fail unless the call raises `kind`; return what it raised."""
        try:
            result = function(*args, **kwargs)
        except kind as error:
            return error
        raise AssertionError(f"expected {kind.__name__}, got the result {result!r}")

    def takes(self, seconds, function, *args, **kwargs):
        """Call the function, which takes `seconds` or longer; return its result."""
        begin = now()
        result = function(*args, **kwargs)
        elapsed = now() - begin
        if elapsed < seconds - EARLY:
            raise AssertionError(f"expected {seconds} s or longer, took {elapsed} s")
        if elapsed > seconds + LIMIT:
            raise AssertionError(f"expected about {seconds} s, took {elapsed} s")
        return result
