# Both threads store to the same keys, which both take out too. A value tells its key.
ROUNDS = 150
KEYS = (1, 7, 13)
shared = {}
for i in range(5):
    shared[i] = 0
for i in range(5):
    del shared[i]


class C:
    pass


instance = C()


def work(t):
    for i in range(ROUNDS):
        for k in KEYS:
            shared[k] = k * 1000 + t
            v = shared.get(k)
            check(v is None or v // 1000 == k, (k, v))
            shared[k] = k * 1000 + 2 + t
            v = shared.get(k)
            check(v is None or v // 1000 == k, (k, v))
            shared.pop(k, None)


share(work, 2)
for k, v in shared.items():
    check(v // 1000 == k, ("left", k, v))
