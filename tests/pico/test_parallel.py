"""The parallel build: threads run Python on both cores at once, and share what they like.

Each program checks by itself what must hold, and prints `wrong:` with what did not.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from emulated_board import EmulatedBoard, Start, numbers, weft_image

PRELUDE = Path(__file__).parent / "programs" / "parallel" / "prelude.py"
START = f"""{PRELUDE.read_text("utf-8")}
def share(function, threads, share=share):
    share(function, threads)
    print('wrong:', len(wrong), wrong)
"""


@pytest.fixture
def board(start: Start, seed: int) -> EmulatedBoard:
    """A board with the parallel firmware."""
    return start(seed=seed, image=weft_image("pico-parallel"))


def check(board: EmulatedBoard, program: str, seconds: float = 60) -> None:
    """Run a program that prints what was wrong."""
    text = board.execute(START + program, seconds=seconds)
    assert "wrong: 0 []\n" in text, text


def test_both_cores_compute_at_once(board: EmulatedBoard) -> None:
    program = """
def compute():
    a = b = 0
    for i in range(3000):
        a = (a * 5 + i) & 0xFFFF
        b += a >> 2
def took(threads):
    done = []
    begun = time.ticks_us()
    for n in range(1, threads):
        _thread.start_new_thread(lambda: (compute(), done.append(n)), ())
    compute()
    while len(done) < threads - 1:
        pass
    return time.ticks_diff(time.ticks_us(), begun)
took(1)
print('us:', took(1), took(2))
"""
    one, two = numbers(board.execute(START + program), "us")
    assert two < 1.2 * one, f"two threads take {two} us, one alone {one} us"


def test_containers_that_all_change(board: EmulatedBoard) -> None:
    """Without the lock this fails at once, on most seeds with a crash."""
    program = """
from collections import OrderedDict, deque
L, D, S, DQ, OD, BA = [], {}, set(), deque((), 64), OrderedDict(), bytearray(64)
class C:
    pass
shared = C()
def work(t):
    own = {}
    for r in range(12):
        for i in range(20):
            k = t * 1000 + i
            D[k] = (k, r)
            D['s%d' % k] = r
            check(D[k][0] == k and k in D and D.get('s%d' % k) == r, 'dict')
            L.append(k)
            S.add(k)
            DQ.append(k)
            OD[k] = i
            BA[t * 8 + (i & 7)] = i
            check(k in S and OD[k] == i and BA[t * 8 + (i & 7)] == i, 'set')
            setattr(shared, 'a%d' % k, r)
            check(getattr(shared, 'a%d' % k) == r, 'attribute')
            globals()['g%d' % k] = r
            own[k] = r
        for i in range(20):
            k = t * 1000 + i
            del D[k]
            check(D.pop('s%d' % k) == r, 'pop')
            check(L.pop() is not None, 'list')
            DQ.popleft()
            S.discard(k)
            del OD[k]
            delattr(shared, 'a%d' % k)
            del globals()['g%d' % k]
        if r % 4 == t:
            gc.collect()
        check(sum(own.values()) == r * 20, 'own')
        check(all(isinstance(x, int) for x in list(L)), 'items')
share(work, 3)
print('left:', len(L), len(D), len(S), len(DQ), len(OD))
"""
    text = board.execute(START + program, seconds=60)
    assert "wrong: 0 []\n" in text, text
    assert numbers(text, "left") == [0, 0, 0, 0, 0], text


def test_names_that_stay_are_found_beside_names_that_come_and_go(board: EmulatedBoard) -> None:
    program = """
class C:
    pass
c, d, names = C(), {}, ('a', 'b', 'c2', 'd2', 'e2', 'f2', 'g2', 'h2')
for i, name in enumerate(names):
    setattr(c, name, i)
    d[name] = i
    globals()['v_' + name] = i
