/* ARMv6-M (Cortex-M0+): a thread can also leave its core by a call, and the MPU guards its stack.
 *
 * The guard is two sub-regions of 32 bytes of one region of 256, the smallest, at the low end of
 * the stack of the thread that runs: the core may read there (the collector of garbage does), and
 * not write. `guard` is what MPU_RBAR and MPU_RASR have to be (Armv6-M ARM, B3.5).
 *
 * A store to the guard becomes a HardFault, which runs on the interrupts' stack. Its frame goes to
 * the thread's stack, and mostly meets the guard as well: a push that fails is no cause of a lockup
 * (Cortex-M0+ Devices Generic User Guide, 2.4.1), the handler runs, and has no frame to look at. In
 * it the MPU is off (HFNMIENA is 0). The interrupts' stack has a guard too, region 1, which stays.
 */
#ifndef WEFT_ARMV6M_PORT_H
#define WEFT_ARMV6M_PORT_H

#include "platform/kernel/arch/cortex_m.h"
#include "weft_kernel.h"

#define WEFT_ARCH_SWAPS
#define WEFT_ARCH_ALWAYS_SWAPS
#define WEFT_ARCH_IDLES_ANEW
#define WEFT_ARCH_GUARDS
#define WEFT_ARCH_SWAP_LEAVES

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

/* A store below the stack pointer's place, or the push of a context, has met the guard. */
static inline bool weft_arch_stack_is_spent(const weft_kernel_thread *thread) {
    const uint32_t pushed = 40;
    return weft_arch_process_stack() <
           weft_armv6m_guard_low(thread->stack_low) + WEFT_ARMV6M_GUARD_BYTES + pushed;
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
