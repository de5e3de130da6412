/* RLockBase: what weft._lock.RLock does in C.
 *
 * acquire() and `with` keep the order of threads (see turn.h).
 */
#ifndef WEFT_RLOCK_TYPE_H
#define WEFT_RLOCK_TYPE_H

#include "type_support.h"

typedef struct {
    object_head head;
    weft_rlock rlock;
} rlock_object;

static weft_rlock *rlock_of(PyObject *self) {
    return &((rlock_object *)self)->rlock;
}

static PyObject *rlock_take(weft_rlock *rlock, int64_t deadline_ns) {
    keep_order();
    int status = weft_rlock_try(rlock);
    if (status == WEFT_TIMEDOUT && deadline_ns != PAST) {
        do {
            status = rlock_acquire(rlock, deadline_ns);
        } while (goes_on(status));
    }
    return wait_result(status);
}

static PyObject *rlock_object_acquire(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                      PyObject *names) {
    int64_t deadline_ns = WEFT_FOREVER;
    if (count > 0 || names != NULL) {
        deadline_ns = acquire_arguments(self, arguments, count, names);
        if (deadline_ns < 0) {
            return NULL;
        }
    }
    return rlock_take(rlock_of(self), deadline_ns);
}

static PyObject *rlock_object_enter(PyObject *self, PyObject *unused) {
    return rlock_take(rlock_of(self), WEFT_FOREVER);
}

static PyObject *not_acquired(void) {
    PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
    return NULL;
}

static PyObject *rlock_object_release(PyObject *self, PyObject *unused) {
    if (!rlock_release(rlock_of(self))) {
        return not_acquired();
    }
    Py_RETURN_NONE;
}

static PyObject *rlock_object_exit(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    return rlock_object_release(self, NULL);
}

static PyObject *rlock_object_locked(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(rlock_is_held(rlock_of(self)));
}

static PyObject *rlock_object_is_owned(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(weft_rlock_is_owned(rlock_of(self)));
}

static PyObject *rlock_object_release_save(PyObject *self, PyObject *unused) {
    weft_rlock *rlock = rlock_of(self);
    if (!weft_rlock_is_owned(rlock)) {
        return not_acquired();
    }
    return PyLong_FromUnsignedLong(rlock_release_all(rlock));
}

/* Not ended by signals: a condition's wait returns with the lock held, whatever happens. */
static PyObject *rlock_object_acquire_restore(PyObject *self, PyObject *saved) {
    weft_rlock *rlock = rlock_of(self);
    unsigned long depth = PyLong_AsUnsignedLong(saved);
    if (depth == (unsigned long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    if (depth == 0 || depth > UINT32_MAX || weft_rlock_is_owned(rlock)) {
        PyErr_SetString(PyExc_RuntimeError, "cannot restore what _release_save did not return");
        return NULL;
    }
    while (rlock_restore(rlock, (uint32_t)depth, WEFT_FOREVER) != WEFT_OK) {
    }
    Py_RETURN_NONE;
}

static PyObject *rlock_object_depth(PyObject *self, PyObject *unused) {
    return PyLong_FromUnsignedLong(weft_rlock_depth(rlock_of(self)));
}

static PyObject *rlock_object_renew(PyObject *self, PyObject *unused) {
    *rlock_of(self) = (weft_rlock)WEFT_RLOCK_INIT;
    Py_RETURN_NONE;
}

static PyObject *rlock_object_address(PyObject *self, void *unused) {
    return PyLong_FromVoidPtr(rlock_of(self));
}

static PyObject *rlock_object_owner(PyObject *self, void *unused) {
    return PyLong_FromSize_t(rlock_owner(rlock_of(self)));
}

static PyMethodDef rlock_methods[] = {
    {"acquire", KEYWORD_METHOD(rlock_object_acquire),
     "acquire($self, blocking=True, timeout=-1)\n--\n\n"
     "Take the lock, at once if this thread holds it; False if it can't be had (in time)."},
    {"release", rlock_object_release, METH_NOARGS,
     "release($self)\n--\n\nUndo one acquire; RuntimeError if this thread does not hold it."},
    {"locked", rlock_object_locked, METH_NOARGS,
     "locked($self)\n--\n\nReturn whether somebody holds the lock."},
    {"__enter__", rlock_object_enter, METH_NOARGS, NULL},
    {"__exit__", FAST_METHOD(rlock_object_exit), NULL},
    /* What a Condition of anybody's asks of its lock. */
    {"_is_owned", rlock_object_is_owned, METH_NOARGS, NULL},
    {"_release_save", rlock_object_release_save, METH_NOARGS, NULL},
    {"_acquire_restore", rlock_object_acquire_restore, METH_O, NULL},
    {"_recursion_count", rlock_object_depth, METH_NOARGS, NULL},
    {"_at_fork_reinit", rlock_object_renew, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef rlock_properties[] = {
    {"_address", rlock_object_address, NULL,
     "Of the weft_rlock, which lives as long as this object.", NULL},
    {"_owner", rlock_object_owner, NULL, "The ident of who holds the lock, 0 if nobody does.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot rlock_slots[] = {
    {Py_tp_dealloc, head_dealloc},  {Py_tp_traverse, head_traverse},  {Py_tp_members, head_members},
    {Py_tp_methods, rlock_methods}, {Py_tp_getset, rlock_properties}, {0, NULL},
};

static PyType_Spec rlock_type = {
    .name = "weft._types.RLockBase",
    .basicsize = sizeof(rlock_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = rlock_slots,
};

#endif
