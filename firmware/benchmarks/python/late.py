# How late sleeps and time-outs end, idle and beside threads that compute.
import threading

ROUNDS = 36
BUSY_THREADS = 4


def measure(beside, rounds):
    event = threading.Event()
    thread = threading.Thread(target=event.wait)
    thread.start()
    figure("sleep late, " + beside, latest(time.sleep_ms, rounds))
    figure("wait late, " + beside, latest(lambda ms: event.wait(ms / 1000), rounds))
    figure("join late, " + beside, latest(lambda ms: thread.join(ms / 1000), rounds))
    event.set()
    thread.join()


def compute():
    while not over:
        pass


over = False
measure("idle", ROUNDS)
for _ in range(BUSY_THREADS):
    threading.Thread(target=compute).start()
measure("busy", ROUNDS // 3)
over = True
