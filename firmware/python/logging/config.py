"""CPython's logging.config, which a board does not have: importing it says so."""

raise ImportError("weft's logging has no logging.config: use logging.basicConfig()")
