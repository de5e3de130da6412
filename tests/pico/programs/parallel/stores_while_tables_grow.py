# One thread stores to its own keys while the other's make the tables grow. No store is lost, nor a key.
ROUNDS = 80


class C:
    pass


current = ({}, C())


def work(t):
    global current
    for r in range(1, ROUNDS + 1):
        if t == 0:
            current = ({"own": -1}, C())
            current[1].own = -1
        meet(t, 2 * r - 1)
        d, o = current
        if t == 0:
            for i in range(20):
                d[i] = i
                setattr(o, "a%d" % i, i)
        else:
            for i in range(30):
                d["own"] = i
                check("own" in d and d.get("own") == i, ("item", r, i))
                o.own = i
                check(o.own == i, ("attribute", r, i))
        meet(t, 2 * r)
        check(len(d) == 21 and d["own"] == 29 and o.own == 29, ("end", r))
        check(all(d[i] == i and getattr(o, "a%d" % i) == i for i in range(20)), ("keys", r))


share(work, 2)
