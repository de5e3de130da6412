/* What arch/arch.h needs of a processor, for the simulated cores. In each of these another core may
 * run, or an interrupt come: see sim.h. */
#ifndef WEFT_SIM_ARCH_PORT_H
#define WEFT_SIM_ARCH_PORT_H

#include "weft_kernel.h"

#define WEFT_ARCH_IRQ_ENABLED 0u

uint32_t weft_arch_irq_save(void);
void weft_arch_irq_disable(void);
void weft_arch_irq_restore(uint32_t state);
uint32_t weft_arch_interrupt(void);
bool weft_arch_may_block(void);
void weft_arch_request_switch(void);

static inline void weft_arch_await_switch(void) {
}

static inline void weft_arch_guard(weft_kernel_thread *thread) {
    (void)thread;
}

static inline uintptr_t weft_arch_interrupt_stack(void) {
    return UINTPTR_MAX;
}

static inline bool weft_arch_stack_overflowed(const weft_kernel_thread *thread) {
    (void)thread;
    return false;
}

/* The seed decides between a call and the switch interrupt: so one run tries both ways. */
#define WEFT_ARCH_SWAPS
#ifdef WEFT_SIM_ALWAYS_SWAPS
#define WEFT_ARCH_ALWAYS_SWAPS
#endif
bool weft_arch_swaps(void);
const void *weft_arch_stack_pointer(void);
weft_kernel_thread *weft_arch_swap(weft_kernel_thread *from, weft_kernel_thread *to);

#endif
