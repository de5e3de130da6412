/* The interpreter's lock (lock.h) as the files of both builds see it, where bytecode runs on both
 * cores at once. gil/interpreter.h is the other build's.
 */
#ifndef WEFT_INTERPRETER_H
#define WEFT_INTERPRETER_H

#include "lock.h"

/* What C may use below the limit of recursion before it looks at the limit again. */
#define WEFT_PORT_C_BYTES 1824

#define WEFT_VM_HOOK /* bytecode has no lock to pass on */

/* The running thread's state: each thread has its own in r9. */
static inline struct _mp_state_thread_t *mp_thread_get_state(void) {
    struct _mp_state_thread_t *state;
    __asm volatile("mov %0, r9" : "=r"(state));
    return state;
}

static inline void weft_port_set_state(struct _mp_state_thread_t *state) {
    __asm volatile("mov r9, %0" ::"r"(state) : "memory");
}

/* In a loop of C code that does not wait: lets others have the lock. */
static inline void weft_gil_pass_on_in_loop(void) {
    if (weft_kernel_may_wait()) {
        weft_gil_exit();
        weft_gil_enter();
    }
}

/* The first thing that a new thread does, in C. */
static inline void weft_gil_begin(void) {
    weft_c_enter();
}

/* An interrupt's handler in Python begins, and ends with the value that it got then. */
typedef struct {
    struct _mp_state_thread_t *state;
    uint32_t depth;
} weft_interrupted;

static inline weft_interrupted weft_gil_begin_handler(struct _mp_state_thread_t *own) {
    weft_interrupted interrupted = {mp_thread_get_state(), weft_depth()};
    weft_port_set_state(own);
    weft_set_depth(WEFT_DEPTH_PINNED);
    return interrupted;
}

static inline void weft_gil_end_handler(weft_interrupted interrupted) {
    weft_port_set_state(interrupted.state);
    weft_set_depth(interrupted.depth);
}

#endif
