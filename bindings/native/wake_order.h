/* The order in which threads go on after start(), after a wake-up and after an event's set().
 *
 * wake_order.c says which order, and why. All of this is called with the GIL held, and returns with
 * it held.
 */
#ifndef NATIVE_WAKE_ORDER_H
#define NATIVE_WAKE_ORDER_H

#include <Python.h>

#include "weft.h"

/* Lets those go first whose turn comes before the caller's. */
void native_keep_order(void);

/* Around a call of the runtime that wakes a thread: the GIL, which that thread will want, is let go
 * of. */
PyThreadState *native_wake_begin(void);
void native_wake_end(PyThreadState *thread_state);

/* A thread that waits for an event. It lies on the heap, since a thread may end at any wait for the
 * GIL once the interpreter goes down. */
typedef struct native_sleeper {
    struct native_sleeper *next;
    struct native_sleeper *previous;
    uint64_t place; /* in the order of all releases; 0 before the release */
} native_sleeper;

/* Those who wait for one event, the first to come first. Zero bytes are an empty list. */
typedef struct {
    native_sleeper *first;
    native_sleeper *last;
} native_sleepers;

/* Before the wait, and after it: once the caller has the GIL again. */
void native_sleeper_enter(native_sleepers *waiting, native_sleeper *self);
void native_sleeper_leave(native_sleepers *waiting, native_sleeper *self);

/* Before the event is set: they go on in the order of the list, which is empty after it. */
void native_sleepers_release(native_sleepers *waiting);

/* A thread that was started; on the heap, as above. */
typedef struct {
    PyObject *bootstrap; /* what it calls: a reference of its own */
    PyInterpreterState *interpreter;
    PyThreadState *starter;
    weft_event running; /* set once the new thread has the GIL */
    int references;     /* the new thread's, and that of wake_order.c or of who waits for it */
} native_launch;

/* Called by the starter: waits until the thread started last runs. */
void native_launch_await_last(void);

/* Called by the starter, once the thread has started. */
void native_launch_begin(native_launch *launch);

/* Called by the new thread, once it has the GIL; the launch may be gone then. */
void native_launch_end(native_launch *launch);

/* In a forked child: nobody else's turn comes first. */
void native_order_forget(void);

#endif
