"""Five threads that are each given a number to work on."""

import threading


def worker(number):
    print("Worker:", number)


threads = []
for number in range(5):
    thread = threading.Thread(target=worker, args=(number,))
    threads.append(thread)
    thread.start()
