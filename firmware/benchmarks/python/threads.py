# Threads of threading: start and join, their memory, and how many there can be at once.
import _thread
import gc
import threading

STARTS = 20
OBJECTS = 8
STACK_BYTES = 4096
MOST = 200  # a computer has room for more


def start_and_join():
    taken = []
    for _ in range(STARTS):
        start = now()
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        taken.append(since(start))
    return median(taken)


def allocated():
    gc.collect()
    return gc.mem_alloc()


def memory_of_plain_threads(function, args):
    _thread.stack_size(STACK_BYTES)
    before = allocated()
    for _ in range(OBJECTS):
        _thread.start_new_thread(function, args)
        time.sleep_ms(2)
    return (allocated() - before) // OBJECTS - STACK_BYTES


def memory_of_objects():
    threads = [None] * OBJECTS
    target, args = int, ()
    before = allocated()
    for i in range(OBJECTS):
        threads[i] = threading.Thread(target=target, args=args)
    return (allocated() - before) // OBJECTS


def most_at_once():
    event = threading.Event()
    count = 0
    spare = bytearray(1024)  # to go on with when all the rest is taken
    gc.collect()
    try:
        while count < MOST:
            threading.Thread(target=event.wait).start()
            count += 1
    except (RuntimeError, MemoryError):
        pass
    spare = None
    gc.collect()
    event.set()
    threading._shutdown()
    return count


figure("start and join", start_and_join())
figure("thread object", memory_of_objects())
figure("threads at once", most_at_once())
event = threading.Event()
figure("plain thread", memory_of_plain_threads(event.wait, ()))
event.set()
