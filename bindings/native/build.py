"""Generates the C source of the extension weft._native with cffi: `build.py OUTPUT`.

cffi lets go of the GIL around every call, so this is for calls of the runtime that block, or that
are rare, and that need no GIL. All else, which is most, is in the module weft._types (module.c).
"""

import sys
from pathlib import Path

import cffi

DECLARATIONS = """
#define WEFT_OK ...
#define WEFT_FOREVER ...

int64_t native_block_limit(int64_t deadline_ns);
int weft_thread_join_all_until(int64_t deadline_ns);
"""

SOURCE = """
#include "blocking.h"
#include "weft.h"
"""


def generate(path: Path) -> None:
    """Write the C source of weft._native to `path`."""
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    ffi.set_source("weft._native", SOURCE)
    ffi.emit_c_code(str(path))


if __name__ == "__main__":
    generate(Path(sys.argv[1]))
