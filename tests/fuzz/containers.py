"""Pieces of random programs: threads that share one container.

A piece is the text of a function `NAME(t, r, own)`, which thread t calls in its round r, of what it
shares, and of a check for when all threads have ended. Each result must be one that some order of
the single operations explains. To see that cheaply, each thread puts in items that nobody else
does, or has keys of its own, for which it knows what it must find.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Piece:
    """A part of a program: each is the text of some lines, `body` those of a function."""

    shared: str
    body: str
    check: str
    may_raise: str = ""  # what a call may raise, and nothing else is wrong then


Operation = tuple[str, str]  # its kind, its lines
TAKE = "try:\n    own.got.append({take})\nexcept {error}:\n    pass"
ITEMS = {
    "int": ("lambda t, n: t * 10000 + n", "lambda item: (item // 10000, item % 10000)"),
    "tuple": ("lambda t, n: (t, n)", "lambda item: item"),
    "str": ("lambda t, n: '%d:%d' % (t, n)", "lambda item: tuple(map(int, item.split(':')))"),
}
"""What makes the item n of thread t, and what finds the two out again."""
HASHED = {**ITEMS, "object": ("Key", "lambda item: (item.t, item.j)")}
"""The same for what is hashed: also of a class of Python's."""

KEYS = {
    "int": "lambda t, j: t * 100 + j",
    "str": "lambda t, j: 'k%d_%d' % (t, j)",
    "tuple": "lambda t, j: (t, 'k', j)",
    "float": "lambda t, j: t + j / 32",
    "object": "Key",
    "mixed": "lambda t, j: (t * 100 + j, 'k%d_%d' % (t, j), (t, j), Key(t, j))[j & 3]",
}
"""What makes the key j of thread t."""


def choose(random: Random, operations: Sequence[Operation], least: int, most: int) -> str:
    """Return the lines of some operations, in a random order, each kind maybe several times."""
    return "\n".join(random.choice(operations)[1] for _ in range(random.randint(least, most)))


def take(expression: str, error: str) -> str:
    """Return the lines that take an item out, if there is one."""
    return TAKE.format(take=expression, error=error)


def list_of_items(name: str, random: Random) -> Piece:
    """A list that items come into and go out of, at any place."""
    make, back = ITEMS[random.choice(list(ITEMS))]
    adds = [
        ("append", "L.append(own.new())"),
        ("extend", "L.extend([own.new(), own.new()])"),
        ("iadd", "x = L\nx += [own.new()]"),
        ("extend from an iterator", "L.extend(own.new() for _ in range(2))"),
    ]
    queue = random.random() < 0.4
    takes = [("pop first", take("L.pop(0)", "IndexError"))]
    if not queue:
        adds += [
            ("insert", "L.insert(0, own.new())"),
            ("insert inside", "L.insert(len(L) // 2, own.new())"),
            ("slice", "L[0:0] = [own.new(), own.new()]"),
        ]
        takes += [
            ("pop", take("L.pop()", "IndexError")),
            ("pop inside", take("L.pop(len(L) // 2)", "IndexError")),
            (
                "remove",
                "x = own.new()\nL.append(x)\ntry:\n    L.remove(x)\n    own.got.append(x)\n"
                "except ValueError:\n    pass",
            ),
        ]
    looks = [
        ("copy", "x = L[:]\ncheck(len(set(x)) == len(x), 'NAME: twice in a copy')"),
        ("list", "x = list(L)\ncheck(len(set(x)) == len(x), 'NAME: twice in a list')"),
        ("iterate", "for x in L:\n    check(back(x)[0] < THREADS, 'NAME: item')"),
        ("text", "check(str(L)[0] == '[', 'NAME: text')"),
        ("in", "check((own.build(t, 0) in L) is False, 'NAME: in')"),
        ("count", "check(L.count(own.build(t, 0)) == 0, 'NAME: count')"),
        ("equal", "check(L != [own], 'NAME: equal')"),
        (
            "last",
            "try:\n    check(back(L[-1])[0] < THREADS, 'NAME: last')\nexcept IndexError:\n    pass",
        ),
    ]
    body = choose(random, adds + takes + looks, 3, 10)
    order = "for own in owns:\n    in_order(map(back, own.got), 'NAME: taken')\n"
    check = "each_once(L, owns, 'NAME')\nwhole(L, 'NAME')\n"
    if queue:
        check += order + "in_order(map(back, L), 'NAME: left')\n"
    shared = f"L, make, back = [], {make}, {back}"
    return Piece(shared, body, check)


