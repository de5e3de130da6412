# The Python that weft's firmware freezes in: the port's own, asyncio, and ours.
freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
freeze(
    "$(WEFT_FIRMWARE)/python",
    (
        *("_strftime.py", "queue.py", "threading.py", "time.py"),
        *("logging/__init__.py", "logging/_handlers.py", "logging/_rest.py"),
        *("logging/config.py", "logging/handlers.py"),
    ),
)
