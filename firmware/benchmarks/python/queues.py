# An item to another thread and one back.
import queue
import threading

ROUNDS = 50


def round_trip(make):
    there, back = make(), make()

    def partner():
        for _ in range(ROUNDS):
            back.put(there.get())

    thread = threading.Thread(target=partner)
    thread.start()
    taken = []
    for i in range(ROUNDS):
        start = now()
        there.put(i)
        back.get()
        taken.append(since(start))
    thread.join()
    return median(taken)


figure("queue round trip", round_trip(queue.Queue))
figure("simple queue round trip", round_trip(queue.SimpleQueue))
