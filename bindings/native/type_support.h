/* What the types of weft._types share: their beginning in memory, their arguments, their waits.
 *
 * Methods in C, because a method in Python that calls a function of cffi is two calls, and most of
 * weft's operations cost less than one. Every method has the GIL; waits.h lets go of it where
 * that is worth it. A wait that a signal ends runs the signal's handler and goes on, so an
 * exception of a handler (KeyboardInterrupt) never leaves with a lock or an item taken.
 *
 * Objects begin as zero bytes, from object.__new__, and work without any __init__: a subclass may
 * forget to call it.
 */
#ifndef WEFT_TYPE_SUPPORT_H
#define WEFT_TYPE_SUPPORT_H

#include <Python.h>
#include <structmember.h>

#include "waits.h"

/* How a method that takes keywords stands in a PyMethodDef. */
#define KEYWORD_METHOD(function_)                                                                  \
    (PyCFunction)(void (*)(void))(function_), METH_FASTCALL | METH_KEYWORDS
#define FAST_METHOD(function_) (PyCFunction)(void (*)(void))(function_), METH_FASTCALL

/* A deadline that has passed: the wait is a try. */
static const int64_t PAST = 0;

/* ---- The beginning of every object ----------------------------------------------------------- */

typedef struct {
    PyObject object;
    PyObject *weak_references;
} object_head;

static PyMemberDef head_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(object_head, weak_references), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static int head_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void head_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (((object_head *)self)->weak_references != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

/* ---- Arguments ------------------------------------------------------------------------------- */

enum { MOST_PARAMETERS = 3 };

typedef struct {
    const char *method;
    Py_ssize_t count;
    const char *parameters[MOST_PARAMETERS];
} signature;

/* Puts what the caller gave over the defaults in `values`; the references are borrowed. False with
 * a TypeError set. */
static bool spread_arguments(const signature *called, PyObject *const *arguments, Py_ssize_t count,
                             PyObject *names, PyObject **values) {
    if (count > called->count) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most %zd arguments (%zd given)",
                     called->method, called->count, count);
        return false;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        values[i] = arguments[i];
    }
    Py_ssize_t named = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    for (Py_ssize_t i = 0; i < named; i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        Py_ssize_t at = 0;
        while (at < called->count &&
               PyUnicode_CompareWithASCIIString(name, called->parameters[at]) != 0) {
            at++;
        }
        if (at == called->count || at < count) {
            PyErr_Format(PyExc_TypeError,
                         at < count ? "%s() got multiple values for argument '%U'"
                                    : "%s() got an unexpected keyword argument '%U'",
                         called->method, name);
            return false;
        }
        values[at] = arguments[count + i];
    }
    return true;
}

/* What the type's function _deadline makes of the values (see weft/_types.py); -1 with an exception
 * set. It is found in the type because every interpreter of the process has its own. */
static int64_t make_deadline(PyObject *self, PyObject *const *values, size_t count) {
    PyObject *function = PyObject_GetAttrString((PyObject *)Py_TYPE(self), "_deadline");
    if (function == NULL) {
        return -1;
    }
    PyObject *deadline = PyObject_Vectorcall(function, values, count, NULL);
    Py_DECREF(function);
    if (deadline == NULL) {
        return -1;
    }
    int64_t deadline_ns = PyLong_AsLongLong(deadline);
    Py_DECREF(deadline);
    return deadline_ns < 0 && !PyErr_Occurred() ? PAST : deadline_ns;
}

/* The deadline of acquire(blocking=True, timeout=-1), for Lock and RLock. */
static int64_t acquire_arguments(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                 PyObject *names) {
    static const signature acquire = {"acquire", 2, {"blocking", "timeout"}};
    PyObject *values[] = {Py_True, NULL};
    if (!spread_arguments(&acquire, arguments, count, names, values)) {
        return -1;
    }
    if (values[1] == NULL && PyBool_Check(values[0])) {
        return values[0] == Py_True ? WEFT_FOREVER : PAST;
    }
    return make_deadline(self, values, values[1] == NULL ? 1 : 2);
}

/* ---- Waits ----------------------------------------------------------------------------------- */

/* Whether to go on with a wait that ended so: a signal ended it, and its handler raised nothing. */
static bool goes_on(int status) {
    return status == WEFT_INTERRUPTED && PyErr_CheckSignals() == 0;
}

/* What a wait returns; `status` is WEFT_INTERRUPTED if a handler raised. */
static PyObject *wait_result(int status) {
    switch (status) {
    case WEFT_OK:
        Py_RETURN_TRUE;
    case WEFT_TIMEDOUT:
        Py_RETURN_FALSE;
    case WEFT_OVERFLOW:
        PyErr_SetString(PyExc_OverflowError, "internal lock count overflowed");
        return NULL;
    case WEFT_NO_MEMORY:
        return PyErr_NoMemory();
    default:
        return NULL;
    }
}

#endif
