"""Python's `threading`, with threads, joins, locks and events in the native runtime.

Everything in `threading.__all__` of the Python that runs is here, under the same name. What waits
or is waited for is weft's; what only looks (current_thread, enumerate, local, the hooks) is the
standard library's own, since weft's threads are its threads too. Names that are private there are
found here as well.
"""

from __future__ import annotations

import sys
import threading as _stdlib
import types
from threading import (  # noqa: F401  (what the rest of __all__ names comes through __getattr__)
    TIMEOUT_MAX,
    BrokenBarrierError,
    ExceptHookArgs,
    ThreadError,
    active_count,
    current_thread,
    enumerate,
    get_ident,
    get_native_id,
    getprofile,
    gettrace,
    local,
    main_thread,
    setprofile,
    settrace,
    stack_size,
)
from typing import Any

from weft._condition import Barrier, Condition
from weft._event import Event
from weft._lock import Lock, RLock
from weft._semaphore import BoundedSemaphore, Semaphore
from weft._thread import Thread, Timer

activeCount = _stdlib.activeCount
currentThread = _stdlib.currentThread

__all__ = [*_stdlib.__all__]

_OURS = (
    Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore, Thread, Timer,
)  # fmt: skip


def __getattr__(name: str) -> Any:
    return getattr(_stdlib, name)


class _Module(types.ModuleType):
    """Assigning the hook here assigns it where threads look for it."""

    @property
    def excepthook(self) -> Any:
        return _stdlib.excepthook

    @excepthook.setter
    def excepthook(self, hook: Any) -> None:
        _stdlib.excepthook = hook


sys.modules[__name__].__class__ = _Module
