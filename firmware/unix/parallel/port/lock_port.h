/* What ../../../parallel/lock.h needs of the port: where a thread's depth lies, and what a lock is.
 */
#ifndef WEFT_LOCK_PORT_H
#define WEFT_LOCK_PORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

extern _Thread_local uint32_t weft_port_depth;

static inline uint32_t weft_depth(void) {
    return weft_port_depth;
}

static inline void weft_set_depth(uint32_t depth) {
    weft_port_depth = depth;
}

/* A word that one thread changes and others read, in one order for all. */
typedef _Atomic(uint32_t) weft_interp_word;

extern weft_interp_word weft_interp_words[WEFT_INTERP_LOCKS];

/* Partners: the exchange and the store. The looks at the calls come after both. */
static inline bool weft_interp_try(enum weft_interp_id id) {
    return atomic_load_explicit(&weft_interp_words[id], memory_order_relaxed) == 0 &&
           atomic_exchange(&weft_interp_words[id], 1) == 0;
}

static inline void weft_interp_free(enum weft_interp_id id) {
    atomic_store(&weft_interp_words[id], 0);
}

/* Before the first use. */
void weft_interp_init_locks(void);

#endif
