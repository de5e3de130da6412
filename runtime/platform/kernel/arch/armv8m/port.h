/* ARMv8-M: the processor stops a thread whose stack pointer goes below its limit. */
#ifndef WEFT_ARMV8M_PORT_H
#define WEFT_ARMV8M_PORT_H

#include "platform/kernel/arch/cortex_m.h"
#include "weft_kernel.h"

#define WEFT_ARCH_GUARDS

static inline void weft_arch_guard(weft_kernel_thread *thread) {
    thread->guard[0] = ((uint32_t)thread->stack_low + 7) & ~7u; /* PSPLIM */
}

/* CFSR.STKOF (Armv8-M ARM, D1.2.266); the fault escalates to HardFault. */
static inline bool weft_arch_stack_overflowed(const weft_kernel_thread *thread) {
    (void)thread;
    return (*(volatile uint32_t *)0xE000ED28 & 1u << 20) != 0;
}

#endif
