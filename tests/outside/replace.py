"""Puts weft.threading and weft.queue in the place of the standard modules, in this process.

A .pth file imports this when an interpreter of the environment that run.py makes starts, so it
holds in the scripts that CPython's tests run in processes of their own as well.
"""

import sys

import weft.queue
import weft.threading

sys.modules["threading"] = weft.threading
sys.modules["queue"] = weft.queue
