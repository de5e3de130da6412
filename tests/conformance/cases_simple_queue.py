"""SimpleQueue: no limit, no tasks. Every case is about `t.queue`."""


def case_first_in_first_out(t):
    queue = t.queue.SimpleQueue()
    for item in (3, 1, 2):
        t.same(queue.put(item), None)
    t.equal([queue.get() for _ in range(3)], [3, 1, 2])


def case_size(t):
    queue = t.queue.SimpleQueue()
    t.true(queue.empty())
    t.equal(queue.qsize(), 0)
    queue.put(1)
    queue.put_nowait(2)
    queue.put(3, False)
    queue.put(4, timeout=-1)
    t.false(queue.empty())
    t.equal(queue.qsize(), 4)


def case_empty(t):
    queue = t.queue.SimpleQueue()
    t.raises(t.queue.Empty, queue.get, False)
    t.raises(t.queue.Empty, queue.get, block=False)
    t.raises(t.queue.Empty, queue.get_nowait)
    t.takes(0.05, t.raises, t.queue.Empty, queue.get, True, 0.05)
    t.takes(0.05, t.raises, t.queue.Empty, queue.get, timeout=0.05)
    t.raises(t.queue.Empty, queue.get, timeout=0)
    t.raises(ValueError, queue.get, timeout=-1)
    queue.put(1)
    t.raises(ValueError, queue.get, timeout=-1)
    t.equal(queue.get(False, timeout=-1), 1)


def case_bad_timeout_without_a_wait(t):
    queue = t.queue.SimpleQueue()
    queue.put(1)
    for error, timeout in (
        (OverflowError, 1e10),
        (OverflowError, float("inf")),
        (ValueError, float("nan")),
        (TypeError, "x"),
    ):
        t.raises(error, queue.get, True, timeout)
    t.equal(queue.get(False, "x"), 1)


def case_get_waits_for_put(t):
    queue = t.queue.SimpleQueue()
    got = [None] * 4

    def get(number):
        got[number] = queue.get(timeout=20 if number % 2 else None)

    with t.start(4, get):
        for item in range(4):
            queue.put(item)
    t.equal(sorted(got), [0, 1, 2, 3])


def case_nothing_is_lost(t):
    queue = t.queue.SimpleQueue()
    sums = [0] * 6

    def work(number):
        if number < 3:
            for item in range(100):
                queue.put(item)
            queue.put(None)
            return
        while True:
            item = queue.get()
            if item is None:
                return
            sums[number] += item

    with t.start(6, work):
        pass
    t.equal(sum(sums), 3 * sum(range(100)))
    t.true(queue.empty())


def case_ping_pong(t):
    there = t.queue.SimpleQueue()
    back = t.queue.SimpleQueue()

    def answer(number):
        for _ in range(50):
            back.put(there.get() + 1)

    with t.start(1, answer):
        for item in range(50):
            there.put(item)
            t.equal(back.get(), item + 1)
