"""Pieces of random programs: threads that share files, modules, and memory that runs out.

As in containers.py, what each thread finds is known, whatever the others do.
"""

from __future__ import annotations

from random import Random

from containers import Piece, choose


def files(name: str, random: Random) -> Piece:
    """A file of each thread's own, and one to which all append."""
    own = "k = 'NAME_%d' % t\n"
    text = f"'%d:%d,' % (t, r) * {random.choice([1, 9, 200])}"
    operations = [
        ("write", own + f"x = {text}\nwith open(k, 'w') as f:\n    f.write(x)\nown.model[0] = x"),
        ("append", own + "with open(k, 'a') as f:\n    f.write('+')\n"
         "own.model[0] = own.model.get(0, '') + '+'"),
        ("read", own + "if 0 in own.model:\n    with open(k) as f:\n"
         "        check(f.read() == own.model[0], 'NAME: read')"),
        ("bytes", own + "if 0 in own.model:\n    with open(k, 'rb') as f:\n        f.seek(1)\n"
         "        check(f.read() == own.model[0][1:].encode(), 'NAME: bytes')"),
        ("remove", own + "if own.model.pop(0, None) is not None:\n    os.remove(k)"),
        ("missing", "try:\n    open('NAME_none')\n    check(False, 'NAME: found')\n"
         "except OSError:\n    pass"),
        ("one of all", "with lock:\n    with open(shared, 'a') as f:\n"
         "        f.write('%d %d\\n' % (t, own.n))\n    own.n += 1"),
    ]  # fmt: skip
    check = (
        "for t, own in enumerate(owns):\n    if 0 in own.model:\n"
        "        with open('NAME_%d' % t) as f:\n"
        "            check(f.read() == own.model[0], 'NAME: left')\n"
        "        os.remove('NAME_%d' % t)\n"
        "with open(shared) as f:\n    x = [tuple(map(int, line.split())) for line in f]\n"
        "os.remove(shared)\n"
        "check(sorted(x) == [(t, n) for t, own in enumerate(owns) for n in range(own.n)],"
        " 'NAME: lines')\n"
        "in_order(((t, n + 1) for t, n in x), 'NAME')\nprint('NAME', len(x))\n"
    )
    shared = (
        "import os\nlock, shared = _thread.allocate_lock(), 'NAME_all'\nopen(shared, 'w').close()"
    )
    return Piece(shared, choose(random, operations, 2, 6), check)


def imports(name: str, random: Random) -> Piece:
    """A module that all threads import at once: it runs once, and nobody sees a half of it."""
    line = "x = [i for i in range(30)]\\n" * random.choice([1, 5])
    what = random.choice(["import NAME_m as m\n", "from NAME_m import x as y, m\n"])
    body = f"{what}check(m.last == 29, 'NAME: half of it')\nown.n += 1"
    if "from" in what:
        line = "import sys\\nm = sys.modules[__name__]\\n" + line
    shared = (
        "L = sys.modules['NAME_s'] = []\nif '' not in sys.path:\n    sys.path.insert(0, '')\n"
        "with open('NAME_m.py', 'w') as f:\n"
        f"    f.write('import NAME_s\\nNAME_s.append(1)\\n{line}last = x[-1]\\n')\n"
        "getattr(sys, 'path_importer_cache', {}).clear()"
    )
    check = (
        "import os\nos.remove('NAME_m.py')\ncheck(L == [1], 'NAME: ran %d times' % len(L))\n"
        "del sys.modules['NAME_m'], sys.modules['NAME_s']\n"
        "print('NAME', sum(own.n for own in owns))\n"
    )
    return Piece(shared, body, check)


def memory(name: str, random: Random) -> Piece:
    """Memory that runs out, on a board, in any allocation: what is there stays whole."""
    size = random.choice([100, 2000, 30000])
    pick = f"j = (r + {random.randrange(9)}) % 6\nk = 'k%d_%d' % (t, j)\n"
    operations = [
        ("fill", f"for n in range({400000 // size}):\n    x.append((t, n, bytearray({size})))"),
        ("list", f"for n in range({random.choice([50, 3000])}):\n    x.append((t, n))"),
        ("set", pick + "D[k] = (j, r)"),
        ("delete", pick + "D.pop(k, None)"),
        ("append", "L.append((t, r))"),
        ("class", "class M:\n    def f(self):\n        return [t]\nx.append((M().f()[0], len(x)))"),
        ("text", f"k = ''.join(['%d' % t] * {size})\ncheck(k[-1] == '%d' % t, 'NAME: text')"),
        ("raise", "try:\n    raise KeyError(t, r)\nexcept KeyError as e:\n"
         "    check(e.args in ((t, r), ()), 'NAME: raised')"),
    ]  # fmt: skip
    lines = choose(random, operations, 2, 5).replace("\n", "\n    ")
    body = (
        "if r == 0:\n    B.append(t)\n    while len(B) < THREADS:\n        pass\n"
        "if r % 8 > 1:\n    return  # the rest takes long\n"
        f"x = []\ntry:\n    {lines}\nexcept MemoryError:\n    pass\n"
        "try:\n    for y in x:\n        if y[0] != t:\n            wrong.append('NAME: kept')\n"
        "except MemoryError:\n    pass\nx = None"
    )
    check = (
        "gc.collect()\n"
        "for k in list(D):\n    check(k == 'k%s_%d' % (k[1:].split('_')[0], D[k][0]), 'NAME: D')\n"
        "whole(D, 'NAME')\ncheck(all(0 <= t < THREADS for t, _ in L), 'NAME: L')\n"
        "print('NAME')\n"
    )
    shared = (
        "D, L, B = {}, [], []\nif hasattr(gc, 'threshold'):\n"
        "    gc.threshold(200000)  # so much garbage would be collected all the time"
    )
    return Piece(shared, body, check, may_raise="MemoryError")


RESOURCES = (files, imports)
WITHOUT_MEMORY = (memory,)
"""What has a phase of its own: others would find no memory either."""
