/* machine.disable_irq() and enable_irq(): an atomic section in which Python runs. */
#include "port.h"

/* In place of the atomic sections of modmachine.c. Who has disabled interrupts keeps C, since
 * atomic sections begin inside it, and has HEAP: a thread that has been preempted with it could not
 * go on. */
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
