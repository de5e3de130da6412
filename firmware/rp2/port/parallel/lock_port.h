/* What ../../../parallel/lock.h needs of the chip: where a thread's depth lies, and what a lock is.
 *
 * r10 is how deep the thread holds C, r9 is its state (interpreter.h). The compiler uses neither.
 * The kernel and nlr_push() save both.
 */
#ifndef WEFT_LOCK_PORT_H
#define WEFT_LOCK_PORT_H

#include <stdbool.h>
#include <stdint.h>

static inline __attribute__((always_inline)) uint32_t weft_depth(void) {
    uint32_t depth;
    __asm volatile("mov %0, r10" : "=r"(depth));
    return depth;
}

static inline __attribute__((always_inline)) void weft_set_depth(uint32_t depth) {
    __asm volatile("mov r10, %0" ::"r"(depth) : "memory");
}

/* A word that is changed by one thread and looked at by others. */
typedef volatile uint32_t weft_interp_word;

#if PICO_RP2040
/* Hardware spinlocks; the SDK lets programs claim them (RP2040 datasheet 2.3.1.3). A read takes a
 * spinlock if the result is not 0. The cores do not reorder accesses to memory. */
enum { WEFT_INTERP_FIRST_SPINLOCK = 30 };
#define WEFT_SPINLOCK(id_)                                                                         \
    (*(volatile uint32_t *)(0xD0000100u + 4u * (WEFT_INTERP_FIRST_SPINLOCK + (id_))))

static inline bool weft_interp_try(enum weft_interp_id id) {
    bool taken = WEFT_SPINLOCK(id) != 0;
    __asm volatile("" ::: "memory");
    return taken;
}

static inline void weft_interp_free(enum weft_interp_id id) {
    __asm volatile("" ::: "memory");
    WEFT_SPINLOCK(id) = 1;
}
#else
/* Partners: the exchange and the store. The fence is for the look at the calls after the store. */
extern weft_interp_word weft_interp_words[WEFT_INTERP_LOCKS];

static inline bool weft_interp_try(enum weft_interp_id id) {
    return __atomic_exchange_n(&weft_interp_words[id], 1, __ATOMIC_ACQUIRE) == 0;
}

static inline void weft_interp_free(enum weft_interp_id id) {
    __atomic_store_n(&weft_interp_words[id], 0, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
#endif

/* Before the first use; again after a soft reset. */
void weft_interp_init_locks(void);

#endif
