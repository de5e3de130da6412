"""CPython's threading for MicroPython, over the primitives of _weft and _thread's start.

_weft is written in C in weft's firmware and in Python for stock firmware; this file is the same for
both. Importing it also makes print() write a whole call at once, so that lines never mix.

What CPython has and MicroPython can't carry:
- settrace, setprofile and their kin raise NotImplementedError.
- Thread.native_id and get_native_id() are the thread's ident.
- A Condition takes a Lock or an RLock of this module only.
- current_thread() alone knows a thread that this module did not start; enumerate() does not.

Each text that this file writes is one write(): the console keeps it whole. No lock is needed, so
no callback and no exception report waits for one.

Locks: _registry_lock guards _active and _thread_count; it is a leaf. Names that begin with _weft are
ours: a subclass of Thread or local may use any other that CPython lets it use.
"""

import builtins
import io
import micropython
import sys

import _thread
import _weft
from _weft import TIMEOUT_MAX, Condition, Event, Lock, RLock, monotonic

if hasattr(micropython, "alloc_emergency_exception_buf"):
    # A MemoryError has no memory for the lines where it was raised. So it gets that memory here.
    micropython.alloc_emergency_exception_buf(128)

get_ident = get_native_id = _thread.get_ident
_set_name = getattr(_thread, "_set_name", None)  # weft's firmware: for its own reports
ThreadError = RuntimeError

_registry_lock = _weft.deferring_lock()
_active = {}  # ident -> Thread, from start() to the end of run()
_thread_count = 0
_stack_size = 0
builtins.print = _weft.print  # writes a whole call at once


class Semaphore(_weft.Semaphore):
    """A counter that acquire() takes from and release() adds to."""

    def __init__(self, value=1):
        super().__init__(value)


class BoundedSemaphore(_weft.Semaphore):
    """A semaphore that can't be released more often than it was acquired."""

    def __init__(self, value=1):
        super().__init__(value, value)


class ExceptHookArgs:
    """The argument of excepthook: the exception that ended a thread."""

    def __init__(self, args):
        self.exc_type, self.exc_value, self.exc_traceback, self.thread = args


def excepthook(args):
    """Print the exception that ended a thread; a program may put its own in place of this."""
    if args.exc_type is SystemExit:
        return
    sys.stdout.write("Exception in thread " + args.thread.name + ":\n" + _traceback(args.exc_value))


def _traceback(exception):
    text = io.StringIO()
    sys.print_exception(exception, text)
    text = text.getvalue()
    if sys.argv:  # a program that came over the line has no file name of its own
        text = text.replace('"<stdin>"', '"%s"' % sys.argv[0])
    return text


__excepthook__ = excepthook


