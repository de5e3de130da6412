# How long after its interrupt a scheduled callback runs: while main waits, computes, prints, and
# beside a thread that computes.
import _thread
import machine
import micropython

PIN = 15  # free on a Pico; the interrupts come from its own output
INTERRUPTS_PER_S = 97  # no multiple of a tick or a line
RUN_MS = 500

over = False
came = 0
late = []


def callback(unused):
    late.append(since(came))


def handler(pin):
    global came
    came = now()
    micropython.schedule(callback, 0)


def waits():
    time.sleep_ms(RUN_MS)


def computes():
    end = time.ticks_add(time.ticks_ms(), RUN_MS)
    while time.ticks_diff(end, time.ticks_ms()) > 0:
        pass


def prints():
    for _ in range(60):
        print("a line that takes the UART three milliseconds")


def measure(name, main):
    late.clear()
    pin.irq(handler, machine.Pin.IRQ_RISING, hard=True)
    main()
    pin.irq(None)
    figure(name + ", median", median(late))
    figure(name + ", latest", max(late))


def compute():
    while not over:
        pass


pin = machine.Pin(PIN, machine.Pin.OUT)
pwm = machine.PWM(pin, freq=INTERRUPTS_PER_S, duty_u16=32768)
for beside in "idle", "busy":
    if beside == "busy":
        _thread.start_new_thread(compute, ())
    for main in waits, computes, prints:
        measure("callback, main " + main.__name__ + ", " + beside, main)
over = True
pwm.deinit()
