# What stock MicroPython's _thread has too: locks, and the start of a thread.
import _thread
import gc

ROUNDS = 100
STARTS = 20
MOST = 200  # of threads: a computer has room for more


def clock():
    return median([since(now()) for _ in range(ROUNDS)])


def lock_pair():
    lock = _thread.allocate_lock()
    taken = []
    for _ in range(ROUNDS):
        start = now()
        lock.acquire()
        lock.release()
        taken.append(since(start))
    return median(taken)


def lock_hand_off():
    ping, pong, ended = [_thread.allocate_lock() for _ in range(3)]

    def partner():
        for _ in range(ROUNDS):
            ping.acquire()
            pong.release()
        ended.release()

    for lock in (ping, pong, ended):
        lock.acquire()
    _thread.start_new_thread(partner, ())
    taken = []
    for _ in range(ROUNDS):
        start = now()
        ping.release()
        pong.acquire()
        taken.append(since(start))
    ended.acquire()
    time.sleep_ms(2)
    return median(taken)


def thread_start():
    taken = []
    ended = _thread.allocate_lock()
    ended.acquire()

    def thread(start):
        taken.append(since(start))
        ended.release()

    for _ in range(STARTS):
        _thread.start_new_thread(thread, (now(),))
        ended.acquire()
        time.sleep_ms(2)  # stock firmware needs the thread to have left its core
    return median(taken)


def most_at_once():
    stay = _thread.allocate_lock()
    ended = []

    def thread():
        stay.acquire()
        stay.release()
        ended.append(None)

    stay.acquire()
    count = 0
    gc.collect()
    try:
        while count < MOST:
            _thread.start_new_thread(thread, ())
            count += 1
    except (OSError, MemoryError):
        pass
    stay.release()
    while len(ended) < count:
        time.sleep_ms(1)
    return count


figure("clock", clock())
figure("lock pair", lock_pair())
figure("lock hand-off", lock_hand_off())
figure("thread start", thread_start())
figure("sleep late", latest(time.sleep_ms, ROUNDS))
figure("threads at once", most_at_once())
