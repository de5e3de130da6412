"""weft: threads that run the same on computers and on multi-core boards.

    from weft import Thread, Event

gives the classes of `weft.threading`, which has everything that `threading` has; `weft.queue` has
everything that `queue` has. `weft run program.py` runs an unchanged program over both.
"""

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
