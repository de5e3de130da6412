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
from threading import TIMEOUT_MAX as TIMEOUT_MAX
from threading import BrokenBarrierError as BrokenBarrierError
from threading import ExceptHookArgs as ExceptHookArgs
from threading import ThreadError as ThreadError
from threading import active_count as active_count
from threading import activeCount as activeCount
from threading import current_thread as current_thread
from threading import currentThread as currentThread
from threading import enumerate as enumerate
from threading import get_ident as get_ident
from threading import get_native_id as get_native_id
from threading import getprofile as getprofile
from threading import gettrace as gettrace
from threading import local as local
from threading import main_thread as main_thread
from threading import setprofile as setprofile
from threading import settrace as settrace
from threading import stack_size as stack_size
from typing import TYPE_CHECKING, Any

if not TYPE_CHECKING:
    from threading import *  # noqa: F403  (what only some versions have)

from weft._condition import Barrier as Barrier
from weft._condition import Condition as Condition
from weft._event import Event as Event
from weft._lock import Lock as Lock
from weft._lock import RLock as RLock
from weft._semaphore import BoundedSemaphore as BoundedSemaphore
from weft._semaphore import Semaphore as Semaphore
from weft._thread import Thread as Thread
from weft._thread import Timer as Timer

__all__ = list(_stdlib.__all__)


def _is_parallel() -> bool:
    """Return whether threads run Python on several cores at once: this Python has no lock, then."""
    return not getattr(sys, "_is_gil_enabled", lambda: True)()


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

    @excepthook.deleter
    def excepthook(self) -> None:
        del _stdlib.excepthook


sys.modules[__name__].__class__ = _Module
