/* What arch/arch.h needs of a processor, for the simulated cores. All of it may let another core go
 * on, or an interrupt come: see sim.h. */
#ifndef WEFT_SIM_ARCH_PORT_H
#define WEFT_SIM_ARCH_PORT_H

#include "weft_kernel.h"

#define WEFT_ARCH_UNMASKED 0u

uint32_t weft_arch_mask(void);
void weft_arch_mask_unmasked(void);
void weft_arch_unmask(uint32_t state);
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

static inline bool weft_arch_stack_is_spent(const weft_kernel_thread *thread) {
    (void)thread;
    return false;
}

/* By a call or by the switch interrupt, as the seed decides: so both ways are tried in one run. */
#define WEFT_ARCH_SWAPS
#ifdef WEFT_SIM_ALWAYS_SWAPS
#define WEFT_ARCH_ALWAYS_SWAPS
#endif
bool weft_arch_swaps(void);
const void *weft_arch_stack_pointer(void);
weft_kernel_thread *weft_arch_swap(weft_kernel_thread *from, weft_kernel_thread *to);

#endif
