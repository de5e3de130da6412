"""weft: threads that run the same on computers and on multi-core boards.

    from weft import Thread, Event

gives the classes of `weft.threading`, which has everything that `threading` has; `weft.queue` has
everything that `queue` has. `weft run program.py` runs an unchanged program over both.

They are imported when first asked for: weft.boards does without the native runtime.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weft.threading import (
        Barrier,
        BoundedSemaphore,
        BrokenBarrierError,
        Condition,
        Event,
        Lock,
        RLock,
        Semaphore,
        Thread,
        Timer,
    )

__all__ = [
    "Barrier",
    "BoundedSemaphore",
    "BrokenBarrierError",
    "Condition",
    "Event",
    "Lock",
    "RLock",
    "Semaphore",
    "Thread",
    "Timer",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("weft.threading"), name)
