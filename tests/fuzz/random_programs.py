"""Random programs of threads: `program(seed)` is the text of one, the same each time.

It runs on CPython and on every board. It looks at each result itself, and prints what was wrong;
what else it prints is what CPython prints. It is made of phases: in each, a few threads do in turn
what a few pieces (containers.py, language.py, resources.py) say, and then the main thread looks at
what is left.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from random import Random

from containers import CONTAINERS, Piece
from language import LANGUAGE
from resources import RESOURCES, WITHOUT_MEMORY

PIECES: tuple[Callable[[str, Random], Piece], ...] = (*CONTAINERS, *LANGUAGE, *RESOURCES)
OF_A_PIECE = re.compile(r"(?<![\w.'])(L|D|S|B|C|A|M|N|G|O|make|back|key|lock|shared|deep)\b(?!=\w)")

PRELUDE = """\
import _thread, gc, sys
from collections import OrderedDict, deque
if sys.platform == "rp2":
    _thread.stack_size(8192)
if hasattr(gc, "threshold"):
    gc.threshold(OFTEN)
wrong = []
def check(is_right, what):
    if not is_right and len(wrong) < 8:
        wrong.append(what)
class Own:
    def __init__(self, t, build):
        self.t, self.build, self.n, self.got, self.model = t, build, 0, [], {}
    def new(self):
        self.n += 1
        return self.build(self.t, self.n)
class Key:
    def __init__(self, t, j):
        self.t, self.j = t, j
    def __hash__(self):
        return self.j & 31
    def __eq__(self, other):
        return isinstance(other, Key) and self.t == other.t and self.j == other.j
    def __lt__(self, other):
        return (self.t, self.j) < (other.t, other.j)
def each_once(left, owns, name):
    got = sorted(list(left) + [item for own in owns for item in own.got])
    put = sorted(own.build(own.t, n + 1) for own in owns for n in range(own.n))
    check(got == put, name + ': not each once')
def in_order(pairs, name):
    last = {}
    for t, n in pairs:
        check(last.get(t, 0) < n, name + ': order')
        last[t] = n
def whole(container, name):
    items = list(container)
    check(len(items) == len(container), name + ': length')
    check(all(item in container for item in items), name + ': not found')
def run(t, work, ended):
    try:
        work(t)
    except BaseException as error:
        getattr(sys, 'print_exception', repr)(error)
        wrong.append(repr(error))
    ended.release()
def share(work, threads):
    locks = []
    for t in range(threads):
        lock = _thread.allocate_lock()
        lock.acquire()
        locks.append(lock)
        if t > 0:
            _thread.start_new_thread(run, (t, work, lock))
    run(0, work, locks[0])
    for lock in locks:
        lock.acquire()
"""


def program(seed: int, rounds: int = 24) -> str:
    """Return the text of a program, whose threads do everything up to `rounds` times."""
    random = Random(seed)
    parts = [PRELUDE.replace("OFTEN", str(random.choice([4000, 20000, 100000])))]
    count = 0
    for phase in range(random.randint(1, 3)):
        pieces = []
        makes = random.sample(PIECES, random.randint(1, 3))
        if random.random() < 0.1:
            makes = list(WITHOUT_MEMORY)
        for make in makes:
            name = f"{make.__name__}{count}"
            pieces.append((name, make(name, random)))
            count += 1
        threads = random.choice([2, 2, 3, 4])
        parts.append(_phase(phase, pieces, threads, random.randint(2, rounds), random))
        if random.random() < 0.3:
            parts.append("gc.collect()\n")
    parts.append("print('wrong:', wrong)\n")
    return "".join(parts)


def _phase(
    phase: int, pieces: list[tuple[str, Piece]], threads: int, rounds: int, random: Random
) -> str:
    text = f"THREADS, MOST = {threads}, {threads * rounds * 16}\n"
    for name, piece in pieces:
        text += _closure(name, piece) if random.random() < 0.5 else _globals(name, piece)
        text += f"owns_{name} = [Own(t, {name}_build) for t in range(THREADS)]\n"
    calls = "".join(_call(name, piece) for name, piece in pieces)
    text += f"def phase{phase}(t):\n    for r in range({rounds}):\n{calls}"
    text += f"share(phase{phase}, THREADS)\n"
    return text + "".join(f"{name}_check(owns_{name})\n" for name, _ in pieces)


def _call(name: str, piece: Piece) -> str:
    text = f"{name}(t, r, owns_{name}[t])"
    if piece.may_raise:
        text = f"try:\n    {text}\nexcept {piece.may_raise}:\n    pass"
    return textwrap.indent(f"{text}\n", "        ")


def _functions(name: str, piece: Piece) -> str:
    body = textwrap.indent(piece.body or "pass", "    ")
    check = textwrap.indent(piece.check, "    ")
    return f"def {name}(t, r, own):\n{body}\ndef {name}_check(owns):\n{check}\n"


def _globals(name: str, piece: Piece) -> str:
    """Return a piece whose variables are the module's."""
    build = "make" if " make" in piece.shared else "None"
    text = f"{piece.shared}\n{_functions(name, piece)}"
    number = name.lstrip("abcdefghijklmnopqrstuvwxyz_")
    text = OF_A_PIECE.sub(rf"\g<1>{number}", f"{text}{name}_build = {build}\n")
    return text.replace("NAME", name)


def _closure(name: str, piece: Piece) -> str:
    """Return a piece whose variables are those of a function that is called once."""
    build = "make" if " make" in piece.shared else "None"
    inside = f"{piece.shared}\n{_functions(name, piece)}return {name}, {name}_check, {build}\n"
    text = f"def {name}_outer():\n{textwrap.indent(inside, '    ')}"
    text += f"{name}, {name}_check, {name}_build = {name}_outer()\n"
    return text.replace("NAME", name)
