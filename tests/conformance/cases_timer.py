"""Timer: a thread that calls a function after a time. Every case is about `t.threading`."""


def case_calls_after_the_interval(t):
    rung = t.threading.Event()
    timer = t.threading.Timer(0.05, rung.set)

    def run():
        timer.start()
        rung.wait(20)

    t.takes(0.05, run)
    t.true(rung.is_set())
    timer.join(20)
    t.true(timer.finished.is_set())
    t.false(timer.is_alive())


def case_arguments(t):
    got = []
    timer = t.threading.Timer(
        0, lambda *args, **kwargs: got.append((args, kwargs)), [1, 2], {"key": "value"}
    )
    timer.start()
    timer.join(20)
    t.equal(got, [((1, 2), {"key": "value"})])


def case_arguments_by_name(t):
    got = []
    timer = t.threading.Timer(interval=0, function=got.append, args=("x",), kwargs=None)
    timer.start()
    timer.join(20)
    t.equal(got, ["x"])


def case_cancel(t):
    got = []
    timer = t.threading.Timer(1000, got.append, ("never",))
    timer.start()
    t.true(timer.is_alive())
    t.same(timer.cancel(), None)
    timer.join(20)
    t.false(timer.is_alive())
    t.equal(got, [])


def case_cancel_before_start(t):
    got = []
    timer = t.threading.Timer(1000, got.append, ("never",))
    timer.cancel()
    timer.start()
    timer.join(20)
    t.equal(got, [])


def case_cancel_after_the_call(t):
    got = []
    timer = t.threading.Timer(0, got.append, ("once",))
    timer.start()
    timer.join(20)
    timer.cancel()
    timer.cancel()
    t.equal(got, ["once"])


def case_cancel_by_itself(t):
    timer = t.threading.Timer(0, lambda: timer.cancel())
    timer.start()
    timer.join(20)
    t.true(timer.finished.is_set())


def case_is_a_thread(t):
    timer = t.threading.Timer(0, lambda: None)
    t.true(isinstance(timer, t.threading.Thread))
    t.true(timer.name.startswith("Thread-"))
    timer.start()
    timer.join(20)
    t.raises(RuntimeError, timer.start)


def case_several(t):
    lock = t.threading.Lock()
    order = []

    def ring(number):
        with lock:
            order.append(number)

    timers = [t.threading.Timer(0.15 * number, ring, (number,)) for number in (2, 0, 1)]
    for timer in timers:
        timer.start()
    for timer in timers:
        timer.join(20)
    t.equal(sorted(order), [0, 1, 2])
