# Stands before each of the other programs: the clock, rounds, and a line for each figure.
#
# A figure is a line `name: number`. Times are in microseconds, the median of rounds unless it says
# otherwise, and include one look at the clock (the figure "clock" of plain.py).
import time

now = time.ticks_us


def since(start):
    return time.ticks_diff(now(), start)


def median(values):
    return sorted(values)[len(values) // 2]


def latest(wait, rounds):
    """How late the latest of some waits of 1 to 12 ms ends; `wait` takes milliseconds.

    Each begins after a sleep, so that the thread is not stopped before it waits.
    """
    late = []
    for i in range(rounds):
        ms = 1 + i % 12
        time.sleep_ms(1)
        start = now()
        wait(ms)
        late.append(since(start) - 1000 * ms)
    return max(late)


def figure(name, value):
    print(name + ": " + str(value))


try:
    import machine

    figure("clock mhz", machine.freq() // 1000000)
except (ImportError, AttributeError):  # a computer
    pass


