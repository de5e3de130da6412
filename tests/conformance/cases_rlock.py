"""RLock: its holder may take it again. Every case is about `t.threading`."""


def attempt_elsewhere(t, lock):
    """Return whether another thread can take the lock now."""
    results = [None]

    def attempt(number):
        results[number] = lock.acquire(False)
        if results[number]:
            lock.release()

    with t.start(1, attempt):
        pass
    return results[0]


def case_acquire_release(t):
    lock = t.threading.RLock()
    t.true(lock.acquire())
    t.false(attempt_elsewhere(t, lock))
    t.same(lock.release(), None)
    t.true(attempt_elsewhere(t, lock))


def case_acquire_again(t):
    lock = t.threading.RLock()
    for _ in range(5):
        t.true(lock.acquire())
    for _ in range(5):
        t.false(attempt_elsewhere(t, lock))
        lock.release()
    t.true(attempt_elsewhere(t, lock))


def case_with(t):
    lock = t.threading.RLock()
    with lock as entered:
        t.true(entered)
        with lock:
            t.false(attempt_elsewhere(t, lock))
        t.false(attempt_elsewhere(t, lock))
    t.true(attempt_elsewhere(t, lock))


def case_try_of_the_holder(t):
    lock = t.threading.RLock()
    t.true(lock.acquire(False))
    t.true(lock.acquire(blocking=False))
    t.true(lock.acquire(timeout=1))
    for _ in range(3):
        lock.release()
    t.true(attempt_elsewhere(t, lock))


def case_release_of_a_free_lock(t):
    lock = t.threading.RLock()
    t.raises(RuntimeError, lock.release)
    lock.acquire()
    lock.acquire()
    lock.release()
    lock.release()
    t.raises(RuntimeError, lock.release)


def case_release_by_another_thread(t):
    lock = t.threading.RLock()
    lock.acquire()
    with t.start(1, lambda number: t.raises(RuntimeError, lock.release)):
        pass
    t.false(attempt_elsewhere(t, lock))
    lock.release()


def case_timeout(t):
    lock = t.threading.RLock()
    results = [None] * 2

    def attempt(number):
        results[number] = t.takes(0.05, lock.acquire, timeout=0.05)

    with lock, t.start(2, attempt):
        pass
    t.equal(results, [False] * 2)


def case_bad_arguments(t):
    lock = t.threading.RLock()
    t.raises(ValueError, lock.acquire, False, 1)
    t.raises(ValueError, lock.acquire, True, -2)
    t.raises(TypeError, lock.acquire, timeout="x")
    t.raises(RuntimeError, lock.release)


def case_too_long_timeout(t):
    lock = t.threading.RLock()
    for _ in range(2):
        for timeout in (1e10, float("inf")):
            t.raises(OverflowError, lock.acquire, timeout=timeout)
        t.raises(ValueError, lock.acquire, timeout=float("nan"))
        lock.acquire()


def case_waiters_each_get_it(t):
    lock = t.threading.RLock()
    lock.acquire()
    lock.acquire()
    got = [0] * 4

    def take(number):
        with lock, lock:
            got[number] += 1

    with t.start(4, take):
        lock.release()
        t.equal(got, [0] * 4)
        lock.release()
    t.equal(got, [1] * 4)


def case_no_step_is_lost(t):
    lock = t.threading.RLock()
    total = [0]

    def add(number):
        for _ in range(100):
            with lock:
                value = total[0]
                with lock:
                    total[0] = value + 1

    with t.start(4, add):
        pass
    t.equal(total[0], 400)
