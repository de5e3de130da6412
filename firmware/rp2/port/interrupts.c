/* Devices' interrupts go to core 0; handlers in Python; writes to the flash.
 *
 * The Pico SDK enables an interrupt on the core that asks, and threads move between cores. So a
 * thread that asks moves to core 0 for the call.
 *
 * A handler in Python runs in the interrupt, without the interpreter's lock. Meanwhile the other
 * core is parked. So the lock's holder stands still on either core, as on a chip with one core. The
 * handler has a state of its own.
 *
 * While the flash is written nothing may be read from it. MicroPython's rp2_flash.c locks the other
 * core out by the SDK's lockout. The kernel uses the lockout's mailbox, and parks the core instead.
 */
#include "hardware/gpio.h"
#include "hardware/irq.h"
#include "port.h"
#include "py/cstack.h"
#include "py/runtime.h"
#include "shared/runtime/mpirq.h"

enum { HANDLER_STACK_BYTES = 2560 }; /* of the 3 KB that interrupts have on core 0 */

void __real_irq_set_enabled(uint irq, bool enabled);
void __real_gpio_set_irq_enabled(uint gpio, uint32_t events, bool enabled);
void __real_mp_irq_handler(mp_irq_obj_t *self);

void __wrap_irq_set_enabled(uint irq, bool enabled) {
    int before = weft_kernel_may_wait() ? weft_kernel_pin(0) : 0;
    __real_irq_set_enabled(irq, enabled);
    if (before != 0) {
        weft_kernel_pin(before);
    }
}

void __wrap_gpio_set_irq_enabled(uint gpio, uint32_t events, bool enabled) {
    int before = weft_kernel_may_wait() ? weft_kernel_pin(0) : 0;
    __real_gpio_set_irq_enabled(gpio, events, enabled);
    if (before != 0) {
        weft_kernel_pin(before);
    }
}

void __wrap_mp_irq_handler(mp_irq_obj_t *self) {
    if (!self->ishard || self->handler == mp_const_none) {
        __real_mp_irq_handler(self);
        return;
    }
    weft_kernel_park_from_isr();
    static mp_state_thread_t state; /* the other core is parked, and handlers do not nest */
    weft_interrupted interrupted = weft_gil_begin_handler(&state);
    mp_cstack_init_with_sp_here(HANDLER_STACK_BYTES);
    state.gc_lock_depth = 0;
    state.nlr_top = NULL;
    state.nlr_jump_callback_top = NULL;
    state.dict_locals = mp_state_ctx.thread.dict_locals;
    state.dict_globals = mp_state_ctx.thread.dict_globals;
    __real_mp_irq_handler(self);
    weft_gil_end_handler(interrupted);
    weft_kernel_unpark_from_isr();
}

bool __wrap_multicore_lockout_victim_is_initialized(uint core) {
    (void)core;
    return weft_kernel_may_wait();
}

void __wrap_multicore_lockout_start_blocking(void) {
    weft_kernel_park_cores();
}

void __wrap_multicore_lockout_end_blocking(void) {
    weft_kernel_unpark_cores();
}