stop = False
def work(n):
    global c, d, stop
    if n > 0:
        while not stop:
            check(c.a == 0 and c.h2 == 7 and c.d2 == 3, 'attribute')
            check(d['a'] == 0 and d['h2'] == 7 and 'b' in d, 'item')
            check(v_a == 0 and v_h2 == 7 and v_f2 == 5, 'global')
        return
    for r in range(20):
        more = ['n%d' % i for i in range(12)]
        for i, name in enumerate(more):
            setattr(c, name, i)
            d[name] = i
            globals()['w_' + name] = i
        for name in more:
            delattr(c, name)
            del d[name]
            del globals()['w_' + name]
        e, o = {}, C()
        for name in names:
            e[name] = d[name]
            setattr(o, name, getattr(c, name))
        c, d = o, e
        if r % 5 == 0:
            gc.collect()
    stop = True
share(work, 2)
"""
    check(board, program)


def test_a_dict_grows_while_values_are_replaced(board: EmulatedBoard) -> None:
    """A table is filled without the lock, before it takes the place of the old one."""
    program = """
ROUNDS, KEYS = 12, 40
dicts = [{1: 0, 2: 0} for _ in range(ROUNDS)]
def adds(n, d):
    for i in range(KEYS):
        d[1000 * n + 1000 + i] = i
def replaces(n, d):
    for i in range(1, 4 * KEYS):
        d[n] = i
        check(d[n] == i, 'a value that was replaced: %d, expected %d' % (d[n], i))
def body(n):
    for d in dicts:
        (adds if n in (0, 3) else replaces)(n, d)
share(body, 4)
for d in dicts:
    right = len(d) == 2 * KEYS + 2 and d[1] == d[2] == 4 * KEYS - 1
    check(right and all(d[1000 + i] == d[4000 + i] == i for i in range(KEYS)), 'a key is lost')
print('wrong:', len(wrong), wrong)
"""
    text = board.execute(START + program, seconds=60)
    assert text.count("wrong: 0 []\n") == 2, text


def test_classes_with_several_bases(board: EmulatedBoard) -> None:
    program = """
class A:
    x = 'A'
    def __init__(self, v):
        self.v = v
    def first(self):
        return ('A', self.v)
class B:
    x = 'B'
    def second(self):
        return ('B', self.v)
class M(A, B):
    pass
class N(B, A):
    @property
    def p(self):
        return self.v + 1
    def first(self):
        return super().first() + ('N',)
class Deep(M):
    pass
def work(t):
    for i in range(60):
        m, n, e = M(t), N(i), Deep(t + i)
        check(m.first() == ('A', t) and m.second() == ('B', t) and m.x == 'A', 'M')
        check(n.first() == ('A', i, 'N') and n.second() == ('B', i) and n.x == 'B', 'N')
        check(n.p == i + 1 and e.second() == ('B', t + i) and e.x == 'A', 'p')
        try:
            m.missing
            check(False, 'missing')
        except AttributeError:
            pass
        setattr(A, 'new%d' % t, i)
        check(getattr(m, 'new%d' % t) == i, 'class')
share(work, 3)
"""
    check(board, program)


def test_keys_compare_and_hash_in_python(board: EmulatedBoard) -> None:
    program = """
class K:
    def __init__(self, v):
        self.v = v
    def __hash__(self):
        return self.v & 3
    def __eq__(self, other):
        return isinstance(other, K) and self.v == other.v
shared, elements = {}, set()
def work(t):
    for r in range(4):
        keys = [K(t * 100 + i) for i in range(8)]
        for i, key in enumerate(keys):
            shared[key] = (t, i)
            elements.add(key)
        for i, key in enumerate(keys):
            check(shared[K(key.v)] == (t, i), 'dict')
            check(K(key.v) in elements, 'set')
        for i, key in enumerate(keys):
            check(shared.pop(K(key.v)) == (t, i), 'pop')
            elements.remove(K(key.v))
