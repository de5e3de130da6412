"""Queue, LifoQueue and PriorityQueue. Every case is about `t.queue`."""


def case_first_in_first_out(t):
    queue = t.queue.Queue()
    for item in (3, 1, 2):
        t.same(queue.put(item), None)
    t.equal([queue.get() for _ in range(3)], [3, 1, 2])


def case_last_in_first_out(t):
    queue = t.queue.LifoQueue()
    for item in (3, 1, 2):
        queue.put(item)
    t.equal([queue.get() for _ in range(3)], [2, 1, 3])


def case_lowest_first(t):
    queue = t.queue.PriorityQueue()
    for item in (3, 1, 2, 1):
        queue.put(item)
    t.equal([queue.get() for _ in range(4)], [1, 1, 2, 3])


def case_size(t):
    for kind in (t.queue.Queue, t.queue.LifoQueue, t.queue.PriorityQueue):
        queue = kind(2)
        t.equal(queue.maxsize, 2)
        t.true(queue.empty())
        t.false(queue.full())
        queue.put(1)
        t.false(queue.empty())
        t.equal(queue.qsize(), 1)
        queue.put(2)
        t.true(queue.full())
        t.equal(queue.qsize(), 2)
        queue.get()
        t.false(queue.full())


def case_no_limit(t):
    for maxsize in (0, -1):
        queue = t.queue.Queue(maxsize)
        for item in range(100):
            queue.put_nowait(item)
        t.false(queue.full())
        t.equal(queue.qsize(), 100)


def case_empty(t):
    for kind in (t.queue.Queue, t.queue.LifoQueue, t.queue.PriorityQueue):
        queue = kind()
        t.raises(t.queue.Empty, queue.get, False)
        t.raises(t.queue.Empty, queue.get_nowait)
        t.takes(0.05, t.raises, t.queue.Empty, queue.get, True, 0.05)
        t.takes(0.05, t.raises, t.queue.Empty, queue.get, timeout=0.05)
        t.raises(t.queue.Empty, queue.get, timeout=0)
        t.until_waiting(queue.not_empty, 0)


def case_full(t):
    for kind in (t.queue.Queue, t.queue.LifoQueue, t.queue.PriorityQueue):
        queue = kind(1)
        queue.put("there")
        t.raises(t.queue.Full, queue.put, "more", False)
        t.raises(t.queue.Full, queue.put_nowait, "more")
        t.takes(0.05, t.raises, t.queue.Full, queue.put, "more", True, 0.05)
        t.raises(t.queue.Full, queue.put, "more", timeout=0)
        t.equal(queue.get(), "there")
        t.true(queue.empty())


def case_bad_timeout(t):
    queue = t.queue.Queue(1)
    t.raises(ValueError, queue.get, True, -1)
    queue.put(1)
    t.raises(ValueError, queue.put, 2, True, -1)
    t.raises(TypeError, queue.put, 2, True, "x")
    t.equal(queue.get(), 1)


def case_bad_timeout_without_a_wait(t):
    for kind in (t.queue.Queue, t.queue.LifoQueue, t.queue.PriorityQueue):
        queue = kind(2)
        t.raises(ValueError, queue.put, 1, timeout=-1)
        t.raises(TypeError, queue.put, 1, timeout="x")
        queue.put(1)
        t.raises(ValueError, queue.get, timeout=-1)
        t.raises(TypeError, queue.get, timeout="x")
        queue.put(2, False, -1)  # who does not block has no timeout
        t.equal(sorted([queue.get(False, -1), queue.get_nowait()]), [1, 2])
        kind().put(1, timeout=-1)  # nor does a queue without a limit


def case_timeout_without_a_wait(t):
    for kind in (t.queue.Queue, t.queue.LifoQueue, t.queue.PriorityQueue):
        queue = kind(2)
        queue.put(1, timeout=float("inf"))
        queue.put(1, True, 1e10)
        t.equal(queue.get(timeout=float("inf")), 1)
        t.equal(queue.get(True, 1e10), 1)


def case_too_long_timeout(t):
    queue = t.queue.Queue(1)
    for timeout in (1e10, float("inf")):
        t.raises(OverflowError, queue.get, True, timeout)
    queue.put(1)
    for timeout in (1e10, float("inf")):
        t.raises(OverflowError, queue.put, 2, timeout=timeout)
    t.equal(queue.get(), 1)
    t.until_waiting(queue.not_empty, 0)
    t.until_waiting(queue.not_full, 0)


class Watched:
    """A condition that counts what it is used for, and goes on to another."""

    def __init__(self, condition):
        self.condition = condition
        self.entered = self.waits = self.notified = 0

    def __enter__(self):
        self.entered += 1
        return self.condition.__enter__()

    def __exit__(self, *exception):
        return self.condition.__exit__(*exception)

    def wait(self, timeout=None):
        self.waits += 1
        return self.condition.wait(timeout)

    def notify(self, n=1):
        self.notified += 1
        self.condition.notify(n)

    def notify_all(self):
        self.notified += 1
        self.condition.notify_all()


