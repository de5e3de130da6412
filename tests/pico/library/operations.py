"""What programs do with MicroPython and weft, tried at the limit of recursion in a thread.

The program prints each operation that neither works nor raises the error that says what to do.
"""

OPERATIONS = """
import array, asyncio, binascii, collections, gc, hashlib, io, json, logging, machine, micropython
import os, queue, random, re, struct, sys, threading, time
class P:
    def __init__(self, x): self.x = x
    def __repr__(self): return 'P(%r)' % self.x
    def __lt__(self, other): return self.x < other.x
    def __eq__(self, other): return self.x == other.x
    def __hash__(self): return hash(self.x)
    def __getattr__(self, name): return name
    def __call__(self): return self.x
    def __enter__(self): return self
    def __exit__(self, *args): return True
def write():
    with open('stacks.txt', 'w') as file: file.write('x' * 600)
def read():
    with open('stacks.txt') as file: file.read()
def append():
    with open('stacks.txt', 'a') as file: file.write('x' * 600)
def rename():
    open('stacks1.txt', 'w').close()
    os.rename('stacks1.txt', 'stacks2.txt')
    os.remove('stacks2.txt')
def first_import():
    sys.modules.pop('stacks_module', None)
    import stacks_module
def frozen_import():
    sys.modules.pop('queue', None)
    import queue
def raising():
    try: raise ValueError('what %d' % 5)
    except ValueError as error: str(error), repr(error)
    for bad in (lambda: [][5], lambda: {}['x'], lambda: int('zzz'), lambda: None.foo):
        try: bad()
        except (LookupError, ValueError, AttributeError): pass
def report():
    try: raise ValueError('what')
    except ValueError as error: sys.print_exception(error, io.StringIO())
def grow():
    d = {}
    for i in range(100): d[i] = i
    {str(i) for i in range(60)} | {1}; d == dict(d)
def locks():
    lock = threading.Lock()
    with lock, threading.RLock(): lock.acquire(True, 0.002)
def event():
    event = threading.Event(); event.wait(0.002); event.set(); event.wait()
def condition():
    condition = threading.Condition()
    with condition: condition.wait(0.002); condition.notify_all()
def queues():
    for kind in queue.Queue, queue.SimpleQueue:
        q = kind(); q.put(1); q.get()
def start():
    thread = threading.Thread(target=len, args=((),)); thread.start(); thread.join()
def pin():
    pin = machine.Pin(2, machine.Pin.OUT); pin.value(1); pin.toggle(); str(pin); pin.irq(None)
def uart():
    uart = machine.UART(1, 115200, tx=4, rx=5); uart.write(b'hello'); uart.any(); str(uart)
def pwm():
    pwm = machine.PWM(machine.Pin(15)); pwm.freq(1000); pwm.duty_u16(300); str(pwm); pwm.deinit()
def timer():
    machine.Timer(period=5, mode=machine.Timer.ONE_SHOT, callback=lambda t: None).deinit()
def objects():
    p = P(1); p.foo; p(); p == P(1); hash(p); isinstance(p, P); repr(p); type('X', (P,), {})(5)
    with p: raise ValueError
def no_memory():
    try: bytearray(10_000_000)
    except MemoryError: pass
def string_io():
    file = io.StringIO(); print('abc', [1, 2.5], file=file); file.getvalue()
async def coroutine(): await asyncio.sleep_ms(1)
SOURCE = '''
a = [i * 2 for i in range(4)]
def f(x, *, y=3):
    try:
        return x if y else {x: y}
    finally:
        pass
class A:
    def m(self): return lambda: self
f(1)
'''
text = {'a': [1, 2.5, {'b': None}], 'c': 'text', 'd': (1, (2, (3,)))}
operations = {
    'print': lambda: print('x', 1, 2.5, [1, (2,)], {'a': 1}), 'open for writing': write,
    'open for reading': read, 'append': append, 'rename and remove': rename,
    'os.listdir': lambda: os.listdir('/'), 'os.stat': lambda: os.stat('stacks.txt'),
    'a first import': first_import, 'an import of a frozen module': frozen_import,
    'exec': lambda: exec(SOURCE),
    'eval': lambda: eval('1 + (2 * (3 - 4)) ** 2 // 5 if 1 else [2]'),
    'native code': lambda: exec('@micropython.native\\ndef f(x): return [x]\\nf(1)'),
    'json.dumps': lambda: json.dumps(text),
    'json.loads': lambda: json.loads('{"a": [1, 2.5, "x"]}'),
    'sort with key': lambda: sorted([5, 3, 9, 1], key=lambda x: -x),
    'sort of objects': lambda: [P(5), P(3), P(9)].sort(),
    'logging': lambda: logging.info('%s', 'you'),
    'queue': queues,
    'floats as text': lambda: ('%f %g' % (1.5, 2e10), '{:8.3f}'.format(2.5), str(1e-7)),
    'big ints as text': lambda: (str(7 ** 200), '{:,}'.format(10 ** 20), hex(7 ** 90)),
    'big ints': lambda: (pow(3, 1000, 10 ** 30), (7 ** 300) // (3 ** 99)),
    're': lambda: (re.match('(a*)(b+)c', 'aaabbbc').group(1), re.compile('[a-z]+').split('ab12cd'),
                   re.sub('a(b)', lambda m: m.group(1), 'xxabab')),
    'struct': lambda: (struct.pack('<IHbfd', 1, 2, 3, 4.0, 5.0), struct.unpack('<If', b'12345678')),
    'hashlib': lambda: hashlib.sha256(b'abc' * 50).digest(),
    'exceptions': raising,
    'traceback': report,
    'generators': lambda: list(x * 2 for x in (y for y in range(5))),
    'f-strings': lambda: f'{5} {6!r:>10} {P(3)} {2.5:.2f}',
    'parsing numbers': lambda: (int('12345678901234567890'), float('1.5e3'), int('ff', 16)),
    'dict and set growth': grow, 'time.sleep': lambda: (time.sleep(0.001), time.sleep_us(300)),
    'lock': locks,
    'event': event,
    'condition': condition,
    'Thread start': start,
    'collect': gc.collect,
    'Pin': pin, 'ADC': lambda: machine.ADC(0).read_u16(), 'UART': uart, 'PWM': pwm, 'Timer': timer,
    'clock': lambda: (machine.RTC().datetime(), time.localtime()), 'objects': objects,
    'no memory': no_memory, 'StringIO': string_io, 'asyncio': lambda: asyncio.run(coroutine()),
    'array': lambda: array.array('h', [1, 2, 3]).append(4), 'random': lambda: random.randint(1, 5),
    'deque': lambda: collections.deque([], 5).append(1),
    'base64': lambda: binascii.b2a_base64(b'abc'),
}
logging.basicConfig(level=logging.INFO, format='%(asctime)s %(message)s', stream=io.StringIO())
def at_depth(n, do):
    return do() if n == 0 else at_depth(n - 1, do)
def attempt(n, do):
    how = []
    def run():
        try:
            at_depth(n, do)
            how.append('done')
        except RuntimeError as error:
            how.append('told' if 'threading.stack_size(n)' in str(error) else str(error))
        except Exception as error:
            how.append(repr(error))
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return how[0]
deepest = 0
while attempt(deepest, lambda: None) == 'done':
    deepest += 1
print('deepest:', deepest)
gc.collect()
for name, do in operations.items():
    n = deepest
    while (how := attempt(n, do)) == 'told':
        n -= 1
    if how != 'done':
        print('unexpected:', name, how)
print('operations:', len(operations))
"""
