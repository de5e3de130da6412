# One place of a dict is now one key's and now another's. A value tells its key.
ROUNDS = 300
KEYS = (1, 7, 13)  # all at place 1 of six
beside, alone = {}, {}  # with a key at place 2, and without
for d in (beside, alone):
    for i in range(5):
        d[i] = i * 1000
    for i in (4, 3, 2, 1, 0):
        del d[i]
beside[2] = 2000


stop = False


def change(d):
    d[1] = 1000
    d[1] = 1000
    d[1] = 1000
    del d[1]
    d.setdefault(7, 7000)
    d[7] = 7000
    d[7] = 7000
    del d[7]
    d[13] = 13000
    d[13] = 13000
    d[13] = 13000
    del d[13]


def look(d):
    for k in KEYS:
        v = d.get(k)
        if v is not None and v // 1000 != k:
            check(False, ("get", k, v))
        try:
            v = d[k]
            if v // 1000 != k:
                check(False, ("item", k, v))
        except KeyError:
            pass


def work(t):
    global stop
    if t == 0:
        while not stop:
            look(beside)
            look(alone)
        return
    for i in range(ROUNDS):
        change(beside)
        change(alone)
    stop = True


share(work, 2)
