/* LockBase: what weft._lock.Lock does in C. */
#ifndef WEFT_LOCK_TYPE_H
#define WEFT_LOCK_TYPE_H

#include "type_support.h"

typedef struct {
    object_head head;
    weft_lock lock;
} lock_object;

static weft_lock *lock_of(PyObject *self) {
    return &((lock_object *)self)->lock;
}

static PyObject *lock_take(weft_lock *lock, int64_t deadline_ns) {
    if (weft_lock_try(lock)) {
        Py_RETURN_TRUE;
    }
    if (deadline_ns == PAST) {
        Py_RETURN_FALSE;
    }
    int status;
    do {
        status = lock_acquire(lock, deadline_ns);
    } while (goes_on(status));
    return wait_result(status);
}

static PyObject *lock_object_acquire(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                     PyObject *names) {
    int64_t deadline_ns = WEFT_FOREVER;
    if (count > 0 || names != NULL) {
        deadline_ns = acquire_arguments(self, arguments, count, names);
        if (deadline_ns < 0) {
            return NULL;
        }
    }
    return lock_take(lock_of(self), deadline_ns);
}

static PyObject *lock_object_enter(PyObject *self, PyObject *unused) {
    return lock_take(lock_of(self), WEFT_FOREVER);
}

static PyObject *lock_object_release(PyObject *self, PyObject *unused) {
    if (!lock_release(lock_of(self))) {
        PyErr_SetString(PyExc_RuntimeError, "release unlocked lock");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *lock_object_exit(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    return lock_object_release(self, NULL);
}

static PyObject *lock_object_locked(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(weft_lock_is_held(lock_of(self)));
}

static PyObject *lock_object_renew(PyObject *self, PyObject *unused) {
    *lock_of(self) = (weft_lock)WEFT_LOCK_INIT;
    Py_RETURN_NONE;
}

static PyObject *lock_object_address(PyObject *self, void *unused) {
    return PyLong_FromVoidPtr(lock_of(self));
}

#define ACQUIRE_DOC                                                                                \
    "($self, blocking=True, timeout=-1)\n--\n\n"                                                   \
    "Take the lock and return True; False if it can't be had (in time)."
#define RELEASE_DOC "($self)\n--\n\nLet go of the lock; RuntimeError if it is not held."
#define LOCKED_DOC "($self)\n--\n\nReturn whether somebody holds the lock."

/* acquire_lock and so on: the names before Python 1.5, which lock objects have kept. */
static PyMethodDef lock_methods[] = {
    {"acquire", KEYWORD_METHOD(lock_object_acquire), "acquire" ACQUIRE_DOC},
    {"acquire_lock", KEYWORD_METHOD(lock_object_acquire), "acquire_lock" ACQUIRE_DOC},
    {"release", lock_object_release, METH_NOARGS, "release" RELEASE_DOC},
    {"release_lock", lock_object_release, METH_NOARGS, "release_lock" RELEASE_DOC},
    {"locked", lock_object_locked, METH_NOARGS, "locked" LOCKED_DOC},
    {"locked_lock", lock_object_locked, METH_NOARGS, "locked_lock" LOCKED_DOC},
    {"__enter__", lock_object_enter, METH_NOARGS, NULL},
    {"__exit__", FAST_METHOD(lock_object_exit), NULL},
    {"_at_fork_reinit", lock_object_renew, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef lock_properties[] = {
    {"_address", lock_object_address, NULL, "Of the weft_lock, which lives as long as this object.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot lock_slots[] = {
    {Py_tp_dealloc, head_dealloc}, {Py_tp_traverse, head_traverse}, {Py_tp_members, head_members},
    {Py_tp_methods, lock_methods}, {Py_tp_getset, lock_properties}, {0, NULL},
};

static PyType_Spec lock_type = {
    .name = "weft._types.LockBase",
    .basicsize = sizeof(lock_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = lock_slots,
};

#endif
