"""Levels, records, formatters and handlers: the half of logging that stands below the loggers."""

import sys
import time

import threading

CRITICAL = FATAL = 50
ERROR = 40
WARNING = WARN = 30
INFO = 20
DEBUG = 10
NOTSET = 0

_level_names = {
    CRITICAL: "CRITICAL",
    ERROR: "ERROR",
    WARNING: "WARNING",
    INFO: "INFO",
    DEBUG: "DEBUG",
    NOTSET: "NOTSET",
}
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
    """One event, with the fields that a format may name. MicroPython can't tell where it happened."""

    pathname = filename = module = "(unknown file)"
    lineno = 0
    funcName = "(unknown function)"
    exc_text = stack_info = None
    processName = "MainProcess"
    process = 1

    def __init__(
        self, name, level, pathname, lineno, msg, args, exc_info, func=None, sinfo=None, **kwargs
    ):
        if len(args) == 1 and isinstance(args[0], dict) and args[0]:
            args = args[0]
        created = time.time()
        thread = threading.current_thread()
        self.name = name
        self.msg = msg
        self.args = args
        self.levelname = getLevelName(level)
        self.levelno = level
        self.exc_info = exc_info
        self.created = created
        self.msecs = int((created - int(created)) * 1000) + 0.0
        self.relativeCreated = (created - _start) * 1000
        self.thread = thread.ident
        self.threadName = thread.name
        if sinfo:
            self.stack_info = sinfo

    def getMessage(self):
        """Return the message with its arguments put in."""
        message = str(self.msg)
        return message % self.args if self.args else message


class Formatter:
    """Turns a record into text by a format in the style "%", "{" or "$"."""

    default_time_format = "%Y-%m-%d %H:%M:%S"
    default_msec_format = "%s,%03d"
    converter = time.localtime  # called with the time alone, whichever function stands here

    def __init__(self, fmt=None, datefmt=None, style="%", validate=True, *, defaults=None):
        if style not in ("%", "{", "$"):
            raise ValueError("Style must be one of: %,{,$")
        self._fmt = fmt or {"%": "%(message)s", "{": "{message}", "$": "${message}"}[style]
        self._defaults = defaults
        self._other_style = style if style != "%" else None
        self.datefmt = datefmt

    def formatTime(self, record, datefmt=None):
        """Return the record's local time, by default as 2030-01-31 12:30:00,123."""
        converter = self.__dict__.get("converter") or type(self).converter
        when = converter(record.created)
        if datefmt or self.default_time_format is not Formatter.default_time_format:
            text = time.strftime(datefmt or self.default_time_format, when)
            if datefmt:
                return text
        else:
            text = "%04d-%02d-%02d %02d:%02d:%02d" % tuple(when[:6])
        return self.default_msec_format % (text, record.msecs) if self.default_msec_format else text

    def usesTime(self):
        """Whether the format names asctime."""
        return "asctime" in self._fmt

    def formatMessage(self, record):
        """Return the format with the record's fields put in."""
        if not self._other_style and not self._defaults:
            try:
                return self._fmt % record.__dict__
            except KeyError:
                pass  # a field that all records have in common
        from ._rest import styled

        return styled(self._other_style, self._fmt, self._defaults, record)

    def formatException(self, exc_info):
        """Return the traceback of an exception as text."""
        if exc_info[1] is None:
            return "NoneType: None"
        return threading._traceback(exc_info[1]).rstrip("\n")

    def formatStack(self, stack_info):
        """Return the text of a stack."""
        return stack_info

    def format(self, record):
        """Return the text of a record, with the traceback of its exception if it has one."""
        record.message = str(record.msg)  # as getMessage() does, a call less deep
        if record.args:
            record.message = record.message % record.args
        if "asctime" in self._fmt:
            record.asctime = self.formatTime(record, self.datefmt)
        text = self.formatMessage(record)
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        for more in (record.exc_text, record.stack_info and self.formatStack(record.stack_info)):
            if more:
                text += more if text.endswith("\n") else "\n" + more
        return text


class Filterer:
    """The base of what has filters: functions of a record, or objects with a method filter()."""

    def __init__(self):
        self.filters = []

    def addFilter(self, filter):
        """Ask this filter too."""
        if filter not in self.filters:
            self.filters.append(filter)

    def removeFilter(self, filter):
        """Stop asking this filter."""
        if filter in self.filters:
            self.filters.remove(filter)

    def filter(self, record):
        """Return the record, or the one that a filter replaces it by; False if a filter refuses."""
        for filter in self.filters:
            answer = filter.filter(record) if hasattr(filter, "filter") else filter(record)
            if not answer:
                return False
            if isinstance(answer, LogRecord):
                record = answer
        return record


class Handler(Filterer):
    """A receiver of records; its RLock lets in one record at a time."""

    def __init__(self, level=NOTSET):
        self.filters = []
        self.level = _level_number(level)
        self.formatter = None
        self.name = None
        self.lock = threading.RLock()

    def acquire(self):
        """Take the handler's lock."""
        self.lock.acquire()

    def release(self):
        """Give the handler's lock up."""
        self.lock.release()

    def setLevel(self, level):
        """Ignore records below this level."""
        self.level = _level_number(level)

    def setFormatter(self, formatter):
        """Format records by this Formatter."""
        self.formatter = formatter

    def format(self, record):
        """Return the text of a record."""
        return (self.formatter or Formatter()).format(record)

    def emit(self, record):
        """Do what the handler does with a record."""
        raise NotImplementedError("emit must be implemented by Handler subclasses")

    def handle(self, record):
        """Emit a record unless a filter refuses it."""
        if self.filters:
            record = self.filter(record)
        if record:
            with self.lock:
                self.emit(record)
        return record

    def handleError(self, record):
        """Report an exception of emit(); the program goes on."""
        from ._rest import report

        report(record)

    def flush(self):
        """Make sure that all emitted records have gone out."""

    def close(self):
        """Give up what the handler holds."""


class StreamHandler(Handler):
    """Writes records to a stream; by default to sys.stderr."""

    terminator = "\n"

    def __init__(self, stream=None):
        super().__init__()
        self.stream = stream or sys.stderr

    def setStream(self, stream):
        """Write to another stream; return the old one, or None if it is the same."""
        if stream is self.stream:
            return None
        self.flush()
        old, self.stream = self.stream, stream
        return old

    def emit(self, record):
        """Write the record in one piece."""
        try:
            # As format() does, a call less deep: a thread's stack on a board is short.
            text = self.formatter.format(record) if self.formatter else self.format(record)
            self.stream.write(text + self.terminator)
        except Exception:
            self.handleError(record)
