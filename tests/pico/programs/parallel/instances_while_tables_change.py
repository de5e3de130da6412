# Instances of classes are made, and methods called, while other tables change.
ROUNDS = 150


class A:
    def __init__(self, v):
        self.v = v

    def get(self):
        return self.v


class B(A):
    def more(self):
        return self.v + 1


def work(t):
    d = {}
    for i in range(ROUNDS):
        if t == 0:
            for k in range(6):
                d[k] = k
            for k in range(6):
                del d[k]
            d.clear()
        else:
            for k in range(3):
                a, b = A(k), B(k)
                check(a.get() == k and b.get() == k and b.more() == k + 1, ("instance", k))


share(work, 2)
