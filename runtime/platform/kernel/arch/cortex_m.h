/* What the Cortex-M processors have in common: masking by PRIMASK, switching in PendSV. Facts:
 * Armv6-M Architecture Reference Manual, B1.4 (registers), B3.2.4 (ICSR); the same in Armv8-M's. */
#ifndef WEFT_CORTEX_M_H
#define WEFT_CORTEX_M_H

#define WEFT_ARCH_IRQ_ENABLED 0u

static inline uint32_t weft_arch_irq_save(void) {
    uint32_t state;
    __asm volatile("mrs %0, primask\n cpsid i" : "=r"(state)::"memory");
    return state;
}

static inline void weft_arch_irq_disable(void) {
    __asm volatile("cpsid i" ::: "memory");
}

static inline void weft_arch_irq_restore(uint32_t state) {
    __asm volatile("msr primask, %0" ::"r"(state) : "memory");
}

static inline uint32_t weft_arch_interrupt(void) {
    uint32_t exception;
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    return exception;
}

static inline bool weft_arch_may_block(void) {
    uint32_t masked;
    __asm volatile("mrs %0, primask" : "=r"(masked));
    return (masked | weft_arch_interrupt()) == 0;
}

static inline void weft_arch_request_switch(void) {
    *(volatile uint32_t *)0xE000ED04 = 1u << 28; /* ICSR.PENDSVSET */
}

/* Where the stack of an interrupt is, in it. */
static inline uintptr_t weft_arch_interrupt_stack(void) {
    uintptr_t stack_pointer;
    __asm volatile("mrs %0, msp" : "=r"(stack_pointer));
    return stack_pointer;
}

/* The stack pointer of the core's thread, in an interrupt. */
static inline uintptr_t weft_arch_process_stack(void) {
    uintptr_t stack_pointer;
    __asm volatile("mrs %0, psp" : "=r"(stack_pointer));
    return stack_pointer;
}

/* Gives PendSV the lowest priority (SHPR3, B3.2.12). */
static inline void weft_arch_lower_switch_priority(void) {
    *(volatile uint32_t *)0xE000ED20 |= 0xFFu << 16;
}

/* A switch that was requested has happened. */
static inline void weft_arch_await_switch(void) {
    __asm volatile("dsb\n isb" ::: "memory");
}

#endif