def deque_of_items(name: str, random: Random) -> Piece:
    """A queue: each consumer has each producer's items in the order that they came in."""
    make, back = ITEMS[random.choice(list(ITEMS))]
    operations = [
        ("append", "D.append(own.new())"),
        ("append two", "D.append(own.new())\nD.append(own.new())"),
        ("popleft", take("D.popleft()", "IndexError")),
        ("length", "check(0 <= len(D) <= MOST, 'NAME: length')"),
        ("true", "check(bool(D) in (False, True), 'NAME: true')"),
    ]
    check = (
        "each_once(D, owns, 'NAME')\n"
        "for own in owns:\n    in_order(map(back, own.got), 'NAME: taken')\n"
        "in_order(map(back, D), 'NAME: left')\n"
    )
    shared = f"D, make, back = deque((), MOST), {make}, {back}"
    return Piece(shared, choose(random, operations, 3, 8), check)


def dict_of_keys(name: str, random: Random) -> Piece:
    """A dict in which each thread has keys of its own, and knows what is there."""
    of_keys = random.choice(list(KEYS))
    key = KEYS[of_keys]
    kind = random.choice(["{}", "{}", "OrderedDict()"])
    count = random.choice([3, 8, 20])
    pick = (
        f"j = (r * {random.choice([1, 3, 7])} + {random.randrange(20)}) % {count}\nk = key(t, j)\n"
    )
    know = "check(D.get(k) == own.model.get(j), 'NAME: get')\n"
    operations = [
        ("set", pick + "D[k] = own.model[j] = (j, r)\n" + know),
        ("set again", pick + "D[k] = own.model[j] = (j, -r)\n" + know),
        ("get", pick + know),
        ("item", pick + "if j in own.model:\n    check(D[k] == own.model[j], 'NAME: item')"),
        ("in", pick + "check((k in D) == (j in own.model), 'NAME: in')"),
        (
            "missing",
            pick + "try:\n    x = D[k]\nexcept KeyError:\n    x = None\n"
            "check(x == own.model.get(j), 'NAME: missing')",
        ),
        ("pop", pick + "check(D.pop(k, None) == own.model.pop(j, None), 'NAME: pop')\n" + know),
        ("delete", pick + "if j in own.model:\n    del D[k], own.model[j]\n" + know),
        (
            "setdefault",
            pick + "x = own.model.setdefault(j, (j, r))\n"
            "check(D.setdefault(k, (j, r)) == x, 'NAME: setdefault')",
        ),
        ("update", pick + "own.model[j] = (j, r)\nD.update({k: (j, r)})\n" + know),
        ("comprehension", pick + "D.update({key(t, x): own.model[x] for x in own.model})\n" + know),
        (
            "copy",
            "x = D.copy()\n"
            "check(all(x.get(key(t, j)) == own.model[j] for j in own.model), 'NAME: copy')",
        ),
        ("items", "for k, x in list(D.items()):\n    check(len(x) == 2, 'NAME: items')"),
        (
            "iterate",
            "try:\n    for k in D:\n        check(k != 'no key', 'NAME: key')\n"
            "except RuntimeError:\n    pass",
        ),
        ("length", "check(len(D) >= len(own.model), 'NAME: length')"),
    ]
    if of_keys in ("object", "mixed") or kind != "{}":
        # CPython may raise RuntimeError in these: a comparison in Python lets others in.
        refused = {"update", "comprehension", "copy"}
        operations = [operation for operation in operations if operation[0] not in refused]
    check = (
        "x = {key(t, j): own.model[j] for t, own in enumerate(owns) for j in own.model}\n"
        "check(dict(D) == x, 'NAME: left')\nwhole(D, 'NAME')\n"
        "print('NAME', len(D))\n"
    )
    return Piece(f"D, key = {kind}, {key}", choose(random, operations, 3, 10), check)


def dict_of_items(name: str, random: Random) -> Piece:
    """A dict from which each item is taken once, whoever takes it."""
    make, back = HASHED[random.choice(list(HASHED))]
    span = random.choice([4, 30])
    operations = [
        ("put", "x = own.new()\nD[x] = x"),
        ("put two", "for _ in range(2):\n    x = own.new()\n    D[x] = x"),
        ("popitem", take("D.popitem()[1]", "KeyError")),
        (
            "pop",
            f"for x in range({span}):\n    x = D.pop(make((t + x) % THREADS, own.n - x), None)\n"
            "    if x is not None:\n        own.got.append(x)",
        ),
        ("values", "x = list(D.values())\ncheck(len(set(x)) == len(x), 'NAME: twice')"),
        ("get", "x = make((t + 1) % THREADS, own.n)\ncheck(D.get(x, x) == x, 'NAME: get')"),
    ]
    check = "each_once(D.values(), owns, 'NAME')\nwhole(D, 'NAME')\n"
    shared = f"D, make, back = {{}}, {make}, {back}"
    return Piece(shared, choose(random, operations, 3, 8), check)