share(work, 3)
print('left:', len(shared), len(elements))
"""
    text = board.execute(START + program, seconds=60)
    assert "wrong: 0 []\n" in text, text
    assert numbers(text, "left") == [0, 0], text


def test_a_list_that_is_changed_while_it_is_sorted(board: EmulatedBoard) -> None:
    program = """
items = [5, 3, 8, 1]
def key(item):
    items.append(item)
    return item
try:
    items.sort(key=key)
    print('sorted')
except ValueError as error:
    print(error)
print(sorted(items))
def fails(item):
    1 / 0
try:
    items.sort(key=fails)
except ZeroDivisionError:
    print(len(items))
many = [(i * 7919) % 97 for i in range(40)]
expected, given = sorted(many), tuple(many)
def work(t):
    for r in range(6):
        own = list(given)
        own.sort(key=lambda item: item)
        check(own == expected, 'sort')
        try:
            many.sort(key=lambda item: -item)
        except ValueError:
            pass
        check(len(many[:]) in (0, 40), 'seen')
share(work, 2)
print(sorted(many) == expected)
"""
    text = board.execute(START + program)
    assert text == ("list modified during sort\n[1, 3, 5, 8]\n4\nwrong: 0 []\nTrue\n"), text


def test_a_generator_that_two_threads_enter(board: EmulatedBoard) -> None:
    program = """
def numbers():
    for i in range(400):
        yield i
shared = numbers()
got, refused = [], []
def work(t):
    while True:
        try:
            got.append(next(shared))
        except StopIteration:
            return
        except ValueError as error:
            check(str(error) == 'generator already executing', str(error))
            refused.append(1)
share(work, 2)
print('each once:', int(sorted(got) == list(range(400))), len(refused) > 0)
"""
    text = board.execute(START + program)
    assert "wrong: 0 []\neach once: 1 " in text, text


def test_one_exception_that_two_threads_raise(board: EmulatedBoard) -> None:
    program = """
error = ValueError('shared')
def deep(n):
    if n:
        deep(n - 1)
    raise error
def work(t):
    for i in range(60):
        try:
            deep(i % 5)
        except ValueError as caught:
            check(caught is error and caught.args == ('shared',), 'exception')
        try:
            raise KeyError(i)
        except KeyError as caught:
            check(caught.args == (i,), 'own')
share(work, 3)
"""
    check(board, program)


def test_exceptions_for_which_no_thread_has_memory(board: EmulatedBoard) -> None:
    """Each thread catches its own, and one that is kept outlives its thread."""
    program = """
