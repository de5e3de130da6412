/* EventBase: what weft._event.Event does in C. */
#ifndef WEFT_EVENT_TYPE_H
#define WEFT_EVENT_TYPE_H

#include "type_support.h"

typedef struct {
    object_head head;
    ordered_event event;
} event_object;

static ordered_event *event_of(PyObject *self) {
    return &((event_object *)self)->event;
}

static PyObject *event_object_is_set(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(event_is_set(event_of(self)));
}

static PyObject *event_object_set(PyObject *self, PyObject *unused) {
    event_set(event_of(self));
    Py_RETURN_NONE;
}

static PyObject *event_object_clear(PyObject *self, PyObject *unused) {
    event_clear(event_of(self));
    Py_RETURN_NONE;
}

static PyObject *event_object_wait(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                   PyObject *names) {
    static const signature wait = {"wait", 1, {"timeout"}};
    PyObject *timeout = Py_None;
    if (!spread_arguments(&wait, arguments, count, names, &timeout)) {
        return NULL;
    }
    ordered_event *event = event_of(self);
    if (event_is_set(event)) {
        Py_RETURN_TRUE;
    }
    int64_t deadline_ns = timeout == Py_None ? WEFT_FOREVER : make_deadline(self, &timeout, 1);
    if (deadline_ns < 0) {
        return NULL;
    }
    uint32_t observation = event_observe(event);
    int status;
    do {
        status = event_wait(event, observation, deadline_ns);
    } while (goes_on(status));
    return wait_result(status);
}

static PyObject *event_object_renew(PyObject *self, PyObject *unused) {
    event_renew(event_of(self));
    Py_RETURN_NONE;
}

static PyObject *event_object_waiters(PyObject *self, void *unused) {
    return PyLong_FromUnsignedLong(event_waiting(event_of(self)));
}

static PyMethodDef event_methods[] = {
    {"is_set", event_object_is_set, METH_NOARGS,
     "is_set($self)\n--\n\nReturn whether the flag is set."},
    {"set", event_object_set, METH_NOARGS,
     "set($self)\n--\n\nSet the flag and release every thread that waits."},
    {"clear", event_object_clear, METH_NOARGS,
     "clear($self)\n--\n\nClear the flag: from now on threads wait."},
    {"wait", KEYWORD_METHOD(event_object_wait),
     "wait($self, timeout=None)\n--\n\n"
     "Block until the flag is set, or has been set since the call; False on time-out."},
    {"_at_fork_reinit", event_object_renew, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef event_properties[] = {
    {"_waiters", event_object_waiters, NULL, "How many threads wait.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot event_slots[] = {
    {Py_tp_dealloc, head_dealloc},  {Py_tp_traverse, head_traverse},  {Py_tp_members, head_members},
    {Py_tp_methods, event_methods}, {Py_tp_getset, event_properties}, {0, NULL},
};

static PyType_Spec event_type = {
    .name = "weft._types.EventBase",
    .basicsize = sizeof(event_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = event_slots,
};

#endif
