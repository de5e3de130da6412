"""Barrier: a fixed number of threads that meet. Every case is about `t.threading`."""


def case_attributes(t):
    barrier = t.threading.Barrier(3)
    t.equal(barrier.parties, 3)
    t.equal(barrier.n_waiting, 0)
    t.false(barrier.broken)


def case_all_go_on_together(t):
    barrier = t.threading.Barrier(4)
    before = [0] * 4
    seen = [None] * 4

    def meet(number):
        before[number] = 1
        barrier.wait()
        seen[number] = sum(before)

    with t.start(4, meet):
        pass
    t.equal(seen, [4] * 4)


def case_indexes(t):
    barrier = t.threading.Barrier(5)
    indexes = [None] * 5

    def meet(number):
        indexes[number] = barrier.wait()

    with t.start(5, meet):
        pass
    t.equal(sorted(indexes), [0, 1, 2, 3, 4])


def case_again_and_again(t):
    barrier = t.threading.Barrier(3)
    phases = [0] * 3
    wrong = [0] * 3

    def work(number):
        for phase in range(20):
            phases[number] = phase
            barrier.wait()
            if min(phases) != phase or max(phases) != phase:
                wrong[number] += 1
            barrier.wait()

    with t.start(3, work):
        pass
    t.equal(wrong, [0] * 3)
    t.equal(barrier.n_waiting, 0)


def case_nobody_goes_on_alone(t):
    barrier = t.threading.Barrier(3)
    passed = [False] * 3

    def meet(number):
        barrier.wait()
        passed[number] = True

    with t.start(2, meet):
        t.until_waiting(barrier, 2)
        t.equal(passed, [False] * 3)
        barrier.wait()
    t.equal(passed, [True, True, False])


def case_one_party(t):
    barrier = t.threading.Barrier(1)
    t.equal(barrier.wait(), 0)
    t.equal(barrier.wait(), 0)


def case_action(t):
    calls = []
    barrier = t.threading.Barrier(3, lambda: calls.append(barrier.n_waiting))
    counts = [None] * 3

    def meet(number):
        barrier.wait()
        counts[number] = len(calls)

    with t.start(3, meet):
        pass
    t.equal(len(calls), 1)
    t.equal(counts, [1] * 3)


def case_action_that_fails(t):
    def action():
        raise KeyError("action")

    barrier = t.threading.Barrier(2, action=action)
    errors = [None] * 2

    def meet(number):
        try:
            barrier.wait()
        except KeyError:
            errors[number] = "action"
        except t.threading.BrokenBarrierError:
            errors[number] = "broken"

    with t.start(2, meet):
        pass
    t.equal(sorted(errors), ["action", "broken"])
    t.true(barrier.broken)


def case_abort(t):
    barrier = t.threading.Barrier(3)

    def meet(number):
        t.raises(t.threading.BrokenBarrierError, barrier.wait)

    with t.start(2, meet):
        t.until_waiting(barrier, 2)
        barrier.abort()
    t.true(barrier.broken)
    t.raises(t.threading.BrokenBarrierError, barrier.wait)
    barrier.reset()
    t.false(barrier.broken)


def case_reset_breaks_who_waits(t):
    barrier = t.threading.Barrier(3)

    def meet(number):
        t.raises(t.threading.BrokenBarrierError, barrier.wait)

    with t.start(2, meet):
        t.until_waiting(barrier, 2)
        barrier.reset()
    t.false(barrier.broken)
    t.equal(barrier.n_waiting, 0)
    with t.start(3, lambda number: barrier.wait()):
        pass


def case_reset_of_an_empty_barrier(t):
    barrier = t.threading.Barrier(2)
    barrier.reset()
    t.false(barrier.broken)
    with t.start(2, lambda number: barrier.wait()):
        pass


def case_timeout_breaks_it(t):
    barrier = t.threading.Barrier(3)
    broken = [None] * 2

    def meet(number):
        try:
            barrier.wait(0.05 if number else None)
        except t.threading.BrokenBarrierError:
            broken[number] = True

    with t.start(2, meet):
        pass
    t.equal(broken, [True] * 2)
    t.true(barrier.broken)
    t.raises(t.threading.BrokenBarrierError, barrier.wait)


def case_timeout_of_the_barrier(t):
    barrier = t.threading.Barrier(2, timeout=0.05)
    t.takes(0.05, t.raises, t.threading.BrokenBarrierError, barrier.wait)
    t.true(barrier.broken)


def case_timeout_that_is_not_needed(t):
    barrier = t.threading.Barrier(2, timeout=20)
    with t.start(2, lambda number: barrier.wait(20)):
        pass
    t.false(barrier.broken)


def case_error_is_a_runtime_error(t):
    t.true(issubclass(t.threading.BrokenBarrierError, RuntimeError))
