/* The interpreter's lock as MicroPython's files see it: ../../../parallel/lock.h says what it is.
 */
#ifndef WEFT_INTERPRETER_H
#define WEFT_INTERPRETER_H

#include "lock.h"

/* The running thread's state. */
extern _Thread_local struct _mp_state_thread_t *weft_port_state;

static inline struct _mp_state_thread_t *mp_thread_get_state(void) {
    return weft_port_state;
}

/* At each branch of bytecode. A signal tells a thread to stand still (kernel.c), and
 * ThreadSanitizer delivers a signal only at the next atomic access. Here is one. */
#ifdef __SANITIZE_THREAD__
extern weft_word weft_port_stops;
#define WEFT_VM_HOOK (void)atomic_load_explicit(&weft_port_stops, memory_order_relaxed);
#else
#define WEFT_VM_HOOK
#endif

#endif
