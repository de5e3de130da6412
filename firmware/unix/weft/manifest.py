# The Python that weft's firmware freezes in.
freeze("../../python", ("threading.py", "queue.py", "logging.py", "time.py"))
