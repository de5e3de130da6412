/* ARMv6-M (Cortex-M0+): a thread can also leave its core by a call. */
#ifndef WEFT_ARMV6M_PORT_H
#define WEFT_ARMV6M_PORT_H

#include "platform/kernel/arch/cortex_m.h"
#include "weft_kernel.h"

#define WEFT_ARCH_SWAPS
#define WEFT_ARCH_ALWAYS_SWAPS
#define WEFT_ARCH_IDLES_ANEW

static inline bool weft_arch_swaps(void) {
    return true;
}

static inline const void *weft_arch_stack_pointer(void) {
    const void *stack_pointer;
    __asm volatile("mov %0, sp" : "=r"(stack_pointer));
    return stack_pointer;
}

/* Returns `from`, which goes on. The compiler saves what the caller still needs; armv6m.c says what
 * is on the stack. */
static inline weft_kernel_thread *weft_arch_swap(weft_kernel_thread *from, weft_kernel_thread *to) {
    register weft_kernel_thread *from_ __asm("r0") = from;
    register weft_kernel_thread *to_ __asm("r1") = to;
    __asm volatile("bl weft_armv6m_swap"
                   : "+r"(from_), "+r"(to_)
                   :
                   : "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr",
                     "cc", "memory");
    return to_; /* r1: the thread that was gone on with */
}

#endif
