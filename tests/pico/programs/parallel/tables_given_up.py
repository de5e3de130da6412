# Tables are given up, and their memory becomes lists that look like tables with other values.
ROUNDS = 200
shared = {}


def work(t):
    for i in range(ROUNDS):
        if t == 1:
            for k in range(4):
                v = shared.get(k)
                check(v is None or v == 7, ("get", k, v))
                try:
                    check(shared[k] == 7, ("item", k))
                except KeyError:
                    pass
            continue
        shared.clear()
        kept = [[0, 666, 1, 666, 2, 666, 3, 666, 4, 666, 5, 666] for _ in range(4)]
        for k in range(6):
            shared[k] = 7
            kept.append([0, 666, 1, 666])
            kept.append([0, 666, 1, 666, 2, 666, 3, 666])
        check(all(x[1] == 666 for x in kept), "kept")


share(work, 2)
