"""Six workers share two connections: a Semaphore lets no more than two in at once."""

import threading
import time

pool = threading.BoundedSemaphore(2)
lock = threading.Lock()
inside = 0
most = 0


def use_connection():
    global inside, most
    with pool:
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.05)
        with lock:
            inside -= 1


threads = [threading.Thread(target=use_connection) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("never more than", most, "at once")
