# Keys whose __eq__ is Python's, so that a lookup lets others in, beside ints in the same places.
ROUNDS = 40


class K:
    def __init__(self, v):
        self.v = v

    def __hash__(self):
        return self.v

    def __eq__(self, other):
        return isinstance(other, K) and self.v == other.v


shared, elements, current = {}, set(), {}


def grow(t, r):
    global current
    if t == 0:
        current = {}
    meet(t, 2 * r - 1)
    for i in range(10):
        current[K(2 * i) if t == 0 else 2 * i + 1] = i
    meet(t, 2 * r)
    check(len(current) == 20 and all(current.get(2 * i + 1) == i for i in range(10)), "grown")


def work(t):
    for r in range(1, ROUNDS + 1):
        if r <= 12:
            grow(t, r)
        if t == 0:
            for v in (1, 7, 13):
                shared[K(v)] = v
                elements.add(K(v))
            for v in (1, 7, 13):
                check(shared.get(K(v)) == v and K(v) in elements, ("K", v))
            for v in (1, 7, 13):
                check(shared.pop(K(v), None) == v, ("pop K", v))
                elements.discard(K(v))
        else:
            for v in (1, 7, 13):
                shared[v] = -v
                check(shared.get(v) == -v, ("int", v))
                elements.add(v)
                check(v in elements, ("element", v))
            for v in (1, 7, 13):
                check(shared.pop(v, None) == -v, ("pop int", v))
                elements.discard(v)


share(work, 2)
print("left:", len(shared), len(elements))
check(not shared and not elements, "left")
