"""The part of CPython's logging that a board has use for; what is missing says so by its name.

What most programs use is here and in _handlers; _rest is loaded when a program first asks for more:
files, filters, adapters, other styles. A record goes out by one write(), so that lines never mix.

What always holds: a callback may log wherever it interrupts. A handler's lock is an RLock. The only
other lock keeps callbacks out; only getLogger() holds it.
"""

import _weft
import threading

from ._handlers import (
    CRITICAL,
    DEBUG,
    ERROR,
    FATAL,
    INFO,
    NOTSET,
    WARN,
    WARNING,
    Filterer,
    Formatter,
    Handler,
    LogRecord,
    StreamHandler,
    _level_number,
    addLevelName,
    getLevelName,
)

BASIC_FORMAT = "%(levelname)s:%(name)s:%(message)s"
raiseExceptions = True

_loggers = {}
_loggers_lock = _weft.deferring_lock()
_disabled_level = NOTSET


def __getattr__(name):
    from ._rest import find

    return find(name)


class Logger(Filterer):
    """A named source of records. Names form a tree by their dots; the root has no name."""

    def __init__(self, name, level=NOTSET, parent=None):
        self.name = name
        self.level = _level_number(level)
        self.parent = parent
        self.filters = []
        self.handlers = []
        self.propagate = True
        self.disabled = False

    def setLevel(self, level):
        """Ignore records below this level."""
        self.level = _level_number(level)

    def getEffectiveLevel(self):
        """Return the level of the nearest logger up the tree that has one."""
        logger = self
        while logger is not None:
            if logger.level:
                return logger.level
            logger = logger.parent
        return NOTSET

    def isEnabledFor(self, level):
        """Whether a record of this level would be handled."""
        return (
            not self.disabled and level > _disabled_level and level >= self.getEffectiveLevel()
        )

    def addHandler(self, handler):
        """Give records to this handler too."""
        if handler not in self.handlers:
            self.handlers.append(handler)

    def removeHandler(self, handler):
        """Stop giving records to this handler."""
        if handler in self.handlers:
            self.handlers.remove(handler)

    def hasHandlers(self):
        """Whether this logger or one up the tree has a handler."""
        return bool(self._all_handlers())

    def getChild(self, suffix):
        """Return the logger below this one."""
        return getLogger(suffix if self is root else self.name + "." + suffix)

    def _all_handlers(self):
        handlers, logger = [], self
        while logger is not None:
            handlers += logger.handlers
            logger = logger.parent if logger.propagate else None
        return handlers

    def log(self, level, msg, *args, exc_info=None, extra=None, stack_info=False, stacklevel=1):
        """Log a message; % puts args into it."""
        if not isinstance(level, int):
            raise TypeError("level must be an integer")
        if not self.isEnabledFor(level):
            return
        if exc_info:
            exc_info = _exception(exc_info)
        if stack_info:
            stack_info = "Stack (most recent call last):\n  (MicroPython can't tell)"
        record = LogRecord(
            self.name, level, "(unknown file)", 0, msg, args, exc_info, None, stack_info or None
        )
        if extra:
            _add(record, extra)
        self.handle(record)

    def handle(self, record):
        """Give a record to each handler for it, unless a filter refuses the record."""
        if self.filters:
            record = self.filter(record)
        if self.disabled or not record:
            return
        for handler in self._all_handlers() or (lastResort,):
            if record.levelno >= handler.level:
                handler.handle(record)

    def debug(self, message, *args, **kwargs):
        """Log at DEBUG."""
        self.log(DEBUG, message, *args, **kwargs)

    def info(self, message, *args, **kwargs):
        """Log at INFO."""
        self.log(INFO, message, *args, **kwargs)

    def warning(self, message, *args, **kwargs):
        """Log at WARNING."""
        self.log(WARNING, message, *args, **kwargs)

    warn = warning

    def error(self, message, *args, **kwargs):
        """Log at ERROR."""
        self.log(ERROR, message, *args, **kwargs)

    def critical(self, message, *args, **kwargs):
        """Log at CRITICAL."""
        self.log(CRITICAL, message, *args, **kwargs)

    fatal = critical

    def exception(self, message, *args, exc_info=True, **kwargs):
        """Log at ERROR with the exception that is being handled.

        On stock firmware, which can't tell it, give the exception as exc_info.
        """
        self.log(ERROR, message, *args, exc_info=exc_info, **kwargs)


