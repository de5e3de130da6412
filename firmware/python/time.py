"""MicroPython's time, and what CPython's has besides.

The _ns functions return integers of their own. Seconds are floats. In weft's firmware floats have
64 bits: seconds are exact to the microsecond for centuries. On a port with floats of 32 bits (a
stock Pico), time() has whole seconds, and monotonic() is exact for some seconds after the start.
Use the _ns functions there.
"""

import utime
from utime import *  # the built-in module

import _weft
from _weft import monotonic, monotonic_ns, time

if hasattr(_weft, "sleep"):
    from _weft import sleep  # to the microsecond

perf_counter = monotonic
perf_counter_ns = monotonic_ns


def localtime(seconds=None):
    """Return the time of day as a tuple; of now, or of some seconds after the epoch."""
    return utime.localtime() if seconds is None else utime.localtime(int(seconds))


def gmtime(seconds=None):
    """Return the time of day in UTC as a tuple; of now, or of some seconds after the epoch."""
    return utime.gmtime() if seconds is None else utime.gmtime(int(seconds))


def strftime(format, when=None):
    """Return a time of day, by default the local one of now, as text in the C locale."""
    from _strftime import formatted

    return formatted(format, when or localtime())
