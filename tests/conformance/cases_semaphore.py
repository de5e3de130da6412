"""Semaphore and BoundedSemaphore. Every case is about `t.threading`."""


def case_count(t):
    for kind in (t.threading.Semaphore, t.threading.BoundedSemaphore):
        semaphore = kind(3)
        for _ in range(3):
            t.true(semaphore.acquire(False))
        t.false(semaphore.acquire(False))
        t.false(semaphore.acquire(blocking=False))
        semaphore.release()
        t.true(semaphore.acquire(False))


def case_one_by_default(t):
    semaphore = t.threading.Semaphore()
    t.true(semaphore.acquire())
    t.false(semaphore.acquire(False))
    t.same(semaphore.release(), None)


def case_none_to_begin_with(t):
    semaphore = t.threading.Semaphore(0)
    t.false(semaphore.acquire(False))
    semaphore.release()
    t.true(semaphore.acquire())


def case_construct_wrongly(t):
    for kind in (t.threading.Semaphore, t.threading.BoundedSemaphore):
        t.raises(ValueError, kind, -1)
        t.raises(ValueError, kind, value=-100)


def case_with(t):
    semaphore = t.threading.Semaphore(2)
    with semaphore as entered:
        t.true(entered)
        with semaphore:
            t.false(semaphore.acquire(False))
        t.true(semaphore.acquire(False))
        semaphore.release()
    t.true(semaphore.acquire(False))
    t.true(semaphore.acquire(False))


def case_timeout(t):
    semaphore = t.threading.Semaphore(0)
    t.false(t.takes(0.05, semaphore.acquire, timeout=0.05))
    t.false(t.takes(0.05, semaphore.acquire, True, 0.05))
    t.false(semaphore.acquire(timeout=0))
    t.raises(ValueError, semaphore.acquire, False, 1)
    t.raises(TypeError, semaphore.acquire, timeout="x")
    semaphore.release()
    t.true(semaphore.acquire(timeout=0.05))
    t.until_waiting(semaphore, 0)


def case_release_of_a_number(t):
    semaphore = t.threading.Semaphore(0)
    semaphore.release(3)
    semaphore.release(n=2)
    for _ in range(5):
        t.true(semaphore.acquire(False))
    t.false(semaphore.acquire(False))
    t.raises(ValueError, semaphore.release, 0)
    t.raises(ValueError, semaphore.release, -1)
    t.false(semaphore.acquire(False))


def case_release_wakes_one(t):
    semaphore = t.threading.Semaphore(0)
    got = [None] * 3

    def take(number):
        got[number] = semaphore.acquire()

    with t.start(3, take):
        t.until_waiting(semaphore, 3)
        for left in (2, 1, 0):
            semaphore.release()
            t.until_waiting(semaphore, left)
            t.until(lambda left=left: got.count(True) == 3 - left)
    t.false(semaphore.acquire(False))


def case_release_of_a_number_wakes_as_many(t):
    semaphore = t.threading.Semaphore(0)
    got = [None] * 5

    def take(number):
        got[number] = semaphore.acquire(timeout=20)

    with t.start(5, take):
        t.until_waiting(semaphore, 5)
        semaphore.release(3)
        t.until(lambda: got.count(True) == 3)
        t.until_waiting(semaphore, 2)
        semaphore.release(2)
    t.equal(got, [True] * 5)


def case_no_more_than_the_count_at_once(t):
    semaphore = t.threading.Semaphore(2)
    lock = t.threading.Lock()
    inside = [0]
    most = [0]

    def work(number):
        for _ in range(30):
            with semaphore:
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with lock:
                    inside[0] -= 1

    with t.start(5, work):
        pass
    t.equal(inside[0], 0)
    t.true(most[0] <= 2)


def case_unbounded_grows(t):
    semaphore = t.threading.Semaphore(1)
    semaphore.release()
    semaphore.release()
    for _ in range(3):
        t.true(semaphore.acquire(False))
    t.false(semaphore.acquire(False))


def case_bounded_does_not(t):
    semaphore = t.threading.BoundedSemaphore(2)
    t.raises(ValueError, semaphore.release)
    semaphore.acquire()
    semaphore.release()
    t.raises(ValueError, semaphore.release)
    semaphore.acquire()
    t.raises(ValueError, semaphore.release, 2)
    semaphore.release(1)
    t.raises(ValueError, semaphore.release)
    t.true(semaphore.acquire(False))
    t.true(semaphore.acquire(False))
    t.false(semaphore.acquire(False))


def case_released_by_another_thread(t):
    semaphore = t.threading.Semaphore(0)
    with t.start(4, lambda number: semaphore.release()):
        for _ in range(4):
            t.true(semaphore.acquire(timeout=20))
    t.false(semaphore.acquire(False))


def case_too_long_timeout(t):
    semaphore = t.threading.Semaphore(0)
    for timeout in (1e10, float("inf")):
        t.raises(OverflowError, semaphore.acquire, timeout=timeout)
    semaphore.release()
    t.true(semaphore.acquire(timeout=1e10))
