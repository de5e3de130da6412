/* ARMv6-M (Cortex-M0+): a thread can also leave its core by a call, and the MPU guards its stack.
 *
 * The guard lies at the low end of the running thread's stack: two sub-regions of 32 bytes, in a
 * region of 256 bytes (the smallest). The core may read there (the garbage collector does), but not
 * write. `guard` holds the values for MPU_RBAR and MPU_RASR (Armv6-M ARM, B3.5).
 *
 * A store to the guard becomes a HardFault. Its handler runs on the interrupts' stack, with the MPU
 * off (HFNMIENA is 0). The processor pushes its frame to the thread's stack, and mostly meets the
 * guard there too: that is no lockup (Cortex-M0+ Devices Generic User Guide, 2.4.1), but the
 * handler has no frame. The interrupts' stack has a guard as well, region 1, which never changes.
 */
#ifndef WEFT_ARMV6M_PORT_H
#define WEFT_ARMV6M_PORT_H

#include "platform/kernel/arch/cortex_m.h"
#include "weft_kernel.h"

#define WEFT_ARCH_SWAPS
#define WEFT_ARCH_ALWAYS_SWAPS
#define WEFT_ARCH_IDLE_RESTARTS
#define WEFT_ARCH_GUARDS
#define WEFT_ARCH_SWAP_CHECKS_STACK

static inline bool weft_arch_swaps(void) {
    return true;
}

enum { WEFT_ARMV6M_GUARD_BYTES = 64, WEFT_ARMV6M_REGION_BYTES = 256, WEFT_ARMV6M_SUBREGION = 32 };

static inline uint32_t weft_armv6m_guard_low(const void *stack_low) {
    return ((uint32_t)stack_low + WEFT_ARMV6M_GUARD_BYTES - 1) &
           ~(uint32_t)(WEFT_ARMV6M_GUARD_BYTES - 1);
}

/* A stack's guard, as region `region` of the MPU's eight. */
static inline void weft_armv6m_guard(uint32_t guard[2], const void *stack_low, uint32_t region) {
    const uint32_t valid = 1u << 4, execute_never = 1u << 28, read_only = 6u << 24,
                   size_and_enable = 7u << 1 | 1u;
    uint32_t low = weft_armv6m_guard_low(stack_low);
    uint32_t subregion = low % WEFT_ARMV6M_REGION_BYTES / WEFT_ARMV6M_SUBREGION;
    guard[0] = (low & ~(uint32_t)(WEFT_ARMV6M_REGION_BYTES - 1)) | valid | region;
    guard[1] = execute_never | read_only | (0xFFu & ~(3u << subregion)) << 8 | size_and_enable;
}

static inline void weft_arch_guard(weft_kernel_thread *thread) {
    weft_armv6m_guard(thread->guard, thread->stack_low, 0);
}

/* The guard was met by a store below the stack pointer, or by the push of a context. */
static inline bool weft_arch_stack_overflowed(const weft_kernel_thread *thread) {
    const uint32_t pushed = 40;
    return weft_arch_process_stack() <
           weft_armv6m_guard_low(thread->stack_low) + WEFT_ARMV6M_GUARD_BYTES + pushed;
}

/* Returns `from`, once it is resumed. The compiler saves what the caller still needs; armv6m.c says
 * what is on the stack. */
static inline weft_kernel_thread *weft_arch_swap(weft_kernel_thread *from, weft_kernel_thread *to) {
#ifdef WEFT_ARCH_R9_R10_ARE_THREADS
    uint32_t r9, r10;
    __asm volatile("mov %0, r9\n mov %1, r10" : "=r"(r9), "=r"(r10));
#define WEFT_ARMV6M_R9_R10
#else
#define WEFT_ARMV6M_R9_R10 "r9", "r10",
#endif
    register weft_kernel_thread *from_ __asm("r0") = from;
    register weft_kernel_thread *to_ __asm("r1") = to;
    __asm volatile("bl weft_armv6m_swap"
                   : "+r"(from_), "+r"(to_)
                   :
                   : "r2", "r3", "r4", "r5", "r6", "r7", "r8", WEFT_ARMV6M_R9_R10 "r11", "r12",
                     "lr", "cc", "memory");
#ifdef WEFT_ARCH_R9_R10_ARE_THREADS
    __asm volatile("mov r9, %0\n mov r10, %1" ::"r"(r9), "r"(r10));
#endif
    return to_; /* r1: the thread that was resumed */
}

#endif
