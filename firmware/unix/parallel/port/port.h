/* weft's part of the parallel unix port, inside: a Python thread, and what the files here do for
 * ../../../parallel.
 *
 *   thread.c        Python threads: start, end (in place of the port's mpthreadport.c)
 *   kernel.c        what the parallel interpreter uses of weft_kernel.h, over POSIX threads
 *   execute.c       bytecode, and the handlers of exceptions
 *   sanitize.c      what ThreadSanitizer and AddressSanitizer are told
 */
#ifndef WEFT_PORT_H
#define WEFT_PORT_H

#include <pthread.h>

#include "py/mpstate.h"
#include "py/mpthread.h"
#include "weft.h"
#include "weft_kernel.h"

/* Guarded by the interpreter's lock, except what only the thread itself uses. */
typedef struct port_thread {
    weft_kernel_thread kernel; /* first; only owner and stack_pointer are used */
    struct port_thread *next;
    pthread_t id;
    void *argument;      /* the entry's argument; in MicroPython's heap */
    bool is_ready;       /* it has begun, and has not ended: only such a thread is stopped */
    uint16_t depth;      /* lock.h: the depth before the lock was given up for a wait */
    uint32_t stopped_at; /* kernel.c */
    struct weft_emergency *emergency; /* parallel/emergency.c; NULL for the main thread */
} port_thread;

extern port_thread weft_port_main; /* the first of the list of all threads */

/* Of the calling thread. */
extern _Thread_local port_thread *weft_port_self;

static inline port_thread *port_self(void) {
    return weft_port_self;
}

/* A thread's memory is the system's here. */
static inline void weft_stacks_forget_spares(void) {
}

/* kernel.c: makes this process's threads stop for others. */
void weft_kernel_init(void);

/* parallel/operations.c, parallel/lock.c: as rp2/port/port.h says. */
bool weft_gil_is_held(void);
void weft_gil_stop_others(void);
void weft_gil_forget_waiters(void);
void weft_gil_hurry_main_from_isr(void);

#endif
