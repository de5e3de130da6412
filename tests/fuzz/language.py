"""Pieces of random programs: threads that share names, objects, code and memory, and none at all.

As in containers.py, what each thread finds is known, whatever the others do.
"""

from __future__ import annotations

from random import Random

from containers import Piece, choose


def attributes(name: str, random: Random) -> Piece:
    """An instance, a class or a module whose attributes come and go, and stay."""
    holder = random.choice(["C()", "C", "C()", "sys.modules['gc']"])
    if "modules" in holder:
        holder = "C()"  # a module's in ROM takes none
    count = random.choice([2, 6])
    pick = f"j = (r + {random.randrange(9)}) % {count}\nk = 'a%d_%d' % (t, j)\n"
    operations = [
        ("set", pick + "setattr(O, k, (j, r))\nown.model[j] = (j, r)"),
        ("get", pick + "check(getattr(O, k, None) == own.model.get(j), 'NAME: get')"),
        ("has", pick + "check(hasattr(O, k) == (j in own.model), 'NAME: has')"),
        ("delete", pick + "if own.model.pop(j, None):\n    delattr(O, k)"),
        (
            "delete nothing",
            pick + "if j not in own.model:\n    try:\n        delattr(O, k)\n"
            "        check(False, 'NAME: deleted')\n    except AttributeError:\n        pass",
        ),
        ("one that stays", "check(O.stays == 'stays' and O.also == 2, 'NAME: stays')"),
        ("set one of all", "O.last = t\ncheck(0 <= O.last < THREADS, 'NAME: last')"),
        ("method", "check(C.method(own) is own, 'NAME: method')"),
    ]
    check = (
        "for t, own in enumerate(owns):\n    for j in own.model:\n"
        "        check(getattr(O, 'a%d_%d' % (t, j)) == own.model[j], 'NAME: left')\n"
        "print('NAME', sum(len(own.model) for own in owns))\n"
    )
    shared = (
        "class C:\n    stays, also, last = 'stays', 1, 0\n"
        "    def method(self):\n        return self\n"
        f"O = {holder}\nO.also = 2"
    )
    return Piece(shared, choose(random, operations, 3, 8), check)


def names(name: str, random: Random) -> Piece:
    """Globals that come and go beside those that stay."""
    pick = f"j = (r + {random.randrange(9)}) % {random.choice([2, 6])}\nk = 'NAME_%d_%d' % (t, j)\n"
    operations = [
        ("set", pick + "globals()[k] = own.model[j] = (j, r)"),
        ("get", pick + "check(globals().get(k) == own.model.get(j), 'NAME: get')"),
        ("delete", pick + "if own.model.pop(j, None):\n    del globals()[k]"),
        ("stays", "check(NAME_stays == 'stays' and len([THREADS]) == 1, 'NAME: stays')"),
        (
            "exec",
            pick + "exec('%s = (%d, %d)' % (k, j, r), globals())\nown.model[j] = (j, r)",
        ),
        ("eval", pick + "if j in own.model:\n    check(eval(k) == own.model[j], 'NAME: eval')"),
        (
            "no name",
            "try:\n    NAME_never\n    check(False, 'NAME: found')\nexcept NameError:\n    pass",
        ),
    ]
    check = (
        "for t, own in enumerate(owns):\n    for j in own.model:\n"
        "        check(globals().pop('NAME_%d_%d' % (t, j)) == own.model[j], 'NAME: left')\n"
        "print('NAME', sum(len(own.model) for own in owns))\n"
    )
    shared = "globals()['NAME_stays'] = 'stays'"
    return Piece(shared, choose(random, operations, 3, 7), check)


def generator(name: str, random: Random) -> Piece:
    """A generator that all threads want the next value of: each is given once."""
    inner = random.choice(["yield n", "yield from (n,)", "x = [n]\n        yield x[0]"])
    shared = f"def f():\n    n = 0\n    while True:\n        {inner}\n        n += 1\nG = f()"
    body = (
        f"for _ in range({random.randint(1, 4)}):\n    try:\n        own.got.append(next(G))\n"
        "    except ValueError:\n        pass"
    )
    check = (
        "x = sorted(x for own in owns for x in own.got)\n"
        "check(x == list(range(len(x))), 'NAME: not each once')\n"
        "for own in owns:\n    check(own.got == sorted(own.got), 'NAME: order')\n"
    )
    return Piece(shared, body, check)


def counter(name: str, random: Random) -> Piece:
    """A count that a lock guards, in one of the places where it may lie."""
    place, given = random.choice(
        [("N[0]", "N = [0]"), ("N['n']", "N = {'n': 0}"), ("N.n", "class N:\n    n = 0")]
    )
    kind = random.choice(["_thread.allocate_lock()", "threading.Lock()", "threading.RLock()"])
    imported = "import threading\n" if "threading" in kind else ""
    body = random.choice(
        [
            f"with lock:\n    {place} += 1\nown.n += 1",
            f"lock.acquire()\ntry:\n    x = {place}\n    {place} = x + 1\nfinally:\n"
            "    lock.release()\nown.n += 1",
            f"try:\n    with lock:\n        {place} += 1\n        raise KeyError(r)\n"
            "except KeyError:\n    own.n += 1",
        ]
    )
    check = f"check({place} == sum(own.n for own in owns), 'NAME: lost')\nprint('NAME', {place})\n"
    return Piece(f"{imported}lock = {kind}\n{given}", body, check)


