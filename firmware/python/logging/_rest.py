"""The part of logging that fewer programs use; __init__.py loads it on demand.

The names in _NAMES are logging's; the other names here are for logging's own files.
"""

import sys

import _weft
import logging
import threading

from ._handlers import CRITICAL, DEBUG, ERROR, INFO, WARNING, Handler, StreamHandler, _level_names

_NAMES = ("FileHandler", "Filter", "LoggerAdapter", "NullHandler")
_NAMES += ("getLevelNamesMapping", "shutdown")


def find(name):
    """Return what logging calls by this name. Raises AttributeError."""
    if name in _NAMES:
        return globals()[name]
    if name in ("config", "handlers"):
        return __import__("logging." + name)  # raises an error that says what to do
    raise AttributeError("weft's logging has no " + name)


class FileHandler(StreamHandler):
    """Appends records to a file. A record is written to its end before the next one."""

    def __init__(self, filename, mode="a", encoding=None, delay=False, errors=None):
        Handler.__init__(self)
        self.baseFilename = filename
        self.mode = mode
        self.stream = None if delay else self._open()

    def _open(self):
        return open(self.baseFilename, self.mode)

    def emit(self, record):
        """Write the record, and make sure that it is in the file."""
        if self.stream is None:
            self.stream = self._open()
        super().emit(record)
        self.flush()

    def flush(self):
        """Make sure that all emitted records are in the file."""
        with self.lock:
            if self.stream:
                self.stream.flush()

    def close(self):
        """Close the file; another record opens it again."""
        with self.lock:
            if self.stream:
                stream, self.stream = self.stream, None
                stream.close()


class NullHandler(Handler):
    """Does nothing with a record: for libraries."""

    def handle(self, record):
        """Do nothing."""

    def emit(self, record):
        """Do nothing."""


class Filter:
    """Lets records of the logger of this name, and of loggers below it, through."""

    def __init__(self, name=""):
        self.name = name

    def filter(self, record):
        """Whether the record may pass."""
        return not self.name or (record.name + ".").startswith(self.name + ".")


class LoggerAdapter:
    """A logger that adds fields to each of its records."""

    def __init__(self, logger, extra=None):
        self.logger = logger
        self.extra = extra

    def process(self, msg, kwargs):
        """Return the message and the keyword arguments to log it with."""
        kwargs["extra"] = self.extra
        return msg, kwargs

    def log(self, level, msg, *args, **kwargs):
        """Log a message; % puts args into it."""
        if self.logger.isEnabledFor(level):
            msg, kwargs = self.process(msg, kwargs)
            self.logger.log(level, msg, *args, **kwargs)

    def debug(self, msg, *args, **kwargs):
        """Log at DEBUG."""
        self.log(DEBUG, msg, *args, **kwargs)

    def info(self, msg, *args, **kwargs):
        """Log at INFO."""
        self.log(INFO, msg, *args, **kwargs)

    def warning(self, msg, *args, **kwargs):
        """Log at WARNING."""
        self.log(WARNING, msg, *args, **kwargs)

    def error(self, msg, *args, **kwargs):
        """Log at ERROR."""
        self.log(ERROR, msg, *args, **kwargs)

    def critical(self, msg, *args, **kwargs):
        """Log at CRITICAL."""
        self.log(CRITICAL, msg, *args, **kwargs)

    def exception(self, msg, *args, exc_info=True, **kwargs):
        """Log at ERROR with the exception that is being handled."""
        self.log(ERROR, msg, *args, exc_info=exc_info, **kwargs)

    def __getattr__(self, name):
        return getattr(self.logger, name)  # setLevel, isEnabledFor, hasHandlers and the like


def getLevelNamesMapping():
    """Return the level of each name."""
    mapping = {name: level for level, name in _level_names.items()}
    mapping.update({"WARN": WARNING, "FATAL": CRITICAL})
    return mapping


def shutdown():
    """Flush and close every handler."""
    for logger in [logging.root] + list(logging._loggers.values()):
        for handler in logger.handlers:
            handler.flush()
            handler.close()


COMMON = ("pathname", "filename", "module", "lineno", "funcName", "processName", "process")
COMMON += ("exc_text", "stack_info")


def styled(style, form, defaults, record):
    """Return a format in any style with all fields put in, also those that records have in common."""
    fields = {name: getattr(record, name) for name in COMMON}
    fields.update(defaults or {})
    fields.update(record.__dict__)
    if not style:
        return form % fields
    if style == "{":
        return form.format(**fields)
    parts = form.split("$")
    text = [parts.pop(0)]
    while parts:
        part = parts.pop(0)
        if not part and parts:  # $$
            text.append("$" + parts.pop(0))
            continue
        name, rest = _name(part)
        text.append(str(fields[name]) + rest)
    return "".join(text)


def _name(part):
    if part.startswith("{"):
        return part[1:].split("}", 1)
    end = 0
    while end < len(part) and (part[end].isalpha() or part[end].isdigit() or part[end] == "_"):
        end += 1
    if not end:
        raise ValueError("Invalid placeholder in string")
    return part[:end], part[end:]


def report(record):
    """Print the exception that emit() has raised, and its record."""
    if logging.raiseExceptions:
        text = "--- Logging error ---\n" + threading._traceback(_weft.handled())
        sys.stderr.write(text + "Message: %r\nArguments: %s\n" % (record.msg, record.args))
