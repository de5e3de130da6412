"""Thread and Timer: threads that the runtime starts and joins, and that are `threading.Thread`s.

Thread is a subclass of the standard library's, so names, hooks, thread-locals, logging, debuggers
and isinstance work as for any thread. Replaced is what waits: how it is started, joined and found
alive. What the standard library keeps private and this file uses all the same:

    _started, _bootstrap, _bootstrap_inner, _limbo, _active_limbo_lock, _threading_atexits   always
    _is_stopped, _stop()                 up to 3.12: what repr() and the shutdown look at
    _shutdown_locks                      up to 3.12: what the shutdown waits for
    _handle or _os_thread_handle         from 3.13: the same, an object of _thread
    _context                             from 3.14: the context that the thread runs in
"""

from __future__ import annotations

import _thread
import os
import sys
import threading as _stdlib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from weft import _types
from weft._event import Event
from weft._native import lib

_private: Any = _stdlib
_limbo = _private._limbo
_active_limbo_lock = _private._active_limbo_lock


def _handle_name() -> str | None:
    """Return the name of Thread's attribute that tells the standard library of a thread's end.

    None before 3.13. Raises ImportError for a Python whose threading has changed since: it would
    fail later, at a thread's end or the program's.
    """
    if sys.version_info < (3, 13):
        return None
    missing = [
        name
        for name in ("_make_thread_handle", "_is_main_interpreter")
        if not hasattr(_stdlib, name)
    ]
    for name in ("_os_thread_handle", "_handle"):
        if hasattr(_stdlib.main_thread(), name) and not missing:
            return name
    raise ImportError(
        f"weft does not know the threads of Python {sys.version_info[0]}.{sys.version_info[1]} "
        f"(its threading lacks {missing[0] if missing else 'Thread._os_thread_handle'}): "
        "install a newer weft, or run the program with an older Python"
    )


_STDLIB_HANDLE = _handle_name()


class Thread(_stdlib.Thread):
    """A thread of control, as `threading.Thread`, in the native runtime."""

    __module__ = "weft.threading"

    _native: _types.ThreadHandle | None = None  # set by start()

    def start(self) -> None:
        """Start the thread; RuntimeError if it was started before or can't be had."""
        private: Any = self
        if not private._initialized:
            raise RuntimeError("thread.__init__() not called")
        if self._native is not None or private._started.is_set():
            raise RuntimeError("threads can only be started once")
        if sys.is_finalizing():
            raise RuntimeError("can't create new thread at interpreter shutdown")
        if getattr(self, "_context", 0) is None:
            private._context = _new_context()
        with _active_limbo_lock:
            _limbo[self] = self
        native = self._native = _types.ThreadHandle()
        name = self.name.encode(errors="replace")
        try:
            private._ident = native.start(private._bootstrap, name, _stack_bytes(), self.daemon)
        except RuntimeError:
            self._native = None
            with _active_limbo_lock:
                del _limbo[self]
            raise
        private._started.set()

    @property
    def native_id(self) -> int | None:
        """The system's number of the thread; None before it is started."""
        private: Any = self
        while private._native_id is None and self.is_alive():
            _types.keep_order()
            time.sleep(0)
        number: int | None = private._native_id
        return number

    def _bootstrap_inner(self) -> None:
        private: Any = super()
        if _STDLIB_HANDLE is None:
            private._bootstrap_inner()
            return
        handle = _private._make_thread_handle(_thread.get_ident())
        setattr(self, _STDLIB_HANDLE, handle)
        try:
            private._bootstrap_inner()
        finally:
            handle._set_done()

    def join(self, timeout: float | None = None) -> None:
        """Block until the thread has ended, or for `timeout` seconds; is_alive() tells which."""
        private: Any = self
        if not private._initialized:
            raise RuntimeError("Thread.__init__() not called")
        native = self._native
        if native is None or not private._started.is_set():
            raise RuntimeError("cannot join thread before it is started")
        if self is _stdlib.current_thread():
            raise RuntimeError("cannot join current thread")
        if native.join(None if timeout is None else max(timeout, 0)):
            self._note_end()

    def is_alive(self) -> bool:
        """Return whether the thread has been started and has not ended."""
        private: Any = self
        if self._native is None or not private._started.is_set():
            assert private._initialized, "Thread.__init__() not called"
            return False
        if self._native.is_alive():
            return True
        self._note_end()
        return False

    def isAlive(self) -> bool:
        """Return whether the thread is alive: the name before Python 2.6."""
        _warn_of_old_name("isAlive", "is_alive")
        return self.is_alive()

    def _note_end(self) -> None:
        """Tell the standard library that the thread's state is gone."""
        private: Any = self
        if _STDLIB_HANDLE is None and not private._is_stopped:
            private._stop()


def _stack_bytes() -> int:
    """Return the stack size that is set; asking for it sets it to the default."""
    size = _stdlib.stack_size()
    if size:
        _stdlib.stack_size(size)
    return size


def _new_context() -> Any:
    import contextvars

    if getattr(sys.flags, "thread_inherit_context", False):
        return contextvars.copy_context()
    return contextvars.Context()


def _warn_of_old_name(old: str, new: str) -> None:
    import warnings

    warnings.warn(f"{old}() is deprecated, use {new}() instead", DeprecationWarning, stacklevel=3)


class Timer(Thread):
    """A thread that calls a function after a time, as `threading.Timer`."""

    __module__ = "weft.threading"

    def __init__(
        self,
        interval: float,
        function: Callable[..., object],
        args: Iterable[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.interval = interval
        self.function = function
        self.args = args if args is not None else []
        self.kwargs = kwargs if kwargs is not None else {}
        self.finished = Event()

    def cancel(self) -> None:
        """Stop the timer if it has not finished yet."""
        self.finished.set()

    def run(self) -> None:
        """Wait for the interval, then call the function unless cancelled."""
        self.finished.wait(self.interval)
        if not self.finished.is_set():
            self.function(*self.args, **self.kwargs)
        self.finished.set()


def _join_all() -> None:
    _types.await_last_start()  # a daemon may not come up while the interpreter goes down
    while lib.weft_thread_join_all_until(lib.native_block_limit(lib.WEFT_FOREVER)) != lib.WEFT_OK:
        pass  # a signal's handler runs between two rounds


class _AllThreads:
    """Stands among the locks that the standard library waits for at exit, up to Python 3.12."""

    def acquire(self) -> None:
        """Wait for every thread that is not a daemon."""
        _join_all()

    def release(self) -> None:
        """Do nothing: nobody waits twice."""

    def locked(self) -> bool:
        """Return True: it stays among the locks."""
        return True


def _before_exit() -> None:
    """Have the threads joined once the main thread counts as ended: one of them may join it."""
    if _STDLIB_HANDLE is None:
        _private._shutdown_locks.add(_AllThreads())
        return
    if _private._is_main_interpreter():
        getattr(_stdlib.main_thread(), _STDLIB_HANDLE)._set_done()
    _join_all()


_types.set_main_thread(_stdlib.main_thread().ident or 0)
_private._threading_atexits.insert(0, _before_exit)  # they are called from the last to the first
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_types.before_fork,
        after_in_parent=_types.after_fork_in_parent,
        after_in_child=_types.after_fork_in_child,
    )
