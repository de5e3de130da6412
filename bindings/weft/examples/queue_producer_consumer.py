"""A producer hands work to two consumers through a Queue, and waits until all of it is done."""

import queue
import threading

jobs = queue.Queue(maxsize=4)
results = queue.Queue()


def consumer():
    while True:
        number = jobs.get()
        if number is None:
            jobs.task_done()
            return
        results.put((number, number * number))
        jobs.task_done()


consumers = [threading.Thread(target=consumer) for _ in range(2)]
for thread in consumers:
    thread.start()

for number in range(10):
    jobs.put(number)
for _ in consumers:
    jobs.put(None)
jobs.join()

for thread in consumers:
    thread.join()
squares = dict(results.get() for _ in range(10))
for number in sorted(squares):
    print(number, "squared is", squares[number])
