# The Python that weft's firmware freezes in.
freeze(
    "../../python",
    (
        *("_strftime.py", "queue.py", "threading.py", "time.py"),
        *("logging/__init__.py", "logging/_handlers.py", "logging/_rest.py"),
        *("logging/config.py", "logging/handlers.py"),
    ),
)
