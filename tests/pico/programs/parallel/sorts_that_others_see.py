# A list that is sorted is empty for others, with keys in Python that let them in.
ROUNDS = 24
many = [(i * 7919) % 97 for i in range(24)]
given = tuple(many)
changed = [5, 3, 8, 1]


def adds(item):
    changed.append(item)
    return item


try:
    changed.sort(key=adds)
    check(False, "not noticed")
except ValueError:
    check(sorted(changed) == [1, 3, 5, 8], changed)


def work(t):
    for r in range(ROUNDS):
        own = list(given)
        own.sort(key=lambda item: item)
        check(own == sorted(given), "own")
        if t == 0:
            many.sort(key=lambda item: -item)
        else:
            for i in range(60):
                check(len(many[:]) in (0, 24), "seen")


share(work, 2)
check(sorted(many) == sorted(given), "left")
