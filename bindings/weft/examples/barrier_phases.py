"""Three threads work in phases: a Barrier lets nobody go on before all have done theirs."""

import threading

WORKERS = 3
PHASES = 3

done = []
lock = threading.Lock()


def end_of_phase():
    print("phase", len(done) // WORKERS, "done by", sorted(done[-WORKERS:]))


barrier = threading.Barrier(WORKERS, action=end_of_phase)


def worker(number):
    for _ in range(PHASES):
        with lock:
            done.append(number)
        barrier.wait()


threads = [threading.Thread(target=worker, args=(number,)) for number in range(WORKERS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("all", PHASES, "phases done")
