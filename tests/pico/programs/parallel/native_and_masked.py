# Native and assembly code, and interrupts that Python disables, in three threads.
import machine

ROUNDS = 40
value, items = [0, 0], []


@micropython.native
def native(t, n):
    for i in range(n):
        items.append(t)
        items.pop()
    return sorted([2, 1], key=lambda x: -x)[0]


@micropython.asm_thumb
def add_in_asm(r0, r1):
    add(r0, r0, r1)
    mov(r2, 77)
    mov(r9, r2)
    mov(r10, r2)
    lsl(r0, r0, 16)


def masked():
    state = machine.disable_irq()
    try:
        a, b = value
        value[0] = a + 1
        made = [a * 0.5, bytes([1])]
        value[1] = b + 1
        int("x")  # raises ValueError, from C
    finally:
        machine.enable_irq(state)


def work(t):
    for r in range(ROUNDS):
        check(native(t, 8) == 2, "native")
        check(add_in_asm(t, 5) == (t + 5) << 16, "asm")
        check(list(map(add_in_asm, (1, 2), (3, 4))) == [4 << 16, 6 << 16], "from C")
        try:
            masked()
            check(False, "raised")
        except ValueError:
            pass
        items.append(t)
        items.pop()


share(work, 3)
check(value == [3 * ROUNDS] * 2 and not items, ("value", value))
