# What the second core brings to programs that compute. `NAME, one` is the time that one thread takes
# for its share; `NAME, two` is how many times as much two threads get done in the time of both.
import _thread
import gc

_thread.stack_size(8192)


def ints(n):
    a = b = 0
    for i in range(20 * n):
        a = (a * 5 + i) & 0xFFFF
        if a & 1:
            b += a >> 2


class Counter:
    def __init__(self):
        self.value = 0

    def add(self, n):
        self.value = (self.value + n) & 0xFFFF
        return self.value


def calls(n):
    counter = Counter()
    for i in range(10 * n):
        counter.add(i)


def containers(n):
    items = [0] * 16
    counts = {}
    for i in range(10 * n):
        items[i & 15] += i
        key = i & 31
        counts[key] = counts.get(key, 0) + 1


def floats(n):
    x = 1.0
    for i in range(14 * n):
        x = x * 1.0001 + 0.5


def text(n):
    for i in range(n):
        words = "%d,%s" % (i, "a")
        words = words + "b" + str(i)
        words.find("b")


def generators(n):
    def count(limit):
        for i in range(limit):
            yield i

    for i in range(n // 2):
        for j in count(24):
            pass


def exceptions(n):
    for i in range(5 * n):
        try:
            raise ValueError(i)
        except ValueError:
            pass


def append_pop(n):
    items = []
    for i in range(10 * n):
        items.append(i)
        if i & 7 == 7:
            while items:
                items.pop()


def fill_clear(n):
    d = {}
    for i in range(n // 2):
        for j in range(20):
            d[j] = i
        d.clear()


def comprehensions(n):
    for i in range(2 * n):
        [j + i for j in range(20)]


def big_ints(n):
    x = 1 << 70
    for i in range(3 * n):
        x = (x * 3 + i) & ((1 << 80) - 1)


def instances(n):
    for i in range(5 * n):
        Counter().add(i)


def sorts(n):
    for i in range(n):
        sorted([7, 3, 9, 1, 8, 2, 6, 4], key=lambda item: -item)


def executes(n):
    for i in range(n // 5):
        exec("a = 1\nb = a + 2\n")


shared_list, shared_dict, shared_object = [0] * 8, {"a": 0, "b": 0}, Counter()
lock = _thread.allocate_lock()


def on_list(n):
    for i in range(16 * n):
        shared_list[i & 7] = shared_list[(i + 1) & 7]


def on_dict(n):
    for i in range(20 * n):
        shared_dict["a"] = shared_dict["b"]


def on_attribute(n):
    for i in range(30 * n):
        shared_object.value = i


def on_lock(n):
    for i in range(8 * n):
        with lock:
            pass
        i * i
        i + i


def took(work, threads):
    ended = []

    def run():
        work(ROUNDS)
        ended.append(None)

    gc.collect()
    start = now()
    for _ in range(threads - 1):
        _thread.start_new_thread(run, ())
    work(ROUNDS)
    while len(ended) < threads - 1:
        pass
    return since(start)


ROUNDS = 200
BASICS = (ints, calls, containers, floats, text, generators, exceptions)
MORE = (append_pop, fill_clear, comprehensions, big_ints, instances, sorts, executes)
SHARED = (on_list, on_dict, on_attribute, on_lock)
for work in BASICS + MORE + SHARED:
    name = str(work).split()[1]
    took(work, 1)
    alone = took(work, 1)
    figure(name + ", one", alone)
    figure(name + ", two", round(2 * alone / took(work, 2), 2))