import micropython
ways = (
    (lambda: 1 // 0, ZeroDivisionError),
    (lambda: ()[0], IndexError),
    (lambda: None.x, AttributeError),
)
kept = [None] * 3
def work(t):
    provoke, kind = ways[t]
    others = 0
    micropython.heap_lock()
    for i in range(400):
        try:
            provoke()
        except Exception as caught:
            others += type(caught) is not kind
            kept[t] = caught
    micropython.heap_unlock()
    check(others == 0, (kind, others))
share(work, 3)
gc.collect()
filled = [bytes(80) for _ in range(50)]
print('kept:', [type(error) is way[1] for error, way in zip(kept, ways)])
"""
    text = board.execute(START + program)
    assert "wrong: 0 []\nkept: [True, True, True]\n" in text, text


def test_interrupts_disabled_in_python(board: EmulatedBoard) -> None:
    program = """
import machine
value, pairs = [0, 0], 0
def work(t):
    for i in range(150):
        state = machine.disable_irq()
        a, b = value
        value[0] = a + 1
        made = [a * 0.5, bytes([i])]
        value[1] = b + 1
        machine.enable_irq(state)
        try:
            state = machine.disable_irq()
            try:
                raise ValueError
            finally:
                machine.enable_irq(state)
        except ValueError:
            pass
        check(isinstance([i], list), 'alive')
share(work, 3)
print('value:', *value)
"""
    text = board.execute(START + program)
    assert "wrong: 0 []\n" in text, text
    assert numbers(text, "value") == [450, 450], text


def test_native_viper_and_assembly_code(board: EmulatedBoard) -> None:
    program = """
D, L = {}, []
@micropython.native
def native(t, n):
    d = {}
    for i in range(n):
        k = t * 1000 + (i & 15)
        d[k] = i
        D[k] = i
        if D[k] != i:
            raise ValueError('D')
        L.append(k)
        L.pop()
        try:
            if i & 7 == 3:
                raise KeyError(k)
        except KeyError as error:
            if error.args[0] != k:
                raise ValueError('exception')
    return len(d)
@micropython.viper
def viper(n: int) -> int:
    s = 0
    for i in range(n):
        s += i
    return s
@micropython.native
def generator(n):
    for i in range(n):
        yield [i]
@micropython.asm_thumb
def add_in_asm(r0, r1):
    add(r0, r0, r1)
    mov(r2, 77)
    mov(r9, r2)
    mov(r10, r2)
    lsl(r0, r0, 16)
@micropython.native
def through(t):
    inner(t)
def inner(t):
    raise OSError(t)
def work(t):
    for r in range(5):
        check(native(t, 64) == 16, 'native')
        check(viper(100) == 4950, 'viper')
        check(sum([x[0] for x in generator(20)]) == 190, 'generator')
        check(add_in_asm(t, 5) == (t + 5) << 16, 'asm')
        check(add_in_asm(30000, t) == (30000 + t) << 16, 'an int of the heap')
        check(list(map(add_in_asm, (1, 2), (3, 4))) == [4 << 16, 6 << 16], 'from C')
        try:
            through(t)
            check(False, 'nothing raised')
        except OSError as error:
            check(error.args[0] == t, 'through')
        check(sorted([3, 1, 2], key=lambda x: native(t, 2) - x) == [3, 2, 1], 'key')
        if r % 5 == t:
            gc.collect()
share(work, 4)
"""
    check(board, program)


def test_native_code_that_c_calls_lets_others_go_on(board: EmulatedBoard) -> None:
    """A key of sorted() and the body of a generator wait for what others do."""
    program = """
import micropython
steps, over = [0], False
@micropython.native
def waits(item):
    seen = steps[0]
    while steps[0] == seen:
        pass
    return item
@micropython.native
def generates():
    for item in range(3):
        yield waits(item)
def body(n):
    global over
    if n == 0:
        print(sorted([2, 1], key=waits), list(generates()))
        over = True
    while not over:
        steps[0] = steps[0] + 1
        [].append(n)
share(body, 3)
"""
    text = board.execute(START + program)
    assert text == "[1, 2] [0, 1, 2]\nwrong: 0 []\n", text


def test_collections_files_and_imports(board: EmulatedBoard) -> None:
    program = """
import os
def files(t):
    for i in range(2):
        name = 'f%d_%d' % (t, i)
        with open(name, 'w') as file:
            for j in range(5):
                file.write('%d:%d\\n' % (t, j))
        open(name)  # left to the collector
        with open(name) as file:
            check(file.read() == ''.join('%d:%d\\n' % (t, j) for j in range(5)), 'file')
        os.remove(name)
def memory(t):
    raised, kept = 0, []
    try:
        while True:
            kept.append(bytearray(2000 + t * 16))
    except MemoryError:
        raised = 1
    kept = None
    check(raised == 1, 'memory')
def graph(t):
    class Node:
        def __init__(self, n):
            self.n, self.children = n, []
    for i in range(6):
        root = Node(0)
        for a in range(5):
            node = Node(a)
            root.children.append(node)
            for b in range(5):
                node.children.append(Node(b))
        if i % 3 == t:
            gc.collect()
        check(sum(len(node.children) for node in root.children) == 25, 'graph')
def imports(t):
    for i in range(4):
        import threading, queue
        exec('import random; random.random()', {})
def work(t):
    for function in (graph, files, imports, memory, graph):
        function(t)
share(work, 3)
"""
    check(board, program)
