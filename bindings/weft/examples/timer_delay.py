"""A Timer calls a function after half a second; another is cancelled before its time."""

import threading
import time

done = threading.Event()
start = time.monotonic()


def ring():
    print("ring after", round(time.monotonic() - start, 1), "s")
    done.set()


timer = threading.Timer(0.5, ring)
never = threading.Timer(0.4, print, args=("this is never printed",))
timer.start()
never.start()
never.cancel()
print("waiting for the bell")
done.wait()
never.join()
print("cancelled:", never.finished.is_set())
