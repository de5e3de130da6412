# Threads of twelve kinds, timers, pin interrupts and files at once, for SECONDS: see ../chaos.py.
import gc, json, logging, machine, micropython, os, queue, sys, threading, time

micropython.alloc_emergency_exception_buf(100)
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(threadName)s %(message)s")
over = False
rounds = {}
wrong = []
kinds = []


def kind(function):
    kinds.append(function)
    return function


def check(what, came, expected):
    if came != expected:
        wrong.append((what, came, expected))
        print("found wrong:", what, came, expected)


def repeat(function):
    name = function.__name__
    rounds[name] = 0
    try:
        while not over:
            function()
            rounds[name] += 1
            time.sleep_ms(1)
    except BaseException as error:
        check(name, repr(error), None)
        sys.print_exception(error)


tasks, results = queue.Queue(3), queue.SimpleQueue()


@kind
def produces():
    for i in range(5):
        tasks.put((i, i * i), timeout=5)
    tasks.join()
    while not results.empty():
        results.get()


@kind
def consumes():
    try:
        number, square = tasks.get(timeout=0.05)
    except queue.Empty:
        return
    check("task", number * number, square)
    results.put(square)
    tasks.task_done()


condition, stock = threading.Condition(), []


@kind
def fills():
    with condition:
        if not condition.wait_for(lambda: len(stock) < 4, 1):
            return
        stock.append(len(stock))
        condition.notify_all()


@kind
def empties():
    with condition:
        if condition.wait_for(lambda: stock, 0.02):
            check("stock", stock.pop(), len(stock))
            condition.notify()


pool, inside = threading.BoundedSemaphore(2), []


def in_pool():
    if pool.acquire(timeout=0.2):
        inside.append(0)
        check("pool", len(inside) <= 2, True)
        time.sleep_ms(2)
        inside.pop()
        pool.release()


@kind
def pools():
    helpers = [threading.Thread(target=in_pool) for _ in range(2)]
    for helper in helpers:
        helper.start()
    in_pool()
    for helper in helpers:
        helper.join(5)
        check("helper", helper.is_alive(), False)


@kind
def files():
    name = "chaos%d.txt" % (rounds["files"] % 3)
    text = "line %d\n" % rounds["files"] * 40
    with open(name, "w") as file:
        file.write(text)
    with open(name) as file:
        check("file", file.read(), text)
    os.remove(name)
    time.sleep_ms(150)


@kind
def logs():
    try:
        if rounds["logs"] % 3 == 0:
            raise ValueError("expected")
        logging.info("round %d", rounds["logs"])
    except ValueError:
        logging.exception("caught")
    time.sleep_ms(60)


@kind
def allocates():
    made = [bytes([i & 255]) * 20 for i in range(40)]
    check("bytes", [item[0] for item in made], list(range(40)))
    if rounds["allocates"] % 10 == 0:
        gc.collect()
    time.sleep_ms(5)


def descend(n):
    return 0 if n == 0 else 1 + descend(n - 1)


@kind
def recurses():
    check("depth", descend(6), 6)
    try:
        descend(1000)
        check("recursion", "ended", "RuntimeError")
    except RuntimeError:
        pass
    time.sleep_ms(20)


nested, count = threading.RLock(), [0]


@kind
def nests():
    with nested:
        before = count[0]
        with nested:
            count[0] += 1
            time.sleep_ms(1)
        check("rlock", count[0], before + 1)
    with nested:
        try:
            raise KeyError("expected")
        except KeyError:
            count[0] = 0


@kind
def computes():
    data = {"n": rounds["computes"], "list": [1, 2.5, "three"], "deep": {"a": [None, True]}}
    check("json", json.loads(json.dumps(data)), data)
    check("sorted", sorted([(i * 7) % 31 for i in range(31)]), list(range(31)))
    time.sleep_ms(10)


@kind
def sleeps():
    begin = time.ticks_ms()
    event = threading.Event()
    timer = threading.Timer(0.03, event.set)
    timer.start()
    check("timer", event.wait(5), True)
    check("slept", time.ticks_diff(time.ticks_ms(), begin) >= 29, True)
    timer.join(5)


# What comes from interrupts.
called = {"timer": 0, "file": 0, "soft": 0, "hard": 0, "scheduled": 0}
from_callbacks, rang = queue.Queue(), threading.Event()


def on_timer(timer):
    called["timer"] += 1
    from_callbacks.put(called["timer"])
    rang.set()
    if called["timer"] % 20 == 0:
        print("callback", called["timer"])
        logging.info("in a callback")


def on_file(timer):
    called["file"] += 1
    with open("callback.txt", "a") as file:
        file.write(".")


def on_soft(pin):
    called["soft"] += 1


def on_hard(pin):
    called["hard"] += 1
    rang.set()
    from_hard.acquire(False)
    if called["hard"] % 50 == 0:
        print("hard")


def on_scheduled(n):
    called["scheduled"] += n


from_hard = threading.Semaphore(1)
with open("callback.txt", "w"):
    pass
threads = [threading.Thread(target=repeat, args=(one,), name=one.__name__) for one in kinds]
for thread in threads:
    thread.start()
timers = [
    machine.Timer(period=11, callback=on_timer),
    machine.Timer(period=470, callback=on_file),
]
soft, hard = machine.Pin(14, machine.Pin.OUT), machine.Pin(15, machine.Pin.OUT)
soft.irq(on_soft, machine.Pin.IRQ_RISING)
hard.irq(on_hard, machine.Pin.IRQ_RISING, hard=True)
end = time.ticks_add(time.ticks_ms(), SECONDS * 1000)
turn = expected = 0
while time.ticks_diff(end, time.ticks_ms()) > 0:
    turn += 1
    for pin in soft, hard:
        pin.value(1)
        pin.value(0)
    try:
        micropython.schedule(on_scheduled, 1)
    except RuntimeError:  # the queue is full
        pass
    check("rang", rang.wait(1), True)
    rang.clear()
    while not from_callbacks.empty():
        expected += 1
        check("from a callback", from_callbacks.get(), expected)
    if turn % 50 == 0:
        print("main", turn, threading.active_count(), gc.mem_free())
over = True
for timer in timers:
    timer.deinit()
for pin in soft, hard:
    pin.irq(None)
consumers = [thread for thread in threads if thread.name in ("produces", "consumes")]
while any(thread.is_alive() for thread in consumers):  # what is in the queue at the end
    try:
        tasks.get(timeout=0.05)
        tasks.task_done()
    except queue.Empty:
        pass
for thread in threads:
    thread.join(5)
check("hard", called["hard"], turn)
check("soft", called["soft"] > 0, True)
check("file", os.stat("callback.txt")[6], called["file"])
os.remove("callback.txt")
print("called:", called)
print("kinds:", *rounds)
print("rounds:", *rounds.values())
print("alive:", len([thread for thread in threads if thread.is_alive()]))
print("wrong:", len(wrong))
