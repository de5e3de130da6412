# Exceptions that leave C code and bytecode in every order, beside C code that must not be let in on.
ROUNDS = 60
items, table, whole, fifty = [], {}, [], [7] * 50


class Bad:
    def __init__(self, v):
        self.v = v

    def __hash__(self):
        return 1

    def __eq__(self, other):
        raise ValueError(self.v)


def fails(x):
    raise KeyError(x)


def inner(x):
    try:
        return sorted([3, 1, 2], key=fails)
    except KeyError:
        return -x


def deep(n):
    try:
        if n:
            return deep(n - 1)
        return [1][2]
    finally:
        table["f%d" % n] = n


def work(t):
    for r in range(ROUNDS):
        own = [3, 1, 2]
        if t == 0:
            for i in range(12):
                whole.extend(iter(fifty))
                whole.clear()
        check(whole.count(7) % 50 == 0, "within")
        try:
            own.sort(key=fails)
            check(False, "sort")
        except KeyError:
            check(own == [3, 1, 2], "restored")
        check(sorted([3, 1, 2], key=inner) == [3, 2, 1], "key")
        try:
            d = {Bad(1): 1}
            d[Bad(2)] = 2
            check(False, "eq")
        except ValueError:
            pass
        try:
            deep(4)
            check(False, "deep")
        except IndexError:
            pass
        try:
            list(map(fails, own))
        except KeyError as error:
            check(error.args == (3,), "map")
        try:
            int("x")
        except ValueError:
            pass
        for i in range(8):
            items.append((t, i))
        for i in range(8):
            check(len(items.pop()) == 2, "items")
        s = "key%d" % (t * 1000 + r)
        table[s] = r
        check(table.pop(s) == r, "table")


share(work, 3)
check(not items, "left")
