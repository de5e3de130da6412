# From a pin's interrupt, whose handler sets an event, to the next line of the thread that waits.
import machine
import threading

ROUNDS = 50
PIN = 15  # free on a Pico; the interrupt comes from its own output


def interrupt_to_next_line(hard):
    event = threading.Event()
    taken = []
    start = 0

    def waiter():
        for _ in range(ROUNDS):
            event.wait()
            taken.append(since(start))
            event.clear()

    def handler(pin):
        event.set()

    pin = machine.Pin(PIN, machine.Pin.OUT, value=0)
    pin.irq(handler, machine.Pin.IRQ_RISING, hard=hard)
    thread = threading.Thread(target=waiter)
    thread.start()
    for _ in range(ROUNDS):
        time.sleep_ms(1)
        start = now()
        pin.value(1)
        time.sleep_ms(1)
        pin.value(0)
    pin.irq(None)
    thread.join()
    return median(taken)


figure("to next line", interrupt_to_next_line(False))
figure("hard, to next line", interrupt_to_next_line(True))
