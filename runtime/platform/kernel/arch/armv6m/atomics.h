/* C11's atomics for ARMv6-M, which has no instructions for them: the compiler would call a function
 * for each. This is included before every source of the runtime (kernel.cmake). The runtime uses
 * words only, and stores of bytes.
 *
 * A step is atomic because it masks interrupts and takes a spinlock. The Pico SDK's own atomics
 * take the same one (PICO_SPINLOCK_ID_ATOMIC), so both kinds may be mixed. RP2040's cores do not
 * reorder accesses to memory. So only the compiler could, and each step is a barrier for it.
 */
#ifndef WEFT_ARMV6M_ATOMICS_H
#define WEFT_ARMV6M_ATOMICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) weft_atomic_raw;

#define WEFT_ATOMIC_LOCK (*(volatile uint32_t *)0xD0000134) /* SIO_SPINLOCK13 */

static inline __attribute__((always_inline)) uint32_t weft_atomic_begin(void) {
    uint32_t state;
    __asm volatile("mrs %0, primask\n cpsid i" : "=r"(state)::"memory");
    while (WEFT_ATOMIC_LOCK == 0) {
    }
    return state;
}

static inline __attribute__((always_inline)) void weft_atomic_end(uint32_t state) {
    __asm volatile("" ::: "memory");
    WEFT_ATOMIC_LOCK = 0;
    __asm volatile("msr primask, %0" ::"r"(state) : "memory");
}

#define WEFT_ATOMIC_CHANGE(name_, expression_)                                                     \
    static inline uint32_t name_(volatile weft_atomic_raw *word, uint32_t value) {                 \
        uint32_t state = weft_atomic_begin();                                                      \
        uint32_t old = *word;                                                                      \
        *word = (expression_);                                                                     \
        weft_atomic_end(state);                                                                    \
        return old;                                                                                \
    }

WEFT_ATOMIC_CHANGE(weft_atomic_add, old + value)
WEFT_ATOMIC_CHANGE(weft_atomic_sub, old - value)
WEFT_ATOMIC_CHANGE(weft_atomic_and, old &value)
WEFT_ATOMIC_CHANGE(weft_atomic_swap, value)

static inline bool weft_atomic_compare(volatile weft_atomic_raw *word, weft_atomic_raw *expected,
                                       uint32_t value) {
    uint32_t state = weft_atomic_begin();
    uint32_t old = *word;
    bool same = old == *expected;
    if (same) {
        *word = value;
    }
    weft_atomic_end(state);
    if (!same) {
        *expected = old;
    }
    return same;
}

static inline uint32_t weft_atomic_read(const volatile weft_atomic_raw *word) {
    uint32_t value = *word;
    __asm volatile("" ::: "memory");
    return value;
}

static inline void weft_atomic_write(volatile weft_atomic_raw *word, uint32_t value) {
    __asm volatile("" ::: "memory");
    *word = value;
    __asm volatile("" ::: "memory");
}

static inline void weft_atomic_write_byte(volatile uint8_t *byte, uint8_t value) {
    __asm volatile("" ::: "memory");
    *byte = value;
    __asm volatile("" ::: "memory");
}

/* The object's type without _Atomic. */
#define WEFT_ATOMIC_TYPE(object_) __typeof__((void)0, *(object_))
#define WEFT_ATOMIC_WORD(object_) ((volatile weft_atomic_raw *)(object_))

#undef atomic_load
#undef atomic_load_explicit
#undef atomic_store
#undef atomic_store_explicit
#undef atomic_exchange_explicit
#undef atomic_compare_exchange_strong_explicit
#undef atomic_compare_exchange_weak_explicit
#undef atomic_fetch_add
#undef atomic_fetch_add_explicit
#undef atomic_fetch_sub
#undef atomic_fetch_sub_explicit
#undef atomic_fetch_and_explicit
#define atomic_load(o) ((WEFT_ATOMIC_TYPE(o))weft_atomic_read((const weft_atomic_raw *)(o)))
#define atomic_load_explicit(o, m) atomic_load(o)
#define atomic_store(o, v)                                                                         \
    (sizeof *(o) == 1 ? weft_atomic_write_byte((volatile uint8_t *)(o), (uint8_t)(uintptr_t)(v))   \
                      : weft_atomic_write(WEFT_ATOMIC_WORD(o), (uint32_t)(v)))
#define atomic_store_explicit(o, v, m) atomic_store(o, v)
#define atomic_exchange_explicit(o, v, m)                                                          \
    ((WEFT_ATOMIC_TYPE(o))weft_atomic_swap(WEFT_ATOMIC_WORD(o), (uint32_t)(v)))
#define atomic_compare_exchange_strong_explicit(o, e, v, m, n)                                     \
    weft_atomic_compare(WEFT_ATOMIC_WORD(o), (weft_atomic_raw *)(e), (uint32_t)(v))
#define atomic_compare_exchange_weak_explicit atomic_compare_exchange_strong_explicit
#define atomic_fetch_add(o, v) weft_atomic_add(WEFT_ATOMIC_WORD(o), v)
#define atomic_fetch_add_explicit(o, v, m) atomic_fetch_add(o, v)
#define atomic_fetch_sub(o, v) weft_atomic_sub(WEFT_ATOMIC_WORD(o), v)
#define atomic_fetch_sub_explicit(o, v, m) atomic_fetch_sub(o, v)
#define atomic_fetch_and_explicit(o, v, m) weft_atomic_and(WEFT_ATOMIC_WORD(o), v)

#endif