class Thread:
    """A thread of control. Give it a target, or override run()."""

    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *, daemon=None):
        global _thread_count
        if group is not None:
            raise ValueError("group argument must be None for now")
        if name is None:
            with _registry_lock:
                _thread_count += 1
                name = "Thread-%d" % _thread_count
            target_name = getattr(target, "__name__", None)
            if target_name:
                name += " (%s)" % target_name
        self._name = str(name)
        self._target = target
        self._args = args
        self._kwargs = kwargs or {}
        self._daemonic = current_thread()._daemonic if daemon is None else bool(daemon)
        self._ident = None
        self._started = Event()
        self._weft_ended = Event()
        self._weft_error = None  # why the thread could not begin
        self._weft_locals = {}  # for each `local`, the attributes that this thread gave it

    def __repr__(self):
        status = "initial"
        if self._started.is_set():
            status = "stopped" if self._weft_ended.is_set() else "started"
        if self._daemonic:
            status += " daemon"
        if self._ident is not None:
            status += " %d" % self._ident
        return "<%s(%s, %s)>" % (type(self).__name__, self._name, status)

    def start(self):
        """Start the thread; returns once it runs. Raises RuntimeError if it can't be started."""
        _check_initialised(self)
        if self._started.is_set():
            raise RuntimeError("threads can only be started once")
        _thread.stack_size(_stack_size)
        try:
            _thread.start_new_thread(self._bootstrap, ())
        except (OSError, MemoryError) as error:
            raise RuntimeError(_why_not_started(error)) from None
        self._started.wait()
        if self._weft_error:
            raise RuntimeError(_why_not_started(self._weft_error))

    def _bootstrap(self):
        try:
            self._ident = get_ident()
            if _set_name:
                _set_name(self._name)
            with _registry_lock:
                _active[self._ident] = self
        except BaseException as error:  # such as MemoryError: start() raises it
            self._weft_error = error
            self._weft_ended.set()
            self._started.set()
            return
        self._started.set()
        try:
            self.run()
        except BaseException as error:
            self._weft_report(error)
        finally:
            with _registry_lock:
                _active.pop(self._ident)
            self._weft_locals = None
            self._weft_ended.set()

    def _weft_report(self, error):
        try:
            excepthook(ExceptHookArgs((type(error), error, None, self)))
        except MemoryError:
            # These writes take no memory. So the report comes out in pieces.
            sys.stdout.write("Exception in thread ")
            sys.stdout.write(self._name)
            sys.stdout.write(":\n")
            sys.print_exception(error)
        except BaseException as second:
            sys.print_exception(second)

    def run(self):
        """Do the thread's work: call the target."""
        try:
            if self._target is not None:
                self._target(*self._args, **self._kwargs)
        finally:
            # A thread object that is kept must not keep its arguments.
            self._target = self._args = self._kwargs = None

    def join(self, timeout=None):
        """Wait until the thread has ended, or the timeout in seconds has passed."""
        _check_initialised(self)
        if not self._started.is_set():
            raise RuntimeError("cannot join thread before it is started")
        if self is current_thread():
            raise RuntimeError("cannot join current thread")
        self._weft_ended.wait(timeout)

    def is_alive(self):
        """Whether the thread has been started and has not ended."""
        _check_initialised(self)
        return self._started.is_set() and not self._weft_ended.is_set()

    isAlive = is_alive

    @property
    def name(self):
        """The name; it identifies the thread for people only."""
        return self._name

    @name.setter
    def name(self, name):
        self._name = str(name)

    @property
    def ident(self):
        """The identifier that get_ident() returns in the thread; None before it is started."""
        return self._ident

    native_id = ident

    @property
    def daemon(self):
        """Whether the program may end without waiting for the thread."""
        return self._daemonic

    @daemon.setter
    def daemon(self, daemonic):
        _check_initialised(self)
        if self._started.is_set():
            raise RuntimeError("cannot set daemon status of active thread")
        self._daemonic = bool(daemonic)

    def getName(self):
        """Return the name."""
        return self._name

    def setName(self, name):
        """Set the name."""
        self.name = name

    def isDaemon(self):
        """Return daemon."""
        return self._daemonic

    def setDaemon(self, daemonic):
        """Set daemon."""
        self.daemon = daemonic


def _check_initialised(thread):
    if "_started" not in thread.__dict__:
        raise RuntimeError("Thread.__init__() not called")


def _why_not_started(error):
    if "core1 in use" in str(error):
        return (
            "can't start new thread: this firmware runs one thread besides the main one, and it is "
            "still running; join it first, or flash weft's firmware, which runs many"
        )
    try:
        return "can't start new thread: %r; end some threads, or set a smaller stack_size()" % error
    except MemoryError:
        return "can't start new thread; end some threads, or set a smaller stack_size()"


class _ForeignThread(Thread):
    """A thread that was not started by this module; the main thread is one."""

    def __init__(self, name, daemon):
        self._daemonic = daemon  # before Thread.__init__, which would ask the current thread
        super().__init__(name=name, daemon=daemon)
        self._ident = get_ident()
        self._started.set()


def current_thread():
    """Return the Thread of the caller."""
    thread = _active.get(get_ident())
    return thread or _ForeignThread("Dummy-%d" % get_ident(), True)


currentThread = current_thread
_main_thread = _ForeignThread("MainThread", False)
_active[_main_thread.ident] = _main_thread


def main_thread():
    """Return the Thread of the program itself."""
    return _main_thread


def enumerate():
    """Return the threads that are alive, the caller's included."""
    with _registry_lock:
        return list(_active.values())


def active_count():
    """Return how many threads are alive."""
    return len(enumerate())


activeCount = active_count


def _is_parallel():
    """Return whether threads run Python on several cores at once."""
    return _weft.is_parallel


def stack_size(size=None):
    """Set the stack size in bytes of threads to come (0: the port's own); return the old one."""
    global _stack_size
    old = _stack_size
    if size is not None:
        if size < 0:
            raise ValueError("size must be 0 or a positive value")
        _stack_size = size
    return old


def _shutdown():
    """Wait for every thread that is no daemon, as a program does before it ends."""
    me = current_thread()
    while True:
        waited_for = [thread for thread in enumerate() if thread is not me and not thread.daemon]
        waited_for = [thread for thread in waited_for if thread is not _main_thread]
        if not waited_for:
            return
        waited_for[0].join()


