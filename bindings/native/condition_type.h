/* ConditionBase: what weft._condition.Condition does in C, with a lock of weft's.
 *
 * Condition calls _bind() in its __init__; before that there is no lock, as with one that is not
 * weft's: then Condition makes the steps of a wait itself.
 */
#ifndef WEFT_CONDITION_TYPE_H
#define WEFT_CONDITION_TYPE_H

#include "type_support.h"

typedef struct {
    object_head head;
    bound_condition bound;
} condition_object;

static bound_condition *condition_of(PyObject *self) {
    return &((condition_object *)self)->bound;
}

static PyObject *condition_object_bind(PyObject *self, PyObject *const *addresses,
                                       Py_ssize_t count) {
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "_bind() takes the addresses of a lock and an rlock");
        return NULL;
    }
    void *lock = PyLong_AsVoidPtr(addresses[0]);
    void *rlock = PyLong_AsVoidPtr(addresses[1]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    condition_bind(condition_of(self), (uintptr_t)lock, (uintptr_t)rlock);
    Py_RETURN_NONE;
}

static PyObject *condition_object_enter(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(condition_enter(condition_of(self)));
}

static PyObject *condition_object_exit(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(condition_exit(condition_of(self)));
}

/* The ticket lies on the heap: should the thread end inside the wait, because the interpreter goes
 * down, it is still in the queue. */
static PyObject *condition_object_wait(PyObject *self, PyObject *deadline) {
    int64_t deadline_ns = PyLong_AsLongLong(deadline);
    if (deadline_ns == -1 && PyErr_Occurred()) {
        return NULL;
    }
    condition_ticket *ticket = calloc(1, sizeof *ticket);
    if (ticket == NULL) {
        return PyErr_NoMemory();
    }
    bound_condition *bound = condition_of(self);
    int status;
    do {
        status = condition_wait(bound, ticket, deadline_ns);
    } while (goes_on(status));
    if (status == WEFT_INTERRUPTED) {
        condition_abandon(bound, ticket);
    }
    free(ticket);
    if (status == WEFT_NOT_HELD) {
        PyErr_SetString(PyExc_RuntimeError, "cannot wait on un-acquired lock");
    }
    return wait_result(status);
}

static PyObject *notified(bool is_owned) {
    if (!is_owned) {
        PyErr_SetString(PyExc_RuntimeError, "cannot notify on un-acquired lock");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *condition_object_notify_one(PyObject *self, PyObject *unused) {
    return notified(condition_notify_one(condition_of(self)));
}

static PyObject *condition_object_notify(PyObject *self, PyObject *count) {
    unsigned long most = PyLong_AsUnsignedLong(count);
    if (most == (unsigned long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    return notified(condition_notify(condition_of(self), most > WEFT_ALL ? WEFT_ALL : most));
}

static PyObject *condition_object_renew(PyObject *self, PyObject *unused) {
    condition_renew(condition_of(self));
    Py_RETURN_NONE;
}

static PyObject *condition_object_waiters(PyObject *self, void *unused) {
    return PyLong_FromUnsignedLong(condition_waiting(condition_of(self)));
}

static PyObject *condition_object_address(PyObject *self, void *unused) {
    return PyLong_FromVoidPtr(condition_of(self));
}

static PyMethodDef condition_methods[] = {
    {"_bind", FAST_METHOD(condition_object_bind), NULL},
    {"_try_enter", condition_object_enter, METH_NOARGS, NULL},
    {"_try_exit", condition_object_exit, METH_NOARGS, NULL},
    {"_wait_native", condition_object_wait, METH_O, NULL},
    {"_notify_one", condition_object_notify_one, METH_NOARGS, NULL},
    {"_notify_native", condition_object_notify, METH_O, NULL},
    {"_renew", condition_object_renew, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef condition_properties[] = {
    {"_waiters", condition_object_waiters, NULL, "How many threads wait.", NULL},
    {"_address", condition_object_address, NULL,
     "Of the bound_condition, which lives as long as this object.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot condition_slots[] = {
    {Py_tp_dealloc, head_dealloc},        {Py_tp_traverse, head_traverse},
    {Py_tp_members, head_members},        {Py_tp_methods, condition_methods},
    {Py_tp_getset, condition_properties}, {0, NULL},
};

static PyType_Spec condition_type = {
    .name = "weft._types.ConditionBase",
    .basicsize = sizeof(condition_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = condition_slots,
};

#endif
