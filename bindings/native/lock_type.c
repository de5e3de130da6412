/* LockBase: what weft._lock.Lock does in C. */
#include "blocking.h"
#include "deadline.h"
#include "object.h"
#include "types.h"
#include "wake_order.h"

typedef struct {
    native_head head;
    weft_lock lock;
} lock_object;

weft_lock *native_lock_of(PyObject *self) {
    return &((lock_object *)self)->lock;
}

bool native_lock_release(weft_lock *lock) {
    if (!weft_lock_has_waiters(lock)) {
        return weft_lock_release(lock) == WEFT_OK;
    }
    PyThreadState *thread_state = native_wake_begin();
    int status = weft_lock_release(lock);
    native_wake_end(thread_state);
    return status == WEFT_OK;
}

static PyObject *take(weft_lock *lock, int64_t deadline_ns) {
    if (weft_lock_try(lock)) {
        Py_RETURN_TRUE;
    }
    if (deadline_ns == NATIVE_PAST) {
        Py_RETURN_FALSE;
    }
    int status;
    do {
        native_block block = native_block_begin(deadline_ns);
        status = native_block_end(block, weft_lock_acquire_until(lock, block.limit_ns));
    } while (native_should_retry(status));
    return native_wait_result(status);
}

static PyObject *lock_acquire(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                              PyObject *names) {
    int64_t deadline_ns = native_acquire_arguments(arguments, count, names);
    return deadline_ns < 0 ? NULL : take(native_lock_of(self), deadline_ns);
}

static PyObject *lock_enter(PyObject *self, PyObject *unused) {
    return take(native_lock_of(self), WEFT_FOREVER);
}

static PyObject *lock_release(PyObject *self, PyObject *unused) {
    if (!native_lock_release(native_lock_of(self))) {
        PyErr_SetString(PyExc_RuntimeError, "release unlocked lock");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *lock_exit(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    return lock_release(self, NULL);
}

static PyObject *lock_locked(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(weft_lock_is_held(native_lock_of(self)));
}

static PyObject *lock_renew(PyObject *self, PyObject *unused) {
    *native_lock_of(self) = (weft_lock)WEFT_LOCK_INIT;
    Py_RETURN_NONE;
}

#define ACQUIRE_DOC                                                                                \
    "($self, blocking=True, timeout=-1)\n--\n\n"                                                   \
    "Take the lock and return True; False if it can't be had (in time)."
#define RELEASE_DOC "($self)\n--\n\nLet go of the lock; RuntimeError if it is not held."
#define LOCKED_DOC "($self)\n--\n\nReturn whether somebody holds the lock."

/* acquire_lock and so on: the names before Python 1.5, which lock objects have kept. */
static PyMethodDef methods[] = {
    {"acquire", NATIVE_KEYWORDS(lock_acquire), "acquire" ACQUIRE_DOC},
    {"acquire_lock", NATIVE_KEYWORDS(lock_acquire), "acquire_lock" ACQUIRE_DOC},
    {"release", lock_release, METH_NOARGS, "release" RELEASE_DOC},
    {"release_lock", lock_release, METH_NOARGS, "release_lock" RELEASE_DOC},
    {"locked", lock_locked, METH_NOARGS, "locked" LOCKED_DOC},
    {"locked_lock", lock_locked, METH_NOARGS, "locked_lock" LOCKED_DOC},
    {"__enter__", lock_enter, METH_NOARGS, NULL},
    {"__exit__", NATIVE_POSITIONS(lock_exit), NULL},
    {"_at_fork_reinit", lock_renew, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {NATIVE_HEAD_SLOTS, {Py_tp_methods, methods}, {0, NULL}};

PyType_Spec native_lock_type = NATIVE_SPEC("weft._types.LockBase", lock_object, slots);
