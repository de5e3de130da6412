/* EventBase: what weft._event.Event does in C. */
#include <stdlib.h>

#include "blocking.h"
#include "deadline.h"
#include "object.h"
#include "types.h"
#include "wake_order.h"

typedef struct {
    native_head head;
    weft_event event;
    native_sleepers waiting; /* first come, first released */
} event_object;

static PyObject *event_is_set(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(weft_event_is_set(&((event_object *)self)->event));
}

static PyObject *event_set(PyObject *self, PyObject *unused) {
    event_object *object = (event_object *)self;
    native_sleeper *first = object->waiting.first;
    bool wakes_one = first != NULL && first->next == NULL;
    native_sleepers_release(&object->waiting);
    if (wakes_one) {
        PyThreadState *thread_state = native_wake_begin();
        weft_event_set(&object->event);
        native_wake_end(thread_state);
    } else { /* of several, all but one wait for the GIL anyway */
        weft_event_set(&object->event);
    }
    Py_RETURN_NONE;
}

static PyObject *event_clear(PyObject *self, PyObject *unused) {
    weft_event_clear(&((event_object *)self)->event);
    Py_RETURN_NONE;
}

/* One round of a wait, which a signal may end. */
static int block_once(event_object *object, uint32_t observation, int64_t deadline_ns) {
    native_sleeper *self = malloc(sizeof *self);
    if (self == NULL) {
        return WEFT_NO_MEMORY;
    }
    native_sleeper_enter(&object->waiting, self);
    native_block block = native_block_begin(deadline_ns);
    int status = weft_event_resume_until(&object->event, observation, block.limit_ns);
    status = native_block_end(block, status);
    native_sleeper_leave(&object->waiting, self);
    free(self);
    return status;
}

static PyObject *event_wait(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                            PyObject *names) {
    static const native_signature wait = {"wait", 0, 1, {"timeout"}};
    PyObject *timeout = Py_None;
    if (!native_arguments(&wait, arguments, count, names, &timeout)) {
        return NULL;
    }
    event_object *object = (event_object *)self;
    if (weft_event_is_set(&object->event)) {
        Py_RETURN_TRUE;
    }
    int64_t deadline_ns = native_wait_deadline(timeout);
    if (deadline_ns < 0) {
        return NULL;
    }
    uint32_t observation = weft_event_observe(&object->event);
    int status;
    do {
        status = block_once(object, observation, deadline_ns);
    } while (native_should_retry(status));
    return native_wait_result(status);
}

/* As it was when new, but for the flag: for a forked child. */
static PyObject *event_renew(PyObject *self, PyObject *unused) {
    event_object *object = (event_object *)self;
    bool was_set = weft_event_is_set(&object->event);
    object->event = (weft_event)WEFT_EVENT_INIT;
    object->waiting = (native_sleepers){NULL, NULL};
    if (was_set) {
        weft_event_set(&object->event);
    }
    Py_RETURN_NONE;
}

static PyObject *event_waiters(PyObject *self, void *unused) {
    return PyLong_FromUnsignedLong(weft_event_waiting(&((event_object *)self)->event));
}

static PyMethodDef methods[] = {
    {"is_set", event_is_set, METH_NOARGS, "is_set($self)\n--\n\nReturn whether the flag is set."},
    {"set", event_set, METH_NOARGS,
     "set($self)\n--\n\nSet the flag and release every thread that waits."},
    {"clear", event_clear, METH_NOARGS,
     "clear($self)\n--\n\nClear the flag: from now on threads wait."},
    {"wait", NATIVE_KEYWORDS(event_wait),
     "wait($self, timeout=None)\n--\n\n"
     "Block until the flag is set, or has been set since the call; False on time-out."},
    {"_at_fork_reinit", event_renew, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"_waiters", event_waiters, NULL, "How many threads wait.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    NATIVE_HEAD_SLOTS, {Py_tp_methods, methods}, {Py_tp_getset, properties}, {0, NULL}};

PyType_Spec native_event_type = NATIVE_SPEC("weft._types.EventBase", event_object, slots);
