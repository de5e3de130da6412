/* ARMv8-M (Cortex-M33): masking by PRIMASK, switching in PendSV. Facts: Armv8-M Architecture
 * Reference Manual, B3.3 (registers), D1.2.125 (ICSR). */
#ifndef WEFT_ARMV8M_PORT_H
#define WEFT_ARMV8M_PORT_H

#define WEFT_ARCH_UNMASKED 0u

static inline uint32_t weft_arch_mask(void) {
    uint32_t state;
    __asm volatile("mrs %0, primask\n cpsid i" : "=r"(state)::"memory");
    return state;
}

static inline void weft_arch_unmask(uint32_t state) {
    /* The barrier: a switch that was requested happens before the next instruction. */
    __asm volatile("msr primask, %0\n isb" ::"r"(state) : "memory");
}

static inline bool weft_arch_may_block(void) {
    uint32_t exception, masked;
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    __asm volatile("mrs %0, primask" : "=r"(masked));
    return (exception | masked) == 0;
}

static inline void weft_arch_request_switch(void) {
    *(volatile uint32_t *)0xE000ED04 = 1u << 28; /* ICSR.PENDSVSET */
    __asm volatile("dsb\n isb" ::: "memory");
}

#endif