def case_replaced_conditions_are_used(t):
    queue = t.queue.Queue(1)
    not_empty = queue.not_empty = Watched(queue.not_empty)
    not_full = queue.not_full = Watched(queue.not_full)
    done = queue.all_tasks_done = Watched(queue.all_tasks_done)
    t.raises(t.queue.Empty, queue.get, True, 0.01)
    t.equal((not_empty.entered, not_empty.waits), (1, 1))
    queue.put(1)
    t.equal((not_full.entered, not_empty.notified), (1, 1))
    t.raises(t.queue.Full, queue.put, 2, True, 0.01)
    t.equal((not_full.entered, not_full.waits), (2, 1))
    with t.start(1, lambda number: queue.join()):
        t.until_waiting(done.condition, 1)
        queue.get()
        t.equal((not_empty.entered, not_full.notified), (2, 1))
        queue.task_done()
    t.equal((done.entered, done.waits, done.notified), (2, 1, 1))


def case_replaced_mutex_is_used(t):
    queue = t.queue.Queue()
    queue.put(1)
    mutex = queue.mutex = Watched(queue.mutex)
    t.equal(queue.qsize(), 1)
    t.false(queue.empty())
    t.true(mutex.entered >= 2)


def case_a_wait_that_wakes_early_goes_on(t):
    queue = t.queue.Queue(1)

    class Hasty(Watched):
        def wait(self, timeout=None):
            self.waits += 1
            if self.waits > 2:
                return self.condition.wait(timeout)
            return True  # as if somebody else had been quicker

    not_empty = queue.not_empty = Hasty(queue.not_empty)
    got = [None]

    def get(number):
        got[number] = queue.get(timeout=20)

    with t.start(1, get):
        t.until_waiting(not_empty.condition, 1)
        queue.put("item")
    t.equal(got, ["item"])
    t.equal(not_empty.waits, 3)


def case_get_waits_for_put(t):
    queue = t.queue.Queue()
    got = [None] * 3

    def get(number):
        got[number] = queue.get(timeout=None if number else 20)

    with t.start(3, get):
        t.until_waiting(queue.not_empty, 3)
        t.equal(got, [None] * 3)
        for item in (1, 2, 3):
            queue.put(item)
    t.equal(sorted(got), [1, 2, 3])


def case_put_waits_for_get(t):
    queue = t.queue.Queue(1)
    queue.put("first")
    with t.start(2, lambda number: queue.put(number, timeout=20 if number else None)):
        t.until_waiting(queue.not_full, 2)
        t.equal(queue.get(), "first")
        t.equal(sorted([queue.get(), queue.get()]), [0, 1])
    t.true(queue.empty())


def case_nothing_is_lost(t):
    queue = t.queue.Queue(3)
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


def case_one_producer_keeps_its_order(t):
    queue = t.queue.Queue(2)
    got = []

    def get(number):
        for _ in range(50):
            got.append(queue.get())

    with t.start(1, get):
        for item in range(50):
            queue.put(item)
    t.equal(got, list(range(50)))


def case_join_without_tasks(t):
    queue = t.queue.Queue()
    queue.join()
    queue.put(1)
    queue.get()
    queue.task_done()
    t.same(queue.join(), None)


def case_join_waits_for_the_tasks(t):
    queue = t.queue.Queue()
    queue.put("a")
    queue.put("b")
    joined = [False] * 2

    def join(number):
        queue.join()
        joined[number] = True

    with t.start(2, join):
        t.until_waiting(queue.all_tasks_done, 2)
        queue.get()
        queue.task_done()
        queue.get()
        t.until_waiting(queue.all_tasks_done, 2)
        t.equal(joined, [False] * 2)
        queue.task_done()
    t.equal(joined, [True] * 2)


def case_task_done_too_often(t):
    queue = t.queue.Queue()
    t.raises(ValueError, queue.task_done)
    queue.put(1)
    queue.task_done()
    t.raises(ValueError, queue.task_done)


def case_workers_and_join(t):
    queue = t.queue.Queue()
    done = [0] * 3

    def work(number):
        while queue.get() is not None:
            done[number] += 1
            queue.task_done()
        queue.task_done()

    with t.start(3, work):
        for item in range(60):
            queue.put(item)
        queue.join()
        t.equal(sum(done), 60)
        for _ in range(3):
            queue.put(None)
        queue.join()


def case_subclass(t):
    class Evens(t.queue.Queue):
        def _init(self, maxsize):
            self.items = []

        def _qsize(self):
            return len(self.items)

        def _put(self, item):
            if item % 2 == 0:
                self.items.append(item)

        def _get(self):
            return self.items.pop()

    queue = Evens()
    for item in range(5):
        queue.put(item)
    t.equal([queue.get() for _ in range(3)], [4, 2, 0])
    t.true(queue.empty())


def case_failing_put_leaves_the_queue_in_order(t):
    class Picky(t.queue.Queue):
        def _put(self, item):
            if item == "bad":
                raise KeyError(item)
            super()._put(item)

    queue = Picky(1)
    t.raises(KeyError, queue.put, "bad")
    t.true(queue.empty())
    queue.put("good")
    t.equal(queue.get(), "good")


def case_errors_are_exceptions(t):
    for kind in (t.queue.Empty, t.queue.Full):
        t.true(issubclass(kind, Exception))
