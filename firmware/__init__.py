"""What runs on a board: sources of MicroPython, the C module over weft.h, and frozen Python.

`sources` fetches Debian packages, `build` turns them and this folder into firmware. Everything
below `python/` is MicroPython, for boards; everything directly in this folder runs on a computer.
"""
