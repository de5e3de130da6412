"""The primitives under `threading` for stock MicroPython: Python over `_thread` alone.

In weft's firmware the module _weft is written in C and has the same names.

Every object has a `_guard`, a plain lock. It is held for a few statements only and guards all other
fields. A thread that has to wait queues a plain lock of its own, held, and waits until another
thread releases that lock. `_thread` ignores timeouts, and Ctrl-C does not end a wait for its locks.
So a wait with a timeout, and any wait of the main thread, polls with short sleeps.

A `with` of a Lock takes no memory unless it has to wait: so it can't fail half done. A method
`__exit__(self, *_)` would need memory before it gave the lock up.
"""

import sys
import utime  # the built-in module, not weft's time.py, which imports this file
from utime import time

from _thread import allocate_lock, get_ident

version = "stock"  # `weft install` puts the number in
is_parallel = sys.platform == "rp2"  # whose stock firmware has no lock at all
TIMEOUT_MAX = 9223372036.0
_MAIN = get_ident()  # threading is imported by the main thread
_SHORTEST_SLEEP_MS = 1
_LONGEST_SLEEP_MS = 10


class _Clock:
    """Monotonic time that goes on when ticks_us() wraps around, if a program asks for it often."""

    def __init__(self):
        self._guard = allocate_lock()
        self._last = utime.ticks_us()
        self._microseconds = 0

    def now(self):
        with self._guard:
            ticks = utime.ticks_us()
            self._microseconds += utime.ticks_diff(ticks, self._last)
            self._last = ticks
            return self._microseconds


_clock = _Clock()


def monotonic():
    """Return monotonic seconds since an arbitrary start."""
    return _clock.now() / 1000000


def monotonic_ns():
    """Return monotonic nanoseconds since an arbitrary start, as exact as the board's clock."""
    return _clock.now() * 1000


def handled():
    """Return the exception that is being handled, or None: stock ports mostly do not know."""
    return sys.exc_info()[1] if hasattr(sys, "exc_info") else None


_plain_print = print


def print(*values, sep=" ", end="\n", file=None, flush=False):
    """Print as the built-in does, and write all of it at once."""
    if file is not None:
        _plain_print(*values, sep=sep, end=end, file=file)
        return
    text = (" " if sep is None else sep).join([str(value) for value in values])
    sys.stdout.write(text + ("\n" if end is None else end))


def _check_timeout(timeout):
    """Raise what CPython raises for a timeout in seconds that nobody can wait for."""
    if timeout != timeout:
        raise ValueError("Invalid value NaN (not a number)")
    if timeout > TIMEOUT_MAX:
        raise OverflowError("timeout value is too large")


def _deadline(timeout):
    """Return the microsecond at which a timeout in seconds ends: an int, since floats are short."""
    if timeout is None:
        return None
    _check_timeout(timeout)
    return _clock.now() + (int(timeout * 1000000) if timeout > 0 else 0)


def _acquire_timeout(blocking, timeout, none):
    """Return (timeout, is_try) of acquire()'s arguments; raise what CPython raises for bad ones."""
    limited = timeout != none
    if not blocking:
        if limited:
            raise ValueError("can't specify a timeout for a non-blocking call")
        return None, True
    return (timeout if limited else None), False


def _lock_timeout(blocking, timeout):
    """Return the same for a lock; check the timeout even if nobody has to wait."""
    timeout, is_try = _acquire_timeout(blocking, timeout, -1)
    if timeout is not None:
        if timeout < 0:
            raise ValueError("timeout value must be a non-negative number")
        _check_timeout(timeout)
    return timeout, is_try


