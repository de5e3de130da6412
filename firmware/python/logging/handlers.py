"""CPython's logging.handlers, which a board does not have: importing it says so."""

raise ImportError(
    "weft's logging has no logging.handlers: StreamHandler, FileHandler and NullHandler are in logging"
)