class Timer(Thread):
    """A thread that calls a function after an interval in seconds, unless it is cancelled."""

    def __init__(self, interval, function, args=None, kwargs=None):
        super().__init__()
        self.interval = interval
        self.function = function
        self.args = [] if args is None else args
        self.kwargs = {} if kwargs is None else kwargs
        self.finished = Event()

    def cancel(self):
        """Stop the timer if it has not fired yet."""
        self.finished.set()

    def run(self):
        """Wait, then call the function."""
        if not self.finished.wait(self.interval):
            self.function(*self.args, **self.kwargs)
        self.finished.set()


class BrokenBarrierError(RuntimeError):
    """The barrier is broken, or was reset while a thread waited."""


_FILLING, _DRAINING, _RESETTING, _BROKEN = 0, 1, -1, -2


class Barrier:
    """A meeting point for a fixed number of threads. _condition guards _state and _count."""

    def __init__(self, parties, action=None, timeout=None):
        if parties < 1:
            raise ValueError("parties must be > 0")
        self._condition = Condition(Lock())
        self._action = action
        self._timeout = timeout
        self._parties = parties
        self._state = _FILLING
        self._count = 0

    def wait(self, timeout=None):
        """Wait until all have come; return a different number from 0 on in each thread."""
        if timeout is None:
            timeout = self._timeout
        with self._condition:
            self._condition.wait_for(lambda: self._state not in (_DRAINING, _RESETTING))
            if self._state == _BROKEN:
                raise BrokenBarrierError()
            index = self._count
            self._count += 1
            try:
                if self._count == self._parties:
                    self._release()
                else:
                    self._wait(timeout)
                return index
            finally:
                self._count -= 1
                if self._count == 0 and self._state in (_RESETTING, _DRAINING):
                    self._state = _FILLING
                    self._condition.notify_all()

    def _release(self):
        try:
            if self._action:
                self._action()
            self._state = _DRAINING
            self._condition.notify_all()
        except BaseException:
            self._break()
            raise

    def _wait(self, timeout):
        if not self._condition.wait_for(lambda: self._state != _FILLING, timeout):
            self._break()
            raise BrokenBarrierError()
        if self._state < 0:
            raise BrokenBarrierError()

    def _break(self):
        self._state = _BROKEN
        self._condition.notify_all()

    def reset(self):
        """Empty the barrier; threads that wait get BrokenBarrierError."""
        with self._condition:
            if self._count > 0:
                if self._state in (_FILLING, _BROKEN):
                    self._state = _RESETTING
            else:
                self._state = _FILLING
            self._condition.notify_all()

    def abort(self):
        """Break the barrier: threads that wait and that come get BrokenBarrierError."""
        with self._condition:
            self._break()

    @property
    def parties(self):
        """How many threads it takes."""
        return self._parties

    @property
    def n_waiting(self):
        """How many threads wait."""
        return self._count if self._state == _FILLING else 0

    @property
    def broken(self):
        """Whether the barrier is broken."""
        return self._state == _BROKEN


class local:
    """An object whose attributes each thread has for itself."""

    def __new__(cls, *args, **kwargs):
        self = super().__new__(cls)
        object.__setattr__(self, "_weft_init", (args, kwargs))
        object.__setattr__(self, "_weft_key", object())
        # The caller runs __init__ itself; other threads do so at their first use.
        current_thread()._weft_locals[self._weft_key] = {}
        return self

    def __init__(self):
        """Set the attributes that each thread starts with: for subclasses."""

    def _weft_attributes(self):
        attributes = current_thread()._weft_locals
        if self._weft_key not in attributes:
            attributes[self._weft_key] = {}
            args, kwargs = self._weft_init
            self.__init__(*args, **kwargs)
        return attributes[self._weft_key]

    def __getattr__(self, name):
        attributes = self._weft_attributes()
        if name in attributes:
            return attributes[name]
        raise AttributeError("'%s' object has no attribute '%s'" % (type(self).__name__, name))

    def __setattr__(self, name, value):
        self._weft_attributes()[name] = value

    def __delattr__(self, name):
        if self._weft_attributes().pop(name, self) is self:
            raise AttributeError(name)


def _unsupported(function):
    raise NotImplementedError("MicroPython has no tracing or profiling of threads")


settrace = setprofile = settrace_all_threads = setprofile_all_threads = _unsupported
