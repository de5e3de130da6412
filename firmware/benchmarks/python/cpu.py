# A loop of bytecode that never waits: in main, in a thread beside a main that waits, and in two.
import _thread

TURNS = 1500


def step(value, i):
    return (value * 5 + i) & 0xFFFF


def work(turns):
    values = [0] * 10
    text = ""
    value = 1
    for i in range(turns):
        value = step(value, i)
        values[value % 10] += 1
        text = text[-8:] + chr(48 + value % 10)
        if value & 3 == 0:
            value = int(value * 0.5) + 1
    return value, values, text


def in_main():
    start = now()
    work(TURNS)
    return since(start)


def in_thread(meanwhile):
    """The time until a thread has done the work and so has `meanwhile`."""
    ended = _thread.allocate_lock()
    ended.acquire()

    def thread():
        work(TURNS)
        ended.release()

    start = now()
    _thread.start_new_thread(thread, ())
    meanwhile()
    ended.acquire()
    taken = since(start)
    time.sleep_ms(2)
    return taken


figure("work in main", in_main())
figure("work in a thread", in_thread(int))
figure("work in two threads", in_thread(lambda: work(TURNS)))
