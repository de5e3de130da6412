/* RP2040 and RP2350, over the Pico SDK's headers, which name their registers.
 *
 * Spinlocks: the two that the SDK leaves to an operating system. On RP2040 they are the hardware's
 * (datasheet 2.3.1.3); on RP2350 the SDK makes them of LDAEXB and STREXB, because the hardware's
 * are not safe there (erratum RP2350-E2). */
#ifndef WEFT_RP2_PORT_H
#define WEFT_RP2_PORT_H

#include "hardware/sync.h"

#define WEFT_CHIP_CORES 2

#define WEFT_CHIP_STACK_BYTES 4096
#define WEFT_CHIP_LEAST_STACK_BYTES 768 /* half of it goes to a thread that does nothing */
#define WEFT_CHIP_IDLE_STACK_BYTES 256
/* Core 0 takes the interrupts of all devices, and Python's interrupt handlers run in them. */
#define WEFT_CHIP_INTERRUPT_STACK_BYTES 3072
#define WEFT_CHIP_OTHER_INTERRUPT_STACK_BYTES 768

static inline unsigned weft_chip_core(void) {
    return get_core_num();
}

#if PICO_RP2040
/* The cores do not reorder accesses to memory: only the compiler needs a barrier. */
#define WEFT_CHIP_LOCK_ADDRESS 0xD0000138 /* SIO_SPINLOCK14, PICO_SPINLOCK_ID_OS1 */
#define WEFT_RP2_LOCK (*(volatile uint32_t *)WEFT_CHIP_LOCK_ADDRESS)

static inline void weft_chip_lock(void) {
    while (WEFT_RP2_LOCK == 0) {
    }
    __compiler_memory_barrier();
}

static inline void weft_chip_unlock(void) {
    __compiler_memory_barrier();
    WEFT_RP2_LOCK = 0;
}
#else
static inline void weft_chip_lock(void) {
    spin_lock_unsafe_blocking(spin_lock_instance(PICO_SPINLOCK_ID_OS1));
}

static inline void weft_chip_unlock(void) {
    spin_unlock_unsafe(spin_lock_instance(PICO_SPINLOCK_ID_OS1));
}
#endif

#endif
