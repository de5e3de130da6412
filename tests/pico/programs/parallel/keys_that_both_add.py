# Both threads add keys, which meet in the same places, to dicts that grow. None is lost, none is twice.
ROUNDS, MANY = 60, 24
current = {}


def work(t):
    global current
    for r in range(1, ROUNDS + 1):
        if t == 0:
            current = {}
        meet(t, 2 * r - 1)
        d = current
        for i in range(MANY):
            k = (2 * i + t) * 12
            d[k] = k
            check(d.get(k) == k, ("added", k))
        meet(t, 2 * r)
        check(len(d) == 2 * MANY, ("length", len(d)))
        check(sum(d.keys()) == 12 * (2 * MANY) * (2 * MANY - 1) // 2, "keys")
        check(all(d.get(12 * k) == 12 * k for k in range(2 * MANY)), "values")


share(work, 2)
