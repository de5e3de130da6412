/* Threads: started natively, each with a Python state of its own that ends before the thread does.
 */
#ifndef WEFT_THREADS_H
#define WEFT_THREADS_H

#include <Python.h>
#include <stdlib.h>

#include "blocking.h"
#include "turn.h"
#include "weft.h"

/* What a Thread object of Python holds on to. */
typedef struct {
    weft_thread *thread; /* NULL until started */
} thread_handle;

static void thread_main(void *argument) {
    launch *launched = argument;
    /* The thread's Python state is ours, not cffi's: it ends here, thread-locals and all, before
     * the runtime says that the thread has ended. */
    PyEval_RestoreThread(PyThreadState_New(launched->interpreter));
    PyObject *bootstrap = launched->bootstrap;
    own_place = 0;
    weft_event_set(&launched->running);
    int references = 1;
    if (newcomer == launched) {
        newcomer = NULL;
        references = 2;
    }
    drop_launch(launched, references);
    PyObject *result = PyObject_CallNoArgs(bootstrap);
    if (result == NULL) {
        PyErr_WriteUnraisable(bootstrap);
    }
    Py_XDECREF(result);
    Py_DECREF(bootstrap);
    PyThreadState_Clear(PyThreadState_Get());
    PyThreadState_DeleteCurrent();
}

/* Starts a thread that calls the callable object whose id() is `bootstrap`. The handle is complete
 * before the thread runs any Python. */
static int thread_start(thread_handle *handle, uintptr_t bootstrap, const char *name,
                        size_t stack_bytes, bool daemon) {
    await_newcomer();
    launch *launched = malloc(sizeof *launched);
    if (launched == NULL) {
        return WEFT_NO_MEMORY;
    }
    *launched = (launch){(PyObject *)bootstrap, PyInterpreterState_Get(), PyThreadState_Get(),
                         WEFT_EVENT_INIT, 2};
    Py_INCREF(launched->bootstrap);
    weft_thread_options options = {name, stack_bytes, daemon};
    int status = weft_thread_start(&handle->thread, thread_main, launched, &options);
    if (status != WEFT_OK) {
        Py_DECREF(launched->bootstrap);
        free(launched);
        return status;
    }
    newcomer = launched;
    return WEFT_OK;
}

static uintptr_t thread_ident(const thread_handle *handle) {
    return weft_thread_ident(handle->thread);
}

static bool thread_is_alive(const thread_handle *handle) {
    return handle->thread != NULL && weft_thread_is_alive(handle->thread);
}

static int thread_join(thread_handle *handle, int64_t deadline_ns) {
    if (!thread_is_alive(handle)) {
        return WEFT_OK;
    }
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_thread_join_until(handle->thread, blocked.limit_ns));
}

static void thread_release(thread_handle *handle) {
    if (handle->thread != NULL) {
        weft_thread_release(handle->thread);
    }
}

static int thread_join_all(int64_t deadline_ns) {
    await_newcomer(); /* a daemon may not come up while the interpreter goes down */
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_thread_join_all_until(blocked.limit_ns));
}

#endif
