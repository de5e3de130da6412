# The Python that weft's firmware freezes in: the port's own, asyncio, and ours.
freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
freeze("$(WEFT_FIRMWARE)/python", ("threading.py", "queue.py", "logging.py", "time.py"))
