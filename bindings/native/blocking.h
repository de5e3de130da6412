/* Letting go of the GIL around a call that blocks.
 *
 * A wait that a signal ended returns WEFT_INTERRUPTED: its caller is a loop that runs the signal's
 * handler before the next round.
 */
#ifndef WEFT_BLOCKING_H
#define WEFT_BLOCKING_H

#include <Python.h>

#include "weft.h"

/* Where signals do not end waits, the main thread, which runs their handlers, blocks for no longer
 * than this at a time. */
static const int64_t SLICE_NS = 40000000;
static unsigned long main_thread_ident;

static void set_main_thread(unsigned long ident) {
    main_thread_ident = ident;
}

typedef struct {
    PyThreadState *thread_state;
    int64_t limit_ns; /* the deadline for the call that blocks */
    bool is_slice;    /* the limit is not the caller's deadline */
} block;

static block begin_block(int64_t deadline_ns) {
    block blocked = {NULL, deadline_ns, false};
    if (!weft_signals_end_waits() && PyThread_get_thread_ident() == main_thread_ident) {
        int64_t slice_end_ns = weft_clock_deadline(SLICE_NS);
        if (slice_end_ns < deadline_ns) {
            blocked.limit_ns = slice_end_ns;
            blocked.is_slice = true;
        }
    }
    blocked.thread_state = PyEval_SaveThread();
    return blocked;
}

/* Turns the status of the call that blocked into that of the caller's wait. */
static int end_block(block blocked, int status) {
    PyEval_RestoreThread(blocked.thread_state);
    return status == WEFT_TIMEDOUT && blocked.is_slice ? WEFT_INTERRUPTED : status;
}

/* True: tests/bindings asserts that calls are made with the GIL held. */
static bool gil_is_held(void) {
    return PyGILState_Check();
}

#endif
