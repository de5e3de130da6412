"""Condition: notified by threads that do not hold its lock. Every case is about `t.threading`.

Of a plain lock nobody knows the holder: whoever finds it held may notify. That must neither hang
somebody nor lose a wake-up.
"""

import time


def notify_unless_free(condition):
    """Notify without the lock, and return whether that was refused: nobody held it."""
    try:
        condition.notify_all()
    except RuntimeError:
        return True
    return False


def case_under_a_plain_lock_that_another_thread_holds(t):
    condition = t.threading.Condition(t.threading.Lock())
    results = [None] * 2

    def wait(number):
        with condition:
            results[number] = condition.wait(20)

    with t.start(2, wait):
        t.until_waiting(condition, 2)
        with condition:
            with t.start(1, lambda number: condition.notify_all()):
                pass
            t.equal(results, [None] * 2)
    t.equal(results, [True] * 2)


def case_while_others_time_out(t):
    condition = t.threading.Condition(t.threading.Lock())
    left = [20] * 3

    def wait(number):
        while left[number]:
            with condition:
                condition.wait(0.001)
            left[number] -= 1

    with t.start(3, wait):
        while any(left):
            with condition:
                time.sleep(0.002)  # deadlines pass: those who waited now wait for the lock
            for _ in range(20):
                notify_unless_free(condition)
    t.until_waiting(condition, 0)
    with condition:
        t.false(condition.wait(0))


def case_while_others_wait_and_retake(t):
    condition = t.threading.Condition(t.threading.Lock())
    left = [20] * 3

    def wait(number):
        while left[number]:
            with condition:
                t.true(condition.wait(20))
            left[number] -= 1

    with t.start(3, wait):
        while any(left):
            with condition:
                time.sleep(0)
            notify_unless_free(condition)
            with condition, t.start(1, lambda number: notify_unless_free(condition)):
                pass
    t.until_waiting(condition, 0)


def case_an_rlock_knows_its_owner(t):
    condition = t.threading.Condition()
    left = [20] * 2

    def wait(number):
        while left[number]:
            with condition:
                t.false(condition.wait(0.001))
            left[number] -= 1

    with t.start(2, wait):
        while any(left):
            with condition:
                time.sleep(0.002)
            for _ in range(20):
                t.raises(RuntimeError, condition.notify_all)
    t.until_waiting(condition, 0)


def case_a_free_lock_is_refused(t):
    condition = t.threading.Condition(t.threading.Lock())
    results = [None]

    def wait(number):
        with condition:
            results[number] = condition.wait(20)

    with t.start(1, wait):
        t.until_waiting(condition, 1)
        t.raises(RuntimeError, condition.notify)
        t.raises(RuntimeError, condition.notify_all)
        t.raises(RuntimeError, condition.wait, 0)
        t.until_waiting(condition, 1)
        with condition:
            condition.notify()
    t.equal(results, [True])
