/* A call that blocks: the GIL is let go of around it, and signals are dealt with.
 *
 *     do {
 *         native_block block = native_block_begin(deadline_ns);
 *         status = native_block_end(block, weft_lock_acquire_until(lock, block.limit_ns));
 *     } while (native_should_retry(status));
 *     return native_wait_result(status);
 *
 * All of this is called with the GIL held, and returns with it held.
 */
#ifndef NATIVE_BLOCKING_H
#define NATIVE_BLOCKING_H

#include <Python.h>

#include "weft.h"

typedef struct {
    PyThreadState *thread_state;
    int64_t limit_ns; /* the deadline for the call that blocks */
    bool is_slice;    /* the limit is not the caller's deadline */
} native_block;

/* Lets go of the GIL. */
native_block native_block_begin(int64_t deadline_ns);

/* Takes the GIL again, and turns the status of the call that blocked into that of the wait. */
int native_block_end(native_block block, int status);

/* Whether to go on with a wait that ended so: a signal ended it, and its handler raised nothing. */
bool native_should_retry(int status);

/* What a wait returns to Python; `status` is WEFT_INTERRUPTED if a handler raised. */
PyObject *native_wait_result(int status);

/* The deadline, or if it is sooner the moment at which the calling thread has to look for signals.
 * Needs no GIL. */
int64_t native_block_limit(int64_t deadline_ns);

/* The thread that runs the handlers of signals. */
void native_set_main_thread(unsigned long ident);

#endif
