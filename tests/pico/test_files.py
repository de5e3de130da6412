"""Files and the flash under them, while four threads run on both cores."""

from __future__ import annotations

from busy import busy_threads, check_threads
from emulated_board import EmulatedBoard, numbers

FOUR_THREADS = busy_threads("busy", "allocating", "sleeping", "busy")

MAIN_WRITES = """
def content(i):
    return bytes((i * 7 + j * 13) & 255 for j in range(1000 + i * 300))
for i in range(8):
    with open('file%d' % (i % 4), 'wb') as file:
        file.write(content(i))
bad = 0
for i in range(4, 8):
    with open('file%d' % (i % 4), 'rb') as file:
        bad += file.read() != content(i)
with open('file0', 'ab') as file:
    file.write(b'more')
with open('file0', 'rb') as file:
    bad += file.read() != content(4) + b'more'
os.mkdir('folder')
os.rename('file1', 'folder/moved')
os.remove('file2')
with open('folder/moved', 'rb') as file:
    bad += file.read() != content(5)
bad += sorted(os.listdir()) != ['file0', 'file3', 'folder']
end()
print('bad:', bad)
"""


def check_files(text: str) -> None:
    """The files are right; all four threads went on, and saw their own memory unharmed."""
    assert numbers(text, "bad") == [0], text
    check_threads(text, least=10)


def test_the_main_thread_writes_files_beside_four_threads(board: EmulatedBoard) -> None:
    check_files(board.execute(FOUR_THREADS + MAIN_WRITES, seconds=30))


THREADS_WRITE = """
def write(number):
    for turn in range(3):
        name = 'own%d' % number
        data = ('%d-%d ' % (number, turn)) * 100
        with open(name, 'w') as file:
            file.write(data)
        with open(name) as file:
            if file.read() != data:
                wrong.append(name)
        if turn < 2:
            os.remove(name)
writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
for writer in writers:
    writer.start()
for writer in writers:
    writer.join()
end()
print('bad:', sum(open('own%d' % i).read() != ('%d-2 ' % i) * 100 for i in range(3)))
"""


def test_three_threads_write_files_beside_four(board: EmulatedBoard) -> None:
    check_files(board.execute(FOUR_THREADS + THREADS_WRITE, seconds=60))


RAW_FLASH = """
flash = rp2.Flash()
block = flash.ioctl(4, 0) - 1   # the last one, which no file uses yet
pattern, back = bytearray(4096), bytearray(4096)
bad = 0
for turn in range(10):
    for i in range(4096):
        pattern[i] = (i * 31 + turn) & 255
    flash.writeblocks(block, pattern)
    flash.readblocks(block, back)
    bad += back != pattern
end()
print('bad:', bad)
"""


def test_flash_blocks_are_written_beside_four_threads(board: EmulatedBoard) -> None:
    check_files(board.execute(FOUR_THREADS + RAW_FLASH, seconds=30))


FLASH_FROM_A_THREAD = (
    FOUR_THREADS
    + """
def write():
"""
    + "".join(f"    {line}\n" for line in RAW_FLASH.split("end()")[0].strip().splitlines())
    + """
    end()
    print('bad:', bad)
writer = threading.Thread(target=write)
writer.start()
writer.join()
"""
)


def test_flash_blocks_are_written_by_a_thread(board: EmulatedBoard) -> None:
    check_files(board.execute(FLASH_FROM_A_THREAD, seconds=30))


INTERRUPTS = """
ticks = 0
def tick(timer):
    global ticks
    ticks += 1
timer = machine.Timer(freq=200, callback=tick)
with open('long', 'wb') as file:
    for i in range(20):
        file.write(bytes([i]) * 1024)
timer.deinit()
with open('long', 'rb') as file:
    bad = sum(file.read(1024) != bytes([i]) * 1024 for i in range(20))
end()
print('bad:', bad)
print('ticks:', ticks)
"""


def test_files_are_written_beside_threads_and_a_timer(board: EmulatedBoard) -> None:
    text = board.execute(FOUR_THREADS + INTERRUPTS, seconds=30)
    check_files(text)
    assert numbers(text, "ticks")[0] > 10, text


def test_what_threads_wrote_is_there_after_a_soft_reset(board: EmulatedBoard) -> None:
    board.execute(FOUR_THREADS + THREADS_WRITE, seconds=60)
    board.soft_reset()
    program = (
        "print('same:', *[int(open('own%d' % i).read() == ('%d-2 ' % i) * 100) for i in range(3)])"
    )
    assert numbers(board.execute(program), "same") == [1, 1, 1]


LONG_CALLBACKS = """
ticks = 0
def tick(timer):
    global ticks
    for _ in range(500):
        ticks += 1
timer = machine.Timer(period=10, callback=tick)
"""


def test_three_threads_write_files_beside_long_callbacks(board: EmulatedBoard) -> None:
    """A callback runs inside a write; whoever gets its turn then must not get into the files."""
    text = board.execute(
        FOUR_THREADS + LONG_CALLBACKS + THREADS_WRITE + "timer.deinit()", seconds=60
    )
    check_files(text)
