"""local: attributes that each thread has for itself. Every case is about `t.threading`."""


def case_each_thread_has_its_own(t):
    mine = t.threading.local()
    mine.number = "main"
    barrier = t.threading.Barrier(4)
    seen = [None] * 4

    def work(number):
        mine.number = number
        barrier.wait()
        seen[number] = mine.number

    with t.start(4, work):
        pass
    t.equal(seen, [0, 1, 2, 3])
    t.equal(mine.number, "main")


def case_not_seen_elsewhere(t):
    mine = t.threading.local()
    mine.value = 1
    with t.start(1, lambda number: t.raises(AttributeError, lambda: mine.value)):
        pass
    del mine.value
    t.raises(AttributeError, lambda: mine.value)


def case_gone_with_the_thread(t):
    mine = t.threading.local()
    left = []

    def work():
        left.append(hasattr(mine, "value"))
        mine.value = 1

    for _ in range(10):
        thread = t.threading.Thread(target=work)
        thread.start()
        thread.join(20)
    t.equal(left, [False] * 10)


def case_init_of_a_subclass_runs_in_each_thread(t):
    class Mine(t.threading.local):
        def __init__(self, start):
            self.numbers = [start]

    mine = Mine(5)
    mine.numbers.append(6)
    seen = [None] * 2

    def work(number):
        mine.numbers.append(number)
        seen[number] = mine.numbers

    with t.start(2, work):
        pass
    t.equal(seen, [[5, 0], [5, 1]])
    t.equal(mine.numbers, [5, 6])