def dict_setdefault(name: str, random: Random) -> Piece:
    """Keys that all threads want to be the first to give a value to."""
    key = KEYS[random.choice(list(KEYS))]
    body = (
        f"for j in range({random.randint(1, 6)}):\n"
        "    own.got.append((r, j, D.setdefault(key(r, j), (t, r, j))))"
    )
    check = (
        "for own in owns:\n    for r, j, x in own.got:\n"
        "        check(D[key(r, j)] == x and x[1:] == (r, j), 'NAME: two are first')\n"
        "whole(D, 'NAME')\nprint('NAME', len(D))\n"
    )
    return Piece(f"D, key = {{}}, {key}", body, check)


def set_of_items(name: str, random: Random) -> Piece:
    """A set with elements of each thread's own, and others that are taken once."""
    make, back = HASHED[random.choice(list(HASHED))]
    key = KEYS[random.choice(list(KEYS))]
    element = f"j = (r + {random.randrange(9)}) % {random.choice([4, 12])}\nx = key(t, j)\n"
    operations = [
        ("add", element + "S.add(x)\nown.model[j] = 1\ncheck(x in S, 'NAME: added')"),
        ("discard", element + "S.discard(x)\nown.model.pop(j, 0)\ncheck(x not in S, 'NAME: gone')"),
        ("in", element + "check((x in S) == (j in own.model), 'NAME: in')"),
        (
            "remove",
            element + "try:\n    S.remove(x)\n    x = 1\nexcept KeyError:\n    x = 0\n"
            "check(x == own.model.pop(j, 0), 'NAME: remove')",
        ),
        ("put", "B.add(own.new())"),
        ("pop", take("B.pop()", "KeyError")),
        (
            "remove another's",
            "x = make((t + 1) % THREADS, own.n)\n"
            "try:\n    B.remove(x)\n    own.got.append(x)\nexcept KeyError:\n    pass",
        ),
        ("copy", "x = S.copy()\ncheck(all(key(t, j) in x for j in own.model), 'NAME: copy')"),
        ("union", "x = S | {1000}\ncheck(len(x) > len(own.model), 'NAME: union')"),
    ]
    check = (
        "each_once(B, owns, 'NAME')\nwhole(S, 'NAME')\nwhole(B, 'NAME')\n"
        "check(S == {key(t, j) for t, own in enumerate(owns) for j in own.model}, 'NAME: left')\n"
        "print('NAME', len(S))\n"
    )
    shared = f"S, B, make, back, key = set(), set(), {make}, {back}, {key}"
    return Piece(shared, choose(random, operations, 3, 9), check)


def bytes_that_change(name: str, random: Random) -> Piece:
    """A bytearray of which each thread has a place, and to which all append."""
    operations = [
        ("set", "B[t] = r & 255\ncheck(B[t] == r & 255, 'NAME: place')"),
        ("append", "B.append(t)\nown.n += 1"),
        ("extend", "B.extend(bytes([t, t]))\nown.n += 2"),
        ("iadd", "x = B\nx += bytes([t])\nown.n += 1"),
        ("slice", "check(len(B[:THREADS]) == THREADS, 'NAME: slice')"),
        (
            "copy",
            "x = bytes(B)\ncheck(len(x) >= own.n and max(x[THREADS:] or b'0') < 64, 'NAME: copy')",
        ),
        ("last", "check(B[-1] < 256, 'NAME: last')"),
    ]
    check = (
        "for t, own in enumerate(owns):\n"
        "    check(sum(x == t for x in B[THREADS:]) == own.n, 'NAME: lost')\n"
        "print('NAME', len(B))\n"
    )
    return Piece("B = bytearray(THREADS)", choose(random, operations, 3, 8), check)


CONTAINERS = (
    list_of_items,
    deque_of_items,
    dict_of_keys,
    dict_of_keys,
    dict_of_items,
    dict_setdefault,
    set_of_items,
    bytes_that_change,
)
