/* Scheduled callbacks (soft timers, Pin.irq, micropython.schedule, USB) and Ctrl-C.
 *
 * What always holds: callbacks run in the main thread only, between its bytecodes or in one of its
 * waits; never inside a write to the console or to a file. So a callback has the main thread's
 * stack. The code that it interrupts holds no locks but the program's own.
 *
 * Scheduling a callback ends the main thread's wait, or gives the main thread the interpreter's
 * lock next. If the wait can't be interrupted, the next one is.
 */
#include "port.h"
#include "py/runtime.h"

void __real_mp_handle_pending(bool raise_exception);
void __real_mp_sched_keyboard_interrupt(void);
void weft_port_scheduled_from_isr(void);

void __wrap_mp_handle_pending(bool raise_exception) {
    if (!mp_thread_is_main_thread()) {
        return;
    }
    weft_c_enter();
    __real_mp_handle_pending(raise_exception); /* runs one callback at most */
    weft_c_leave();
    if (MP_STATE_VM(sched_state) == MP_SCHED_PENDING) {
        /* The next wait comes back for the rest. */
        weft_kernel_interrupt(&weft_port_main.kernel);
    }
}

/* MicroPython's own function would call the original of mp_handle_pending. */
void __wrap_mp_event_handle_nowait(void) {
    mp_handle_pending(true);
}

/* MICROPY_SCHED_HOOK_SCHEDULED: runs in the atomic section that schedules a callback. */
void weft_port_scheduled_from_isr(void) {
    weft_gil_hurry_main_from_isr();
    weft_kernel_interrupt(&weft_port_main.kernel);
    weft_port_wake_from_isr();
}

void __wrap_mp_sched_keyboard_interrupt(void) {
    __real_mp_sched_keyboard_interrupt();
    weft_port_scheduled_from_isr();
}
