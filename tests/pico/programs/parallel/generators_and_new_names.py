# Generators that both enter, and names that both make up at the same time.
ROUNDS = 60


def numbers(n):
    for i in range(n):
        yield i


class C:
    pass


shared, got, o = None, [[], []], C()


def work(t):
    global shared
    for r in range(1, ROUNDS + 1):
        if t == 0:
            shared = numbers(12)
        got[t] = []
        meet(t, 2 * r - 1)
        name = "made%d" % r
        setattr(o, name, r)
        check(getattr(o, name) == r and name in o.__dict__, ("name", name))
        ended = False
        while not ended:
            try:
                for i in shared:
                    got[t].append(i)
                ended = True
            except ValueError:
                pass
        meet(t, 2 * r)
        check(sorted(got[0] + got[1]) == list(range(12)), ("got", got))
        check(len(o.__dict__) == r, ("names", len(o.__dict__), r))


share(work, 2)
