/* What py/mpthread.h needs of a port: the interpreter's lock, and the running thread's state.
 *
 * MicroPython's only mutex in this build is the interpreter's lock, so the mutex functions are that
 * lock's (gil.c). Whoever holds it is the only one that touches the interpreter, so one pointer
 * serves all cores: the state of the thread that holds the lock.
 */
#ifndef WEFT_MPTHREADPORT_H
#define WEFT_MPTHREADPORT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    char nothing; /* the lock is in gil.c */
} mp_thread_mutex_t;

typedef void *(*core_entry_func_t)(void *);
extern core_entry_func_t core1_entry; /* rp2_flash.c and mphalport.c ask whether core 1 runs */

extern struct _mp_state_thread_t *volatile weft_port_state;
extern volatile bool weft_gil_wanted;

bool weft_kernel_may_wait(void);
#define WEFT_MODULE_MAY_WAIT() weft_kernel_may_wait()

void mp_thread_init(void);
void mp_thread_deinit(void);
void mp_thread_gc_others(void);
void weft_gil_init(void);
void weft_gil_enter(void);
void weft_gil_exit(void);
void weft_gil_pass_on(void);

static inline struct _mp_state_thread_t *mp_thread_get_state(void) {
    return weft_port_state;
}

static inline void mp_thread_mutex_init(mp_thread_mutex_t *mutex) {
    (void)mutex;
    weft_gil_init();
}

#if WEFT_IN_VM /* where the hook of mpconfigport.h passes the lock on */
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
