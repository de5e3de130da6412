"""Puts weft.threading and weft.queue in the place of the standard modules, in this process.

A .pth file imports this when an interpreter starts in the environment that cpython_suites.py makes.
So it holds too in the scripts that CPython's tests run in processes of their own.
"""

import sys

import weft.queue
import weft.threading

sys.modules["threading"] = weft.threading
sys.modules["queue"] = weft.queue
