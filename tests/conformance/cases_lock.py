"""Lock: one holder at a time, and any thread may release it. Every case is about `t.threading`."""


def case_construct(t):
    lock = t.threading.Lock()
    t.false(lock.locked())


def case_acquire_release(t):
    lock = t.threading.Lock()
    t.true(lock.acquire())
    t.true(lock.locked())
    t.same(lock.release(), None)
    t.false(lock.locked())


def case_with(t):
    lock = t.threading.Lock()
    with lock as entered:
        t.true(entered)
        t.true(lock.locked())
    t.false(lock.locked())


def case_with_releases_after_an_exception(t):
    lock = t.threading.Lock()

    def fail():
        with lock:
            raise KeyError("inside")

    t.raises(KeyError, fail)
    t.false(lock.locked())


def case_try(t):
    lock = t.threading.Lock()
    t.true(lock.acquire(False))
    t.false(lock.acquire(False))
    t.false(lock.acquire(blocking=False))
    lock.release()
    t.true(lock.acquire(blocking=False))
    lock.release()


def case_try_of_another_thread(t):
    lock = t.threading.Lock()
    results = [None] * 3

    def attempt(number):
        results[number] = lock.acquire(False)

    with lock, t.start(3, attempt):
        pass
    t.equal(results, [False] * 3)


def case_release_of_a_free_lock(t):
    lock = t.threading.Lock()
    t.raises(RuntimeError, lock.release)
    lock.acquire()
    lock.release()
    t.raises(RuntimeError, lock.release)
    t.true(lock.acquire(False))
    lock.release()


def case_release_by_another_thread(t):
    lock = t.threading.Lock()
    lock.acquire()
    with t.start(1, lambda number: lock.release()):
        t.true(lock.acquire())
    t.true(lock.locked())
    lock.release()


def case_timeout(t):
    lock = t.threading.Lock()
    t.true(lock.acquire(timeout=5))
    t.false(t.takes(0.05, lock.acquire, timeout=0.05))
    t.false(t.takes(0.05, lock.acquire, True, 0.05))
    t.false(lock.acquire(timeout=0))
    t.true(lock.locked())
    lock.release()


def case_timeout_in_another_thread(t):
    lock = t.threading.Lock()
    results = [None] * 3

    def attempt(number):
        results[number] = t.takes(0.05, lock.acquire, timeout=0.05)

    with lock, t.start(3, attempt):
        pass
    t.equal(results, [False] * 3)
    t.false(lock.locked())


def case_timeout_that_is_not_needed(t):
    lock = t.threading.Lock()
    lock.acquire()
    results = [None]

    def attempt(number):
        results[number] = lock.acquire(timeout=20)

    with t.start(1, attempt):
        lock.release()
    t.equal(results, [True])
    t.true(lock.locked())
    lock.release()


def case_bad_arguments(t):
    lock = t.threading.Lock()
    t.raises(ValueError, lock.acquire, False, 1)
    t.raises(ValueError, lock.acquire, True, -2)
    t.raises(ValueError, lock.acquire, timeout=-100)
    t.raises(TypeError, lock.acquire, timeout="x")
    t.false(lock.locked())


def case_too_long_timeout(t):
    lock = t.threading.Lock()
    for _ in range(2):
        for timeout in (1e10, float("inf")):
            t.raises(OverflowError, lock.acquire, timeout=timeout)
        t.raises(ValueError, lock.acquire, timeout=float("nan"))
        t.true(lock.acquire(False) or lock.locked())
    lock.release()


def case_waiters_each_get_it(t):
    lock = t.threading.Lock()
    lock.acquire()
    got = [0] * 5

    def take(number):
        lock.acquire()
        got[number] += 1
        lock.release()

    with t.start(5, take):
        t.equal(got, [0] * 5)
        lock.release()
    t.equal(got, [1] * 5)
    t.false(lock.locked())


def case_no_step_is_lost(t):
    lock = t.threading.Lock()
    total = [0]

    def add(number):
        for _ in range(200):
            with lock:
                value = total[0]
                total[0] = value + 1

    with t.start(4, add):
        pass
    t.equal(total[0], 800)


def case_one_holder_at_a_time(t):
    lock = t.threading.Lock()
    inside = [0]
    most = [0]

    def work(number):
        for _ in range(50):
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    with t.start(4, work):
        pass
    t.equal(most[0], 1)


def case_locks_are_apart(t):
    first = t.threading.Lock()
    second = t.threading.Lock()
    with first:
        t.true(second.acquire(False))
        second.release()


def case_hand_over(t):
    here = t.threading.Lock()
    there = t.threading.Lock()
    here.acquire()
    there.acquire()
    turns = []

    def answer(number):
        for _ in range(20):
            there.acquire()
            turns.append("there")
            here.release()

    with t.start(1, answer):
        for _ in range(20):
            turns.append("here")
            there.release()
            here.acquire()
    t.equal(turns, ["here", "there"] * 20)
