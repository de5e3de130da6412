"""Five threads that run the same function."""

import threading


def worker():
    print("Worker")


threads = []
for _ in range(5):
    thread = threading.Thread(target=worker)
    threads.append(thread)
    thread.start()
