"""Four threads count to 4000 together; a Lock makes sure that no step is lost."""

import threading


class Counter:
    def __init__(self):
        self.value = 0
        self.lock = threading.Lock()

    def add(self):
        with self.lock:
            value = self.value
            self.value = value + 1


def worker(counter):
    for _ in range(1000):
        counter.add()


counter = Counter()
threads = [threading.Thread(target=worker, args=(counter,)) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("counted to", counter.value)
