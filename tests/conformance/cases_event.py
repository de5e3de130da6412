"""Event: a flag that threads wait for. Every case is about `t.threading`."""


def case_flag(t):
    event = t.threading.Event()
    t.false(event.is_set())
    t.same(event.set(), None)
    t.true(event.is_set())
    event.set()
    t.true(event.is_set())
    t.same(event.clear(), None)
    t.false(event.is_set())
    event.clear()
    t.false(event.is_set())


def case_wait_for_a_set_event(t):
    event = t.threading.Event()
    event.set()
    t.true(event.wait())
    t.true(event.wait(0))
    t.true(event.wait(timeout=1))
    t.true(event.is_set())


def case_timeout(t):
    event = t.threading.Event()
    t.false(event.wait(0))
    t.false(event.wait(0.0))
    t.false(t.takes(0.05, event.wait, 0.05))
    t.false(t.takes(0.05, event.wait, timeout=0.05))
    t.false(event.wait(-1))


def case_timeout_of_many(t):
    event = t.threading.Event()
    results = [None] * 4

    def wait(number):
        results[number] = t.takes(0.02 * number, event.wait, 0.02 * number)

    with t.start(4, wait):
        pass
    t.equal(results, [False] * 4)


def case_set_releases_everybody(t):
    event = t.threading.Event()
    results = [None] * 5

    def wait(number):
        results[number] = event.wait()

    with t.start(5, wait):
        t.until_waiting(event, 5)
        t.equal(results, [None] * 5)
        event.set()
    t.equal(results, [True] * 5)
    t.until_waiting(event, 0)


def case_set_releases_who_waits_with_a_limit(t):
    event = t.threading.Event()
    results = [None] * 5

    def wait(number):
        results[number] = event.wait(20)

    with t.start(5, wait):
        t.until_waiting(event, 5)
        event.set()
    t.equal(results, [True] * 5)


def case_set_then_clear_releases_everybody(t):
    event = t.threading.Event()
    for _ in range(20):
        results = [None] * 4

        def wait(number, results=results):
            results[number] = event.wait(None if number % 2 else 20)

        with t.start(4, wait):
            t.until_waiting(event, 4)
            event.set()
            event.clear()
        t.equal(results, [True] * 4)
        t.false(event.is_set())


def case_clear_does_not_release(t):
    event = t.threading.Event()
    results = [None]

    def wait(number):
        results[number] = event.wait()

    with t.start(1, wait):
        t.until_waiting(event, 1)
        event.clear()
        t.until_waiting(event, 1)
        t.equal(results, [None])
        event.set()
    t.equal(results, [True])


def case_wait_again_after_clear(t):
    event = t.threading.Event()
    event.set()
    event.clear()
    t.false(t.takes(0.02, event.wait, 0.02))


def case_one_times_out_another_does_not(t):
    event = t.threading.Event()
    results = [None] * 2

    def wait(number):
        results[number] = event.wait(0.02 if number else None)

    with t.start(2, wait):
        t.until(lambda: results[1] is not None)
        t.until_waiting(event, 1)
        event.set()
    t.equal(results, [True, False])


def case_ping_pong(t):
    ping = t.threading.Event()
    pong = t.threading.Event()
    turns = []

    def answer(number):
        for turn in range(50):
            ping.wait()
            ping.clear()
            turns.append(turn)
            pong.set()

    with t.start(1, answer):
        for turn in range(50):
            ping.set()
            pong.wait()
            pong.clear()
            t.equal(turns[-1], turn)
    t.equal(turns, list(range(50)))


def case_set_is_seen_with_what_came_before(t):
    event = t.threading.Event()
    written = []
    seen = [None] * 3

    def read(number):
        event.wait()
        seen[number] = list(written)

    with t.start(3, read):
        written.append("before")
        event.set()
    t.equal(seen, [["before"]] * 3)


def case_bad_timeout(t):
    event = t.threading.Event()
    t.raises(TypeError, event.wait, "x")
    event.set()
    t.true(event.wait())


def case_events_are_apart(t):
    first = t.threading.Event()
    second = t.threading.Event()
    first.set()
    t.false(second.is_set())
    t.false(second.wait(0))


def case_too_long_timeout(t):
    event = t.threading.Event()
    for timeout in (1e10, float("inf")):
        t.raises(OverflowError, event.wait, timeout)
    t.until_waiting(event, 0)
