"""Condition: wait for a change of what a lock guards. Every case is about `t.threading`."""


class Queue:
    """Threads that wait for a condition one behind the other, in the order of their numbers."""

    def __init__(self, t, condition, count, timeout=None):
        self.t = t
        self.condition = condition
        self.timeout = timeout
        self.woken = []
        self.results = [None] * count
        self.turns = [t.threading.Event() for _ in range(count)]
        self.bunch = t.start(count, self.wait)
        for number in range(count):
            self.turns[number].set()
            t.until_waiting(condition, number + 1)

    def wait(self, number):
        self.turns[number].wait()
        with self.condition:
            self.results[number] = self.condition.wait(self.timeout)
            self.woken.append(number)

    def until_woken(self, count):
        self.t.until(lambda: len(self.woken) == count)


def case_acquire_release(t):
    condition = t.threading.Condition()
    t.true(condition.acquire())
    t.true(condition.acquire())
    condition.release()
    condition.release()
    t.raises(RuntimeError, condition.release)
    with condition as entered:
        t.true(entered)


def case_lock_of_ones_own(t):
    lock = t.threading.Lock()
    condition = t.threading.Condition(lock)
    with condition:
        t.true(lock.locked())
        t.false(lock.acquire(False))
    t.false(lock.locked())


def case_not_held(t):
    for condition in (t.threading.Condition(), t.threading.Condition(t.threading.Lock())):
        t.raises(RuntimeError, condition.wait)
        t.raises(RuntimeError, condition.wait, 0)
        t.raises(RuntimeError, condition.notify)
        t.raises(RuntimeError, condition.notify_all)


def case_held_by_another_thread(t):
    condition = t.threading.Condition()

    def misuse(number):
        t.raises(RuntimeError, condition.wait)
        t.raises(RuntimeError, condition.notify)

    with condition, t.start(1, misuse):
        pass


def case_timeout(t):
    condition = t.threading.Condition()
    with condition:
        t.false(t.takes(0.05, condition.wait, 0.05))
        t.false(t.takes(0.05, condition.wait, timeout=0.05))
        t.false(condition.wait(0))
        t.false(condition.wait(-1))
    t.until_waiting(condition, 0)


def case_timeout_leaves_the_others(t):
    condition = t.threading.Condition()
    queue = Queue(t, condition, 2)
    with condition:
        t.false(condition.wait(0.02))
    t.until_waiting(condition, 2)
    with condition:
        condition.notify()
    queue.until_woken(1)
    t.equal(queue.woken, [0])
    with condition:
        condition.notify()
    queue.bunch.join()
    t.equal(queue.woken, [0, 1])


def case_notify_wakes_the_longest_waiting(t):
    condition = t.threading.Condition()
    queue = Queue(t, condition, 4)
    for number in range(4):
        with condition:
            condition.notify()
        queue.until_woken(number + 1)
        t.equal(queue.woken, list(range(number + 1)))
        t.until_waiting(condition, 3 - number)
    queue.bunch.join()
    t.equal(queue.results, [True] * 4)


def case_notify_of_a_number(t):
    condition = t.threading.Condition()
    queue = Queue(t, condition, 6, 20)
    with condition:
        condition.notify(2)
    queue.until_woken(2)
    t.equal(sorted(queue.woken), [0, 1])
    with condition:
        condition.notify(n=3)
    queue.until_woken(5)
    t.equal(sorted(queue.woken), [0, 1, 2, 3, 4])
    t.until_waiting(condition, 1)
    with condition:
        condition.notify(100)
    queue.bunch.join()
    t.equal(queue.results, [True] * 6)


def case_notify_of_none(t):
    condition = t.threading.Condition()
    queue = Queue(t, condition, 1)
    with condition:
        condition.notify(0)
    t.until_waiting(condition, 1)
    with condition:
        condition.notify(1)
    queue.bunch.join()


