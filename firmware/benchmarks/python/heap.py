# The free heap after boot, and what importing threading and queue leaves of it.
import gc


def free():
    gc.collect()
    return gc.mem_free()


figure("free heap", free())
try:
    import queue
except ImportError:  # stock firmware
    pass
else:
    figure("free with threading", free())
