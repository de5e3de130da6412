/* ThreadHandle: a thread of the runtime that calls Python; weft._thread.Thread has one.
 *
 * The thread has a Python state of its own, which ends before the thread does: thread-locals and
 * all, so nothing of them is left when the runtime says that the thread has ended.
 */
#include <stdlib.h>

#include "blocking.h"
#include "deadline.h"
#include "object.h"
#include "types.h"
#include "wake_order.h"

typedef struct {
    native_head head;
    weft_thread *thread; /* NULL until started */
} thread_object;

/* Held while a new thread makes its state, without the GIL. Python has a lock of its own for that,
 * and a child that was forked just then would wait for it for ever. */
static weft_lock makes_state = WEFT_LOCK_INIT;

void native_thread_before_fork(void) {
    weft_lock_acquire_until(&makes_state, WEFT_FOREVER);
}

void native_thread_after_fork(bool in_child) {
    if (in_child) {
        makes_state = (weft_lock)WEFT_LOCK_INIT; /* nobody waits for it here */
    } else {
        weft_lock_release(&makes_state);
    }
}

static void thread_main(void *argument) {
    native_launch *launch = argument;
    weft_lock_acquire_until(&makes_state, WEFT_FOREVER);
    PyThreadState *state = PyThreadState_New(launch->interpreter);
    weft_lock_release(&makes_state);
    PyEval_RestoreThread(state);
    PyObject *bootstrap = launch->bootstrap;
    native_launch_end(launch);
    PyObject *result = PyObject_CallNoArgs(bootstrap);
    if (result == NULL) {
        PyErr_WriteUnraisable(bootstrap);
    }
    Py_XDECREF(result);
    Py_DECREF(bootstrap);
    PyThreadState_Clear(PyThreadState_Get());
    PyThreadState_DeleteCurrent();
}

/* The handle is complete before the thread, which needs the GIL, runs any Python. */
static bool start(thread_object *object, PyObject *bootstrap, const weft_thread_options *options) {
    native_launch_await_last();
    native_launch *launch = malloc(sizeof *launch);
    if (launch == NULL) {
        return false;
    }
    *launch = (native_launch){Py_NewRef(bootstrap), PyInterpreterState_Get(), PyThreadState_Get(),
                              WEFT_EVENT_INIT, 0};
    if (weft_thread_start(&object->thread, thread_main, launch, options) != WEFT_OK) {
        Py_DECREF(bootstrap);
        free(launch);
        return false;
    }
    native_launch_begin(launch);
    return true;
}

static PyObject *thread_start(PyObject *self, PyObject *arguments) {
    thread_object *object = (thread_object *)self;
    PyObject *bootstrap, *name;
    Py_ssize_t stack_bytes;
    int is_daemon;
    if (!PyArg_ParseTuple(arguments, "OSnp", &bootstrap, &name, &stack_bytes, &is_daemon)) {
        return NULL;
    }
    weft_thread_options options = {PyBytes_AS_STRING(name), (size_t)stack_bytes, is_daemon};
    if (object->thread != NULL || !start(object, bootstrap, &options)) {
        PyErr_SetString(PyExc_RuntimeError, "can't start new thread");
        return NULL;
    }
    return PyLong_FromSize_t(weft_thread_ident(object->thread));
}

static bool is_alive(const thread_object *object) {
    return object->thread != NULL && weft_thread_is_alive(object->thread);
}

static PyObject *thread_is_alive(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(is_alive((thread_object *)self));
}

static PyObject *thread_join(PyObject *self, PyObject *timeout) {
    thread_object *object = (thread_object *)self;
    int64_t deadline_ns =
        timeout == Py_None ? WEFT_FOREVER : native_acquire_deadline(Py_True, timeout);
    if (deadline_ns < 0) {
        return NULL;
    }
    int status = WEFT_OK;
    if (is_alive(object)) {
        do {
            native_block block = native_block_begin(deadline_ns);
            status =
                native_block_end(block, weft_thread_join_until(object->thread, block.limit_ns));
        } while (native_should_retry(status));
    }
    /* A thread whose locals' destructors join it: it has not ended, and no wait could help. */
    return native_wait_result(status == WEFT_DEADLOCK ? WEFT_TIMEDOUT : status);
}

static void thread_dealloc(PyObject *self) {
    thread_object *object = (thread_object *)self;
    if (object->thread != NULL) {
        weft_thread_release(object->thread);
    }
    native_head_dealloc(self);
}

static PyMethodDef methods[] = {
    {"start", thread_start, METH_VARARGS,
     "start($self, bootstrap, name, stack_bytes, daemon, /)\n--\n\n"
     "Start a thread that calls bootstrap(), and return its ident; RuntimeError if it can't be "
     "had."},
    {"is_alive", thread_is_alive, METH_NOARGS,
     "is_alive($self)\n--\n\nReturn whether it has been started and has not ended."},
    {"join", thread_join, METH_O,
     "join($self, timeout, /)\n--\n\n"
     "Block until it has ended; False if that takes more than timeout seconds (None: for ever)."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, thread_dealloc},
    {Py_tp_traverse, native_head_traverse},
    {Py_tp_members, native_head_members},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec native_thread_type = NATIVE_SPEC("weft._types.ThreadHandle", thread_object, slots);
