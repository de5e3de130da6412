/* How the objects of the C types begin, and how their methods get arguments. */
#include "object.h"

PyMemberDef native_head_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(native_head, weak_references), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

int native_head_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    return 0;
}

void native_head_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (((native_head *)self)->weak_references != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

static bool spread_named(const native_signature *called, PyObject *const *named, PyObject *names,
                         Py_ssize_t count, PyObject **values) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
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
        values[at] = named[i];
    }
    return true;
}

bool native_arguments(const native_signature *called, PyObject *const *arguments, Py_ssize_t count,
                      PyObject *names, PyObject **values) {
    if (count > called->count) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most %zd arguments (%zd given)",
                     called->method, called->count, count);
        return false;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        values[i] = arguments[i];
    }
    if (names != NULL && !spread_named(called, arguments + count, names, count, values)) {
        return false;
    }
    for (Py_ssize_t i = count; i < called->required; i++) {
        if (values[i] == NULL) {
            PyErr_Format(PyExc_TypeError, "%s() missing required argument '%s' (pos %zd)",
                         called->method, called->parameters[i], i + 1);
            return false;
        }
    }
    return true;
}
