/* machine.disable_irq() and enable_irq(): an atomic section in which Python runs. */
#include "port.h"

/* Replace the atomic sections of modmachine.c. A thread that disables interrupts keeps C: atomic
 * sections begin inside C. It also takes HEAP: a preempted thread with HEAP could not go on. */
uint32_t weft_port_disable_irq(void);
void weft_port_enable_irq(uint32_t state);

uint32_t weft_port_disable_irq(void) {
    if (weft_depth() < WEFT_DEPTH_PINNED) {
        weft_interp_take(WEFT_INTERP_HEAP);
    }
    uint32_t state = weft_kernel_begin_atomic();
    if (weft_depth() < WEFT_DEPTH_PINNED) {
        weft_set_depth(weft_depth() | WEFT_DEPTH_MASKED);
    }
    return state;
}

void weft_port_enable_irq(uint32_t state) {
    bool is_outermost = state == 0 && (weft_depth() & WEFT_DEPTH_MASKED) != 0;
    weft_kernel_end_atomic(state);
    if (is_outermost) {
        weft_set_depth(weft_depth() & ~WEFT_DEPTH_MASKED);
        weft_interp_drop(WEFT_INTERP_HEAP);
    }
}
