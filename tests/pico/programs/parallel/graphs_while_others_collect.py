# A thread moves objects between lists, without a new one, and others begin and end, while one collects.
ROUNDS, MANY = 12, 200
here, there = [[n, [n]] for n in range(MANY)], [None] * MANY


class Node:
    def __init__(self, n, following):
        self.n = n
        self.following = following


def move(source, target):
    for i in range(MANY):
        x = source[i]
        source[i] = None
        target[i] = x
        x = None


def chain():
    node = None
    for i in range(60):
        node = Node(i, node)
    for i in range(59, -1, -1):
        check(node.n == i, ("node", i))
        node = node.following


def work(t):
    for r in range(ROUNDS):
        if t == 0:
            for i in range(3):
                move(here, there)
                move(there, here)
            check(all(here[n][0] == n and here[n][1][0] == n for n in range(MANY)), "moved")
        elif t == 1:
            gc.collect()
            kept = [[666, 666] for i in range(60)]
            check(all(x == [666, 666] for x in kept), "kept")
        else:
            chain()


share(work, 3)