def case_notify_all(t):
    condition = t.threading.Condition()
    queue = Queue(t, condition, 5)
    with condition:
        condition.notify_all()
        t.equal(queue.woken, [])
    queue.bunch.join()
    t.equal(sorted(queue.woken), [0, 1, 2, 3, 4])
    t.equal(queue.results, [True] * 5)


def case_notify_without_waiters_is_lost(t):
    condition = t.threading.Condition()
    with condition:
        condition.notify()
        condition.notify_all()
        t.false(condition.wait(0.02))


def case_notified_goes_on_only_when_the_lock_is_free(t):
    condition = t.threading.Condition()
    queue = Queue(t, condition, 2)
    with condition:
        condition.notify_all()
        t.until_waiting(condition, 0)
        t.equal(queue.woken, [])
    queue.bunch.join()
    t.equal(len(queue.woken), 2)


def case_plain_lock(t):
    condition = t.threading.Condition(t.threading.Lock())
    queue = Queue(t, condition, 3)
    with condition:
        condition.notify()
    queue.until_woken(1)
    with condition:
        condition.notify_all()
    queue.bunch.join()
    t.equal(queue.results, [True] * 3)


def case_two_conditions_over_one_lock(t):
    lock = t.threading.Lock()
    first = t.threading.Condition(lock)
    second = t.threading.Condition(lock)
    one = Queue(t, first, 1)
    two = Queue(t, second, 1)
    with lock:
        first.notify_all()
    one.bunch.join()
    t.until_waiting(second, 1)
    t.equal(two.woken, [])
    with lock:
        second.notify_all()
    two.bunch.join()


def case_wait_gives_back_a_lock_held_twice(t):
    condition = t.threading.Condition()
    results = [None]

    def wait(number):
        with condition, condition:
            results[number] = condition.wait(20)
        with condition:
            pass

    with t.start(1, wait):
        t.until_waiting(condition, 1)
        with condition:
            condition.notify()
    t.equal(results, [True])
    t.raises(RuntimeError, condition.release)


def case_wait_for(t):
    condition = t.threading.Condition()
    state = [0]
    results = [None]

    def wait(number):
        with condition:
            results[number] = condition.wait_for(lambda: state[0] >= 3 and "three")

    with t.start(1, wait):
        for value in (1, 2, 3):
            t.until_waiting(condition, 1)
            with condition:
                state[0] = value
                condition.notify()
    t.equal(results, ["three"])


def case_wait_for_what_is_true_already(t):
    condition = t.threading.Condition()
    with condition:
        t.equal(condition.wait_for(lambda: 7), 7)
        t.equal(condition.wait_for(lambda: 7, 0), 7)


def case_wait_for_times_out(t):
    condition = t.threading.Condition()
    with condition:
        t.equal(t.takes(0.05, condition.wait_for, lambda: 0, 0.05), 0)
        t.equal(t.takes(0.05, condition.wait_for, list, timeout=0.05), [])


def case_wait_for_an_error(t):
    condition = t.threading.Condition()

    def fail():
        raise KeyError("predicate")

    with condition:
        t.raises(KeyError, condition.wait_for, fail)
        t.true(condition.acquire(False))
        condition.release()


def case_bad_timeout(t):
    condition = t.threading.Condition()
    with condition:
        t.raises(TypeError, condition.wait, "x")
    with condition:
        t.false(condition.wait(0))


def case_too_long_timeout(t):
    condition = t.threading.Condition()
    with condition:
        for timeout in (1e10, float("inf")):
            t.raises(OverflowError, condition.wait, timeout)
            t.raises(OverflowError, condition.wait_for, lambda: False, timeout)
    t.until_waiting(condition, 0)


def case_producer_consumer(t):
    condition = t.threading.Condition()
    items = []
    taken = [0] * 3

    def consume(number):
        while True:
            with condition:
                while not items:
                    condition.wait()
                item = items.pop(0)
            if item is None:
                return
            taken[number] += item

    with t.start(3, consume):
        for item in list(range(100)) + [None] * 3:
            with condition:
                items.append(item)
                condition.notify()
    t.equal(sum(taken), sum(range(100)))
