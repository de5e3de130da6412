"""The part of CPython's logging that a board has use for: loggers, levels, basicConfig, % format.

Every record is written by one call, so that lines of several threads never mix. There are no
filters, no handlers but StreamHandler, and no configuration files.
"""

import io
import sys
import time

import threading

CRITICAL = FATAL = 50
ERROR = 40
WARNING = WARN = 30
INFO = 20
DEBUG = 10
NOTSET = 0

BASIC_FORMAT = "%(levelname)s:%(name)s:%(message)s"

_level_names = {
    CRITICAL: "CRITICAL",
    ERROR: "ERROR",
    WARNING: "WARNING",
    INFO: "INFO",
    DEBUG: "DEBUG",
    NOTSET: "NOTSET",
}
_loggers = {}
_loggers_lock = threading.Lock()
_start = time.time()


def getLevelName(level):
    """Return the name of a level, or the level of a name."""
    for number, name in _level_names.items():
        if level == name:
            return number
    return _level_names.get(level, "Level %s" % level)


def addLevelName(level, name):
    """Give a level a name."""
    _level_names[level] = name


def _level_number(level):
    if isinstance(level, int):
        return level
    number = getLevelName(level)
    if not isinstance(number, int):
        raise ValueError("Unknown level: %r" % level)
    return number


class LogRecord:
    """One event, with the fields that a format may name."""

    def __init__(self, name, level, message, args, exception):
        self.name = name
        self.levelno = level
        self.levelname = getLevelName(level)
        self.msg = message
        if len(args) == 1 and isinstance(args[0], dict) and args[0]:
            args = args[0]
        self.args = args
        self.exc_info = exception
        self.created = time.time()
        self.msecs = int(self.created * 1000) % 1000
        self.relativeCreated = (self.created - _start) * 1000
        thread = threading.current_thread()
        self.thread = thread.ident
        self.threadName = thread.name
        self.processName = "MainProcess"
        self.process = 1

    def getMessage(self):
        """Return the message with its arguments put in."""
        message = str(self.msg)
        return message % self.args if self.args else message


class Formatter:
    """Turns a record into text by a format in % style."""

    def __init__(self, fmt=None, datefmt=None, style="%"):
        if style != "%":
            raise NotImplementedError("weft's logging knows the % style only")
        self._fmt = fmt or "%(message)s"
        self.datefmt = datefmt

    def formatTime(self, record, datefmt=None):
        """Return the record's local time. A datefmt needs the board's time.strftime."""
        when = time.localtime(int(record.created))
        if datefmt:
            return time.strftime(datefmt, when)
        return "%04d-%02d-%02d %02d:%02d:%02d" % tuple(when[:6]) + ",%03d" % record.msecs

    def format(self, record):
        """Return the text of a record, with the traceback of its exception if it has one."""
        record.message = str(record.msg)  # as getMessage() does, a call less deep
        if record.args:
            record.message = record.message % record.args
        if "%(asctime)" in self._fmt:
            record.asctime = self.formatTime(record, self.datefmt)
        text = self._fmt % record.__dict__
        if record.exc_info:
            trace = io.StringIO()
            sys.print_exception(record.exc_info, trace)
            text += "\n" + trace.getvalue().rstrip("\n")
        return text


class Handler:
    """Something that a record is given to."""

    def __init__(self, level=NOTSET):
        self.level = _level_number(level)
        self.formatter = None

    def setLevel(self, level):
        """Ignore records below this level."""
        self.level = _level_number(level)

    def setFormatter(self, formatter):
        """Format records by this Formatter."""
        self.formatter = formatter

    def format(self, record):
        """Return the text of a record."""
        return (self.formatter or Formatter()).format(record)

    def handle(self, record):
        """Emit a record if its level is high enough."""
        if record.levelno >= self.level:
            self.emit(record)


class StreamHandler(Handler):
    """Writes records to a stream; by default to sys.stderr."""

    terminator = "\n"

    def __init__(self, stream=None):
        super().__init__()
        self.stream = stream or sys.stderr

    def emit(self, record):
        """Write the record in one piece."""
        self.stream.write(self.format(record) + self.terminator)


class Logger:
    """A named source of records. Names form a tree by their dots; the root has no name."""

    def __init__(self, name, level=NOTSET, parent=None):
        self.name = name
        self.level = level
        self.parent = parent
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
        return not self.disabled and level >= self.getEffectiveLevel()

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

    def log(self, level, message, *args, exc_info=None):
        """Log a message that args are put into by %."""
        if not self.isEnabledFor(level):
            return
        if exc_info is True:
            exc_info = sys.exc_info()[1] if hasattr(sys, "exc_info") else None
        record = LogRecord(self.name, level, message, args, exc_info)
        for handler in self._all_handlers() or (_last_resort,):
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

    def exception(self, message, *args, exc_info=True):
        """Log at ERROR with the exception that is being handled.

        Where the firmware has no sys.exc_info, give the exception as exc_info.
        """
        self.log(ERROR, message, *args, exc_info=exc_info)


_last_resort = StreamHandler()
_last_resort.setLevel(WARNING)
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


def basicConfig(
    *, format=None, datefmt=None, style="%", level=None, stream=None, handlers=None, force=False
):
    """Give the root logger its handler, format and level, unless it has a handler already."""
    if force:
        root.handlers = []
    if not root.handlers:
        formatter = Formatter(format or BASIC_FORMAT, datefmt, style)
        for handler in handlers or (StreamHandler(stream),):
            if handler.formatter is None:
                handler.setFormatter(formatter)
            root.addHandler(handler)
        if level is not None:
            root.setLevel(level)


def log(level, message, *args, **kwargs):
    """Log a message through the root logger, which is given a handler if it has none."""
    if not root.handlers:
        basicConfig()
    root.log(level, message, *args, **kwargs)


def _at(level):
    # Each calls the root logger's log() itself: a thread's stack on a board is short.
    def log(message, *args, **kwargs):
        if not root.handlers:
            basicConfig()
        root.log(level, message, *args, **kwargs)

    return log


debug = _at(DEBUG)
info = _at(INFO)
warning = warn = _at(WARNING)
error = _at(ERROR)
critical = _at(CRITICAL)


def exception(message, *args, exc_info=True):
    """Log at ERROR with the exception that is being handled: see Logger.exception."""
    log(ERROR, message, *args, exc_info=exc_info)