def _wait_for_release(lock, deadline):
    """Wait until another thread releases `lock`, which is held. False at the deadline."""
    if deadline is None and get_ident() != _MAIN:
        return lock.acquire()
    pause = _SHORTEST_SLEEP_MS
    while not lock.acquire(0):
        if deadline is not None:
            left = deadline - _clock.now()
            if left <= 0:
                return bool(lock.acquire(0))
            pause = min(pause, left // 1000 + 1)
        # Not sleep_us(): it keeps the interpreter's lock where there is one.
        utime.sleep_ms(pause)
        pause = min(pause * 2, _LONGEST_SLEEP_MS)
    return True


class _Queue:
    """Waiters, first come, first served. Its owner's guard is held in every method but wait()."""

    def __init__(self):
        self._waiters = []

    def enqueue(self):
        waiter = allocate_lock()
        waiter.acquire()
        self._waiters.append(waiter)
        return waiter

    def wake(self, count):
        while count > 0 and self._waiters:
            self._waiters.pop(0).release()
            count -= 1

    def wake_all(self):
        self.wake(len(self._waiters))

    def wait(self, guard, waiter, deadline):
        """Wait without the guard; False at the deadline. An exception takes the waiter out too."""
        woken = False
        try:
            woken = _wait_for_release(waiter, deadline)
        finally:
            if not woken:
                with guard:
                    woken = waiter not in self._waiters
                    if not woken:
                        self._waiters.remove(waiter)
        return woken


class Event:
    """A flag that threads wait for."""

    def __init__(self):
        self._guard = allocate_lock()
        self._queue = _Queue()
        self._flag = False

    @property
    def _waiters(self):
        return len(self._queue._waiters)

    def is_set(self):
        """Whether the flag is set."""
        return self._flag

    isSet = is_set

    def set(self):
        """Set the flag and release all who wait."""
        with self._guard:
            self._flag = True
            self._queue.wake_all()

    def clear(self):
        """Clear the flag."""
        with self._guard:
            self._flag = False

    def wait(self, timeout=None):
        """Wait until the flag is set; False if the timeout in seconds came first."""
        if self._flag:
            return True
        deadline = _deadline(timeout)
        with self._guard:
            if self._flag:
                return True
            waiter = self._queue.enqueue()
        return self._queue.wait(self._guard, waiter, deadline)


class Semaphore:
    """A counter that acquire() takes from and release() adds to, up to `limit`."""

    def __init__(self, value=1, limit=None):
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._guard = allocate_lock()
        self._queue = _Queue()
        self._value = value
        self._limit = limit

    @property
    def _waiters(self):
        return len(self._queue._waiters)

    def acquire(self, blocking=True, timeout=None):
        """Take one; wait if there is none. False if a wait was not allowed or took too long."""
        timeout, is_try = _acquire_timeout(blocking, timeout, None)
        return self._acquire_within(timeout, is_try)

    def _acquire_within(self, timeout, is_try):
        with self._guard:
            if self._value > 0:
                self._value -= 1
                return True
            if is_try:
                return False
            deadline = _deadline(timeout)
            waiter = self._queue.enqueue()
        # release() hands its unit to the first waiter: the count stays 0 meanwhile.
        return self._queue.wait(self._guard, waiter, deadline)

    def release(self, n=1):
        """Add n, and let that many who wait go on."""
        if n < 1:
            raise ValueError("n must be one or more")
        with self._guard:
            if self._limit is not None and self._value + n > self._limit:
                raise ValueError("Semaphore released too many times")
            while n > 0 and self._queue._waiters:
                self._queue.wake(1)
                n -= 1
            self._value += n

    def __enter__(self):
        return self.acquire()

    def __exit__(self, kind, error, traceback):
        self.release()


class Lock:
    """A lock that any thread may release."""

    def __init__(self):
        self._semaphore = Semaphore(1)

    def acquire(self, blocking=True, timeout=-1):
        """Take the lock; False if that was not possible at once, or within the timeout."""
        return self._semaphore._acquire_within(*_lock_timeout(blocking, timeout))

    def release(self):
        """Give the lock up."""
        if not self.locked():
            raise RuntimeError("release unlocked lock")
        self._semaphore.release()

    def locked(self):
        """Whether somebody has the lock."""
        return self._semaphore._value == 0

    def __enter__(self):
        return self._semaphore._acquire_within(None, False)

    def __exit__(self, kind, error, traceback):
        self.release()

    def _is_owned(self):
        return self.locked()

    def _release_all(self):
        self.release()
        return 1

    def _restore(self, depth):
        self.acquire()


deferring_lock = Lock  # nothing keeps callbacks out here


class RLock:
    """A lock that its owner may take again. _owner and _depth are written by the owner alone."""

    def __init__(self):
        self._lock = Lock()
        self._owner = None
        self._depth = 0

    def acquire(self, blocking=True, timeout=-1):
        """Take the lock once more; False if that was not possible at once or within the timeout."""
        timeout, is_try = _lock_timeout(blocking, timeout)
        me = get_ident()
        if self._owner == me:
            self._depth += 1
            return True
        if not self._lock._semaphore._acquire_within(timeout, is_try):
            return False
        self._owner = me
        self._depth = 1
        return True

    def release(self):
        """Give the lock up once."""
        if not self._is_owned():
            raise RuntimeError("cannot release un-acquired lock")
        self._depth -= 1
        if self._depth == 0:
            self._owner = None
            self._lock.release()

    def locked(self):
        """Whether somebody has the lock."""
        return self._lock.locked()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, kind, error, traceback):
        self.release()

    def _is_owned(self):
        return self._owner == get_ident()

    def _release_all(self):
        depth = self._depth
        self._depth = 1
        self.release()
        return depth

    def _restore(self, depth):
        self.acquire()
        self._depth = depth


class Condition:
    """Waits for a change of what a lock guards. The lock is the guard of its queue."""

    def __init__(self, lock=None):
        if lock is None:
            lock = RLock()
        if not isinstance(lock, (Lock, RLock)):
            raise TypeError("a Condition needs a Lock or an RLock of threading's")
        self._lock = lock
        self._queue = _Queue()
        self.acquire = lock.acquire
        self.release = lock.release

    @property
    def _waiters(self):
        return len(self._queue._waiters)

    def __enter__(self):
        return self._lock.acquire()

    def __exit__(self, kind, error, traceback):
        self._lock.release()

    def wait(self, timeout=None):
        """Give the lock up, wait to be notified, take it again; False if the timeout came first."""
        return self._wait_until(_deadline(timeout))

    def _wait_until(self, deadline):
        if not self._lock._is_owned():
            raise RuntimeError("cannot wait on un-acquired lock")
        waiter = self._queue.enqueue()
        depth = self._lock._release_all()
        try:
            return self._queue.wait(self._lock, waiter, deadline)
        finally:
            self._lock._restore(depth)

    def wait_for(self, predicate, timeout=None):
        """Wait until predicate() is true, and return its value; the last value at the timeout."""
        deadline = _deadline(timeout)
        result = predicate()
        while not result:
            if deadline is not None and _clock.now() >= deadline:
                break
            self._wait_until(deadline)
            result = predicate()
        return result

    def notify(self, n=1):
        """Let n who wait go on, once the lock is given up."""
        if not self._lock._is_owned():
            raise RuntimeError("cannot notify on un-acquired lock")
        self._queue.wake(n)

    def notify_all(self):
        """Let all who wait go on, once the lock is given up."""
        self.notify(self._waiters)

    notifyAll = notify_all
