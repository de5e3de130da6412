/* ConditionBase: what weft._condition.Condition does in C, with a lock of weft's.
 *
 * Condition calls _bind() in its __init__; before that there is no lock, as with one that is not
 * weft's: then the methods that Condition adds make the steps, and are called from here.
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

/* Of a lock that is not weft's, or that has to be waited for. */
static PyObject *enter_lock(PyObject *self) {
    PyObject *lock = PyObject_GetAttrString(self, "_lock");
    if (lock == NULL) {
        return NULL;
    }
    PyObject *entered = PyObject_CallMethod(lock, "__enter__", NULL);
    Py_DECREF(lock);
    return entered;
}

static PyObject *condition_object_enter(PyObject *self, PyObject *unused) {
    if (condition_enter(condition_of(self))) {
        Py_RETURN_TRUE;
    }
    return enter_lock(self);
}

static PyObject *condition_object_exit(PyObject *self, PyObject *const *arguments,
                                       Py_ssize_t count) {
    if (condition_exit(condition_of(self))) {
        Py_RETURN_NONE;
    }
    PyObject *lock = PyObject_GetAttrString(self, "_lock");
    if (lock == NULL) {
        return NULL;
    }
    PyObject *exit = PyObject_GetAttrString(lock, "__exit__");
    Py_DECREF(lock);
    if (exit == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_Vectorcall(exit, arguments, (size_t)count, NULL);
    Py_DECREF(exit);
    return result;
}

static PyObject *not_waiting(void) {
    PyErr_SetString(PyExc_RuntimeError, "cannot wait on un-acquired lock");
    return NULL;
}

/* The ticket lies on the heap: should the thread end inside the wait, because the interpreter goes
 * down, it is still in the queue. */
static PyObject *wait_with_own_lock(bound_condition *bound, int64_t deadline_ns) {
    condition_ticket *ticket = calloc(1, sizeof *ticket);
    if (ticket == NULL) {
        return PyErr_NoMemory();
    }
    int status;
    do {
        status = condition_wait(bound, ticket, deadline_ns);
    } while (goes_on(status));
    if (status == WEFT_INTERRUPTED) {
        condition_abandon(bound, ticket);
    }
    free(ticket);
    return status == WEFT_NOT_HELD ? not_waiting() : wait_result(status);
}

static PyObject *condition_object_wait(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                       PyObject *names) {
    static const signature wait = {"wait", 1, {"timeout"}};
    PyObject *timeout = Py_None;
    if (!spread_arguments(&wait, arguments, count, names, &timeout)) {
        return NULL;
    }
    bound_condition *bound = condition_of(self);
    if (!has_own_lock(bound)) {
        return PyObject_CallMethod(self, "_wait_with_foreign_lock", "(O)", timeout);
    }
    if (!is_owned(bound)) { /* of two mistakes, CPython names this one */
        return not_waiting();
    }
    int64_t deadline_ns = timeout == Py_None ? WEFT_FOREVER : make_deadline(self, &timeout, 1);
    return deadline_ns < 0 ? NULL : wait_with_own_lock(bound, deadline_ns);
}

/* Whether the caller holds the lock, as far as that can be told; with an exception set if not. */
static bool may_notify(PyObject *self) {
    bound_condition *bound = condition_of(self);
    bool owned = is_owned(bound);
    if (!has_own_lock(bound)) {
        PyObject *answer = PyObject_CallMethod(self, "_is_owned", NULL);
        owned = answer != NULL && PyObject_IsTrue(answer) == 1;
        Py_XDECREF(answer);
    }
    if (!owned && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_RuntimeError, "cannot notify on un-acquired lock");
    }
    return owned;
}

static PyObject *condition_object_notify(PyObject *self, PyObject *const *arguments,
                                         Py_ssize_t count, PyObject *names) {
    static const signature notify = {"notify", 1, {"n"}};
    PyObject *number = NULL;
    if (!spread_arguments(&notify, arguments, count, names, &number) || !may_notify(self)) {
        return NULL;
    }
    long long most = 1;
    if (number != NULL) {
        int overflow;
        most = PyLong_AsLongLongAndOverflow(number, &overflow);
        if (most == -1 && PyErr_Occurred()) {
            return NULL;
        }
        most = overflow > 0 || most > WEFT_ALL ? WEFT_ALL : most < 0 ? 0 : most;
    }
    condition_notify(condition_of(self), (uint32_t)most);
    Py_RETURN_NONE;
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
    {"__enter__", condition_object_enter, METH_NOARGS, NULL},
    {"__exit__", FAST_METHOD(condition_object_exit), NULL},
    {"wait", KEYWORD_METHOD(condition_object_wait),
     "wait($self, timeout=None)\n--\n\n"
     "Release the lock, block until notified and take it again; False on time-out."},
    {"notify", KEYWORD_METHOD(condition_object_notify),
     "notify($self, n=1)\n--\n\n"
     "Notify n waiters, if there are that many. The caller holds the lock."},
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
