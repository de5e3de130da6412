"""MicroPython's time, and what CPython's has besides: monotonic and perf_counter."""

from utime import *  # the built-in module

from _weft import monotonic

perf_counter = monotonic


def monotonic_ns():
    """Return monotonic time in nanoseconds, as exact as the board's clock and floats are."""
    return int(monotonic() * 1_000_000_000)


perf_counter_ns = monotonic_ns
