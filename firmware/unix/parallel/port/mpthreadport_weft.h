/* What py/mpthread.h needs of a port: the interpreter's lock, locks of programs, and the running
 * thread's state.
 */
#ifndef WEFT_MPTHREADPORT_H
#define WEFT_MPTHREADPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "weft.h"

/* A program's lock. MP_STATE_VM(gil_mutex) has this type too: it is the interpreter's lock. */
typedef struct {
    weft_lock lock;
} mp_thread_mutex_t;

#define WEFT_MODULE_ENTER() weft_c_enter()
#define WEFT_MODULE_LEAVE() weft_c_leave()

void mp_thread_init(void);
void mp_thread_deinit(void);
void mp_thread_gc_others(void);
void mp_thread_unix_begin_atomic_section(void);
void mp_thread_unix_end_atomic_section(void);
void weft_gil_init(void);
void weft_gil_enter(void);
void weft_gil_exit(void);

#include "interpreter.h"

#if WEFT_IN_VM /* bytecode has no lock to give up */
static inline void mp_thread_mutex_unlock(mp_thread_mutex_t *mutex) {
    (void)mutex;
}

static inline int mp_thread_mutex_lock(mp_thread_mutex_t *mutex, int wait) {
    (void)mutex, (void)wait;
    return 1;
}
#endif

#endif
