"""A Timer calls a function after half a second; another is cancelled before its time."""

import threading
import time

done = threading.Event()


def ring():
    print("ring")
    done.set()


timer = threading.Timer(0.5, ring)
never = threading.Timer(5, print, args=("this is never printed",))
start = time.monotonic()
timer.start()
never.start()
never.cancel()
print("waiting for the bell")
done.wait()
print("half a second has passed:", time.monotonic() - start > 0.49)
never.join()
print("cancelled:", never.finished.is_set())