def exceptions(name: str, random: Random) -> Piece:
    """Exceptions that go through frames, C code and each other; one object that all raise."""
    operations = [
        ("own", "try:\n    deep(r % 5, KeyError(t, r))\nexcept KeyError as e:\n"
         "    check(e.args == (t, r), 'NAME: own')"),
        ("shared", "try:\n    deep(r % 4, shared)\nexcept ValueError as e:\n"
         "    check(e is shared and e.args == ('all',), 'NAME: shared')"),
        ("through C", "try:\n    sorted([3, 1, 2], key=lambda x: deep(x, OSError(t)))\n"
         "except OSError as e:\n    check(e.args[0] == t, 'NAME: through C')"),
        ("through map", "try:\n    list(map(lambda x: 1 // x, [1, r * 0]))\n"
         "except ZeroDivisionError:\n    own.n += 1"),
        ("finally", "x = []\ntry:\n    try:\n        x.append([][t])\n    finally:\n"
         "        x.append(r)\nexcept IndexError:\n    check(x == [r], 'NAME: finally')"),
        ("again", "try:\n    try:\n        {}[t]\n    except KeyError:\n        raise OSError(r)\n"
         "except OSError as e:\n    check(e.args[0] == r, 'NAME: again')"),
        ("generator", "def f():\n    try:\n        yield 1\n    finally:\n        own.n += 1\n"
         "g = f()\nnext(g)\ntry:\n    g.throw(KeyError(t))\nexcept KeyError as e:\n"
         "    check(e.args == (t,), 'NAME: thrown')"),
        ("recursion", "def f(x):\n    return f(x + 1)\n"
         "if r == 0:\n    try:\n        f(0)\n        check(False, 'NAME: depth')\n"
         "    except RuntimeError:\n        own.n += 1"),
    ]  # fmt: skip
    shared = (
        "shared = ValueError('all')\n"
        "def deep(n, error):\n    if n:\n        return deep(n - 1, error)\n    raise error"
    )
    check = "print('NAME', sum(own.n for own in owns))\n"
    return Piece(shared, choose(random, operations, 2, 6), check)


def classes(name: str, random: Random) -> Piece:
    """Instances of classes with bases, properties, super() and methods that come and go."""
    operations = [
        ("make", "x = N(t)\ncheck(x.first() == ('A', t, 'N') and x.v == t, 'NAME: N')"),
        ("property", "check(N(r).p == r + 1, 'NAME: p')"),
        ("second", "x = M(r)\ncheck(x.second() == ('B', r) and x.x == 'A', 'NAME: M')"),
        ("missing", "try:\n    M(t).missing\n    check(False, 'NAME: missing')\n"
         "except AttributeError:\n    pass"),
        ("new method", "setattr(A, 'new%d' % t, lambda self: (t, r))\n"
         "check(getattr(M(0), 'new%d' % t)() == (t, r), 'NAME: new')"),
        ("new class", "x = type('T', (N,), {'x': r})\ncheck(x(t).x + x(t).v == r + t, 'NAME: T')"),
        ("bound", "x = M(t).second\ncheck(x() == ('B', t), 'NAME: bound')"),
        ("getattr", "check(D(t).whatever == ('whatever', t), 'NAME: getattr')"),
        ("operator", "x = M(t) + M(r)\ncheck(x.v == t + r, 'NAME: add')"),
        ("is", "check(isinstance(N(0), A) and not isinstance(M(0), N), 'NAME: is')"),
    ]  # fmt: skip
    shared = (
        "class A:\n    x = 'A'\n    def __init__(self, v):\n        self.v = v\n"
        "    def first(self):\n        return ('A', self.v)\n"
        "    def __add__(self, other):\n        return M(self.v + other.v)\n"
        "class B:\n    x = 'B'\n    def second(self):\n        return ('B', self.v)\n"
        "class M(A, B):\n    pass\n"
        "class N(B, A):\n    @property\n    def p(self):\n        return self.v + 1\n"
        "    def first(self):\n        return super().first() + ('N',)\n"
        "class D:\n    def __init__(self, v):\n        self.v = v\n"
        "    def __getattr__(self, name):\n        return (name, self.v)"
    )
    return Piece(shared, choose(random, operations, 3, 8), "print('NAME')\n")


