/* What py/mpthread.h needs of a port: the interpreter's lock, and the running thread's state.
 *
 * MicroPython's only mutex is the interpreter's lock: so the mutex functions work on that lock. The
 * lock differs in the two builds: gil/ and parallel/.
 */
#ifndef WEFT_MPTHREADPORT_H
#define WEFT_MPTHREADPORT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    char nothing; /* the lock is in gil/ or parallel/ */
} mp_thread_mutex_t;

typedef void *(*core_entry_func_t)(void *);
extern core_entry_func_t core1_entry; /* rp2_flash.c and mphalport.c ask whether core 1 runs */

bool weft_kernel_may_wait(void);
#define WEFT_MODULE_MAY_WAIT() weft_kernel_may_wait()
#define WEFT_MODULE_ENTER() weft_c_enter()
#define WEFT_MODULE_LEAVE() weft_c_leave()

void mp_thread_init(void);
void mp_thread_deinit(void);
void mp_thread_gc_others(void);
void weft_gil_init(void);
void weft_gil_enter(void);
void weft_gil_exit(void);

#include "interpreter.h"

static inline void mp_thread_mutex_init(mp_thread_mutex_t *mutex) {
    (void)mutex;
    weft_gil_init();
}

#if WEFT_IN_VM /* the build's interpreter.h says what becomes of the lock */
static inline void mp_thread_mutex_unlock(mp_thread_mutex_t *mutex) {
    (void)mutex;
}

static inline int mp_thread_mutex_lock(mp_thread_mutex_t *mutex, int wait) {
    (void)mutex, (void)wait;
    return 1;
}
#else
static inline void mp_thread_mutex_unlock(mp_thread_mutex_t *mutex) {
    (void)mutex;
    weft_gil_exit();
}

static inline int mp_thread_mutex_lock(mp_thread_mutex_t *mutex, int wait) {
    (void)mutex, (void)wait;
    weft_gil_enter();
    return 1;
}
#endif

#endif
