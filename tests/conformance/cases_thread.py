"""Thread, and the functions that look at threads. Every case is about `t.threading`."""


def finish(thread):
    thread.join(20)
    if thread.is_alive():
        raise AssertionError("still running after 20 s: " + thread.name)


def case_target_and_arguments(t):
    got = []
    thread = t.threading.Thread(
        target=lambda *args, **kwargs: got.append((args, kwargs)), args=(1, "two"), kwargs={"c": 3}
    )
    t.same(thread.start(), None)
    t.same(thread.join(), None)
    t.equal(got, [((1, "two"), {"c": 3})])


def case_arguments_of_any_kind(t):
    got = []
    for args in ((5,), [5]):
        thread = t.threading.Thread(target=got.append, args=args)
        thread.start()
        finish(thread)
    t.equal(got, [5, 5])


def case_run_of_a_subclass(t):
    class Worker(t.threading.Thread):
        def __init__(self, number):
            super().__init__()
            self.number = number
            self.result = None

        def run(self):
            self.result = self.number * 2

    workers = [Worker(number) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        finish(worker)
    t.equal([worker.result for worker in workers], [0, 2, 4])


def case_no_target(t):
    thread = t.threading.Thread()
    thread.start()
    finish(thread)
    t.false(thread.is_alive())


def case_alive(t):
    go = t.threading.Event()
    thread = t.threading.Thread(target=go.wait)
    t.false(thread.is_alive())
    thread.start()
    t.true(thread.is_alive())
    go.set()
    finish(thread)
    t.false(thread.is_alive())


def case_alive_in_itself(t):
    alive = []
    thread = t.threading.Thread(target=lambda: alive.append(thread.is_alive()))
    thread.start()
    finish(thread)
    t.equal(alive, [True])


def case_default_names(t):
    first = t.threading.Thread()
    second = t.threading.Thread()
    t.true(first.name.startswith("Thread-"))
    t.true(second.name.startswith("Thread-"))
    t.true(first.name != second.name)


def case_names(t):
    thread = t.threading.Thread(name="worker")
    t.equal(thread.name, "worker")
    thread.name = "renamed"
    t.equal(thread.name, "renamed")
    t.equal(t.threading.Thread(name=7).name, "7")


def case_name_inside(t):
    names = []
    thread = t.threading.Thread(
        target=lambda: names.append(t.threading.current_thread().name), name="inside"
    )
    thread.start()
    finish(thread)
    t.equal(names, ["inside"])


def case_current_thread(t):
    got = []
    thread = t.threading.Thread(target=lambda: got.append(t.threading.current_thread()))
    thread.start()
    finish(thread)
    t.same(got[0], thread)
    t.true(t.threading.current_thread() is not thread)


def case_main_thread(t):
    got = []
    thread = t.threading.Thread(target=lambda: got.append(t.threading.main_thread()))
    thread.start()
    finish(thread)
    t.same(got[0], t.threading.main_thread())
    t.equal(t.threading.main_thread().name, "MainThread")
    t.true(t.threading.main_thread().is_alive())


def case_daemon(t):
    t.false(t.threading.Thread().daemon)
    t.true(t.threading.Thread(daemon=True).daemon)
    t.false(t.threading.Thread(daemon=False).daemon)
    thread = t.threading.Thread()
    thread.daemon = True
    t.true(thread.daemon)
    t.false(t.threading.main_thread().daemon)


def case_daemon_is_inherited(t):
    got = []
    for daemon in (True, False):
        thread = t.threading.Thread(
            target=lambda: got.append(t.threading.Thread().daemon), daemon=daemon
        )
        thread.start()
        finish(thread)
    t.equal(got, [True, False])


def case_daemon_is_fixed_at_start(t):
    go = t.threading.Event()
    thread = t.threading.Thread(target=go.wait, daemon=True)
    thread.start()

    def change():
        thread.daemon = False

    t.raises(RuntimeError, change)
    t.true(thread.daemon)
    go.set()
    finish(thread)


def case_ident(t):
    got = []
    thread = t.threading.Thread(target=lambda: got.append(t.threading.get_ident()))
    t.same(thread.ident, None)
    thread.start()
    ident = thread.ident
    finish(thread)
    t.equal([ident], got)
    t.equal(thread.ident, ident)
    t.equal(t.threading.main_thread().ident != ident, True)


def case_idents_differ(t):
    barrier = t.threading.Barrier(5)
    idents = [None] * 5

    def look(number):
        idents[number] = t.threading.get_ident()
        barrier.wait()

    with t.start(5, look) as bunch:
        pass
    t.equal(len(set(idents)), 5)
    t.equal({thread.ident for thread in bunch.threads}, set(idents))
    t.true(all(ident != 0 for ident in idents))


def case_enumerate(t):
    before = t.threading.active_count()
    t.equal(len(t.threading.enumerate()), before)
    go = t.threading.Event()
    thread = t.threading.Thread(target=go.wait)
    t.false(thread in t.threading.enumerate())
    thread.start()
    t.true(thread in t.threading.enumerate())
    t.true(t.threading.main_thread() in t.threading.enumerate())
    t.equal(t.threading.active_count(), before + 1)
    go.set()
    finish(thread)
    t.false(thread in t.threading.enumerate())
    t.equal(t.threading.active_count(), before)


def case_enumerate_inside(t):
    got = []
    thread = t.threading.Thread(target=lambda: got.append(thread in t.threading.enumerate()))
    thread.start()
    finish(thread)
    t.equal(got, [True])


def case_start_twice(t):
    thread = t.threading.Thread()
    thread.start()
    t.raises(RuntimeError, thread.start)
    finish(thread)
    t.raises(RuntimeError, thread.start)


def case_join_twice(t):
    thread = t.threading.Thread()
    thread.start()
    thread.join()
    thread.join()
    thread.join(0)
    t.false(thread.is_alive())


def case_join_before_start(t):
    t.raises(RuntimeError, t.threading.Thread().join)


def case_join_oneself(t):
    got = []
    thread = t.threading.Thread(
        target=lambda: got.append(t.raises(RuntimeError, t.threading.current_thread().join))
    )
    thread.start()
    finish(thread)
    t.equal(len(got), 1)


def case_join_timeout(t):
    go = t.threading.Event()
    thread = t.threading.Thread(target=go.wait)
    thread.start()
    t.same(t.takes(0.05, thread.join, 0.05), None)
    t.takes(0.05, thread.join, timeout=0.05)
    thread.join(0)
    thread.join(-1)
    t.true(thread.is_alive())
    go.set()
    t.same(thread.join(20), None)
    t.false(thread.is_alive())


def case_join_by_many(t):
    go = t.threading.Event()
    thread = t.threading.Thread(target=go.wait)
    thread.start()
    alive = [None] * 4

    def join(number):
        thread.join(None if number % 2 else 20)
        alive[number] = thread.is_alive()

    with t.start(4, join):
        go.set()
    t.equal(alive, [False] * 4)
    finish(thread)


def case_join_sees_what_was_written(t):
    written = []
    thread = t.threading.Thread(target=lambda: written.extend(range(100)))
    thread.start()
    thread.join()
    t.equal(written, list(range(100)))


def case_thread_starts_threads(t):
    got = []
    lock = t.threading.Lock()

    def leaf(number):
        with lock:
            got.append(number)

    def branch(number):
        with t.start(3, lambda leaf_number: leaf(10 * number + leaf_number)):
            pass

    with t.start(3, branch):
        pass
    t.equal(sorted(got), [0, 1, 2, 10, 11, 12, 20, 21, 22])


def case_one_after_the_other(t):
    ran = []
    for number in range(100):
        thread = t.threading.Thread(target=ran.append, args=(number,))
        thread.start()
        thread.join()
    t.equal(ran, list(range(100)))


def case_subclass_without_init(t):
    class Forgetful(t.threading.Thread):
        def __init__(self):
            pass

    t.raises(RuntimeError, Forgetful().start)


def case_hook_gets_the_exception(t):
    got = []
    usual = t.threading.excepthook

    def hook(args):
        got.append((args.exc_type, str(args.exc_value), args.thread))

    def fail():
        raise ValueError("in a thread")

    thread = t.threading.Thread(target=fail)
    t.threading.excepthook = hook
    try:
        thread.start()
        finish(thread)
    finally:
        t.threading.excepthook = usual
    t.equal(got, [(ValueError, "in a thread", thread)])


def case_system_exit_ends_only_the_thread(t):
    def leave():
        raise SystemExit(3)

    thread = t.threading.Thread(target=leave)
    thread.start()
    finish(thread)
    t.false(thread.is_alive())