def garbage(name: str, random: Random) -> Piece:
    """Memory that comes and goes, while somebody collects it."""
    operations = [
        ("tree", "x = [[(t, i, [r] * i) for i in range(6)] for _ in range(4)]\n"
         "check(all(y[2] == [r] * y[1] and y[0] == t for z in x for y in z), 'NAME: tree')"),
        ("ring", "x = [t]\nx.append(x)\ncheck(x[1][1][0] == t, 'NAME: ring')"),
        ("bytes", "x = bytearray(bytes([t]) * (r * 16 + 100))\n"
         "check(x.count(bytes([t])) == len(x), 'NAME: bytes')"),
        ("kept", "own.got.append((t, [r, str(r)]))\n"
         "check(all(x[0] == t and str(x[1][0]) == x[1][1] for x in own.got), 'NAME: kept')"),
        ("dropped", "own.got.clear()"),
        ("collect", "if r % 4 == t % 4:\n    gc.collect()"),
        ("floats", "x = [i * 0.5 for i in range(20)]\ncheck(sum(x) == 95.0, 'NAME: floats')"),
        ("text", "x = ''.join(chr(65 + i) + str(t) for i in range(9))\n"
         "check(x[0:18:1].replace(str(t), '') == 'ABCDEFGHI', 'NAME: text')"),
        ("big", "x = (1 << 70) + r\ncheck(x * x % (1 << 64) == r * r, 'NAME: big')"),
        ("closure", "f = [lambda y, x=x: x + y + t for x in range(4)]\n"
         "check([g(r) for g in f] == [x + r + t for x in range(4)], 'NAME: closure')"),
    ]  # fmt: skip
    return Piece("gc.collect()", choose(random, operations, 3, 8), "gc.collect()\nprint('NAME')\n")


def closures(name: str, random: Random) -> Piece:
    """Variables of a function that its inner functions change, each in one thread."""
    body = (
        "if r == 0:\n"
        "    def counting(n=0):\n"
        "        def f(by):\n            nonlocal n\n            n += by\n            return n\n"
        "        return f\n"
        "    own.got.append(counting())\n"
        "x = own.got[0](t)\ncheck(x == (r + 1) * t, 'NAME: counted')"
    )
    return Piece("", body, "print('NAME', sum(own.got[0](0) for own in owns))\n")


def alone(name: str, random: Random) -> Piece:
    """What each thread does for itself: its result is CPython's."""
    a, b, m = random.randint(2, 999), random.randint(1, 999), random.randint(3, 99991)
    operations = [
        ("numbers", f"own.n = (own.n * {a} + {b} + r) % {m}"),
        ("sort", f"x = [(i * {a} + r) % {m} for i in range(12)]\nx.sort(key=lambda y: -y)\n"
         "own.n += x[0] - x[-1]"),
        ("format", f"own.n += len('%d %s %r' % (own.n, {a}, [r, '{b}']))"),
        ("split", "own.n += sum(map(int, ('%d,' * 5 % (1, 2, r, 4, t)).strip(',').split(',')))"),
        ("dict", f"x = {{i: i * {a} for i in range(r % 9)}}\nown.n += sum(x.values())"),
        ("big", f"own.n = (own.n + {a} ** {b % 20 + 20} + r) % (10 ** 9)"),
        ("slices", "x = list(range(r % 7 + 3))\nx[1:2] = [t, t]\nown.n += sum(x[::-1][:3])"),
        ("generator", f"own.n += sum(i * i % {b} for i in range(r % 11))"),
        ("float", f"own.n += int((r + 0.5) * {a} / 4)"),
        ("bytes", "own.n += sum(bytes([r & 255, t]) + b'ab')"),
        ("compile", "x = {}\nexec('y = %d * 3' % r, x)\nown.n += x['y']"),
        ("min", f"own.n += min([r, {a}, t]) + max(r, {b})"),
        ("import", "import struct\nown.n += len(struct.pack('<IH', r, t))"),
        ("json", "import json\nown.n += len(json.dumps({'r': [r, t, None]}))"),
    ]  # fmt: skip
    return Piece("", choose(random, operations, 4, 12), "print('NAME', [own.n for own in owns])\n")


def starters(name: str, random: Random) -> Piece:
    """Threads that start threads, which change something of all, and end."""
    body = (
        f"if r % {random.choice([2, 3, 5])} == 0:\n"
        "    lock = _thread.allocate_lock()\n    lock.acquire()\n"
        "    def work(n):\n        L.append((t, n))\n        own.model[n] = [n]\n"
        "        lock.release()\n"
        "    _thread.start_new_thread(work, (r,))\n    own.n += 1\n"
        "    lock.acquire()\n    check(own.model[r] == [r], 'NAME: done')"
    )
    check = (
        "x = [(t, n) for t, own in enumerate(owns) for n in own.model]\n"
        "check(sorted(L) == sorted(x), 'NAME: lost')\n"
        "print('NAME', len(L))\n"
    )
    return Piece("L = []", body, check)


LANGUAGE = (
    attributes,
    attributes,
    names,
    generator,
    counter,
    exceptions,
    classes,
    garbage,
    garbage,
    closures,
    alone,
    alone,
    starters,
)
