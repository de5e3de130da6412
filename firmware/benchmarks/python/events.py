# From a set() in one thread to another's next line.
import threading

ROUNDS = 100


def set_to_next_line(go_on):
    """The waiter's next line reads the clock. Meanwhile the thread that sets does `go_on`."""
    event, seen = threading.Event(), threading.Event()
    taken = []
    start = 0

    def waiter():
        for _ in range(ROUNDS):
            event.wait()
            taken.append(since(start))
            event.clear()
            seen.set()

    thread = threading.Thread(target=waiter)
    thread.start()
    for _ in range(ROUNDS):
        time.sleep_ms(1)  # the waiter waits
        start = now()
        event.set()
        go_on(seen)
        seen.clear()
    thread.join()
    return taken


def compute(seen):
    while not seen.is_set():
        pass


def round_trip():
    ping, pong = threading.Event(), threading.Event()

    def partner():
        for _ in range(ROUNDS):
            ping.wait()
            ping.clear()
            pong.set()

    thread = threading.Thread(target=partner)
    thread.start()
    taken = []
    for _ in range(ROUNDS):
        start = now()
        ping.set()
        pong.wait()
        pong.clear()
        taken.append(since(start))
    thread.join()
    return median(taken)


figure("set to next line", median(set_to_next_line(threading.Event.wait)))
figure("to computing", max(set_to_next_line(compute)))
figure("round trip", round_trip())