def _exception(given):
    """Return (type, exception, None) of what exc_info may be."""
    if isinstance(given, tuple):
        return given
    if not isinstance(given, BaseException):
        given = _weft.handled()
    return (None if given is None else type(given), given, None)


def _add(record, extra):
    for name, value in extra.items():
        if name in ("message", "asctime") or hasattr(record, name):
            raise KeyError("Attempt to overwrite %r in LogRecord" % name)
        setattr(record, name, value)


lastResort = StreamHandler()
lastResort.setLevel(WARNING)
root = Logger("root", WARNING)


def getLogger(name=None):
    """Return the logger of this name; the same one each time."""
    if not name or name == "root":
        return root
    with _loggers_lock:
        if name not in _loggers:
            parent = root
            for known in _loggers.values():
                if name.startswith(known.name + ".") and (
                    parent is root or len(known.name) > len(parent.name)
                ):
                    parent = known
            logger = _loggers[name] = Logger(name, parent=parent)
            for known in _loggers.values():
                if known.name.startswith(name + ".") and known.parent is parent:
                    known.parent = logger
        return _loggers[name]


def disable(level=CRITICAL):
    """Ignore all records of this level and below."""
    global _disabled_level
    _disabled_level = _level_number(level)


def basicConfig(**options):
    """Give the root logger its handlers, format and level, unless it has a handler already.

    Options: filename, filemode, format, datefmt, style, level, stream, handlers, force, encoding.
    """
    if options.pop("force", False):
        for handler in root.handlers:
            handler.close()
        root.handlers = []
    if root.handlers:
        return
    handlers, stream = options.pop("handlers", None), options.pop("stream", None)
    filename = options.pop("filename", None)
    if (handlers, stream, filename).count(None) < 2:
        raise ValueError("'stream', 'filename' and 'handlers' should not be specified together")
    mode, encoding = options.pop("filemode", "a"), options.pop("encoding", None)
    errors = options.pop("errors", None)
    if filename is not None:
        from ._rest import FileHandler

        handlers = (FileHandler(filename, mode, encoding, errors=errors),)
    style, level = options.pop("style", "%"), options.pop("level", None)
    form = options.pop("format", None)
    if form is None:
        form = BASIC_FORMAT if style == "%" else _basic_format(style)
    formatter = Formatter(form, options.pop("datefmt", None), style)
    if options:
        raise ValueError("Unrecognised argument(s): " + ", ".join(options))
    for handler in (StreamHandler(stream),) if handlers is None else handlers:
        if handler.formatter is None:
            handler.setFormatter(formatter)
        root.addHandler(handler)
    if level is not None:
        root.setLevel(level)


def _basic_format(style):
    names = ("levelname", "name", "message")
    return ":".join([("{%s}" if style == "{" else "${%s}") % name for name in names])


def log(level, message, *args, **kwargs):
    """Log a message through the root logger. A root logger without a handler gets one."""
    if not root.handlers:
        basicConfig()
    root.log(level, message, *args, **kwargs)


def _at(level):
    # Each, and exception(), calls the root logger's log() itself: a board's stacks are short.
    def log(message, *args, **kwargs):
        if not root.handlers:
            basicConfig()
        root.log(level, message, *args, **kwargs)

    return log


debug = _at(DEBUG)
info = _at(INFO)
warning = warn = _at(WARNING)
error = _at(ERROR)
critical = fatal = _at(CRITICAL)


def exception(message, *args, exc_info=True, **kwargs):
    """Log at ERROR with the exception that is being handled: see Logger.exception."""
    if not root.handlers:
        basicConfig()
    root.log(ERROR, message, *args, exc_info=exc_info, **kwargs)
