/* SemaphoreBase: what weft._semaphore.Semaphore does in C. */
#include "blocking.h"
#include "deadline.h"
#include "object.h"
#include "types.h"
#include "wake_order.h"

typedef struct {
    native_head head;
    weft_semaphore semaphore;
} semaphore_object;

static weft_semaphore *semaphore_of(PyObject *self) {
    return &((semaphore_object *)self)->semaphore;
}

int native_semaphore_acquire(weft_semaphore *semaphore, int64_t deadline_ns) {
    if (weft_semaphore_try(semaphore)) {
        return WEFT_OK;
    }
    if (deadline_ns == NATIVE_PAST) {
        return WEFT_TIMEDOUT;
    }
    int status;
    do {
        native_block block = native_block_begin(deadline_ns);
        status = native_block_end(block, weft_semaphore_acquire_until(semaphore, block.limit_ns));
    } while (native_should_retry(status));
    return status;
}

int native_semaphore_release(weft_semaphore *semaphore, uint32_t count) {
    if (weft_semaphore_waiting(semaphore) == 0) {
        return weft_semaphore_release(semaphore, count);
    }
    PyThreadState *thread_state = native_wake_begin();
    int status = weft_semaphore_release(semaphore, count);
    native_wake_end(thread_state);
    return status;
}

/* False with an exception set: a ValueError with the message if the number is less than `least`. */
static bool count_of(PyObject *number, long least, const char *message, uint32_t *count) {
    PyObject *bound = PyLong_FromLong(least);
    int is_less = bound == NULL ? -1 : PyObject_RichCompareBool(number, bound, Py_LT);
    Py_XDECREF(bound);
    if (is_less > 0) {
        PyErr_SetString(PyExc_ValueError, message);
    }
    long long value = is_less == 0 ? PyLong_AsLongLong(number) : -1;
    if (value > WEFT_SEMAPHORE_LIMIT) {
        PyErr_SetString(PyExc_OverflowError, "a semaphore counts up to 2**32 - 1");
    }
    *count = (uint32_t)value;
    return value >= 0 && value <= WEFT_SEMAPHORE_LIMIT;
}

static PyObject *semaphore_begin(PyObject *self, PyObject *arguments) {
    PyObject *value;
    uint32_t count;
    int is_bounded;
    if (!PyArg_ParseTuple(arguments, "Op", &value, &is_bounded) ||
        !count_of(value, 0, "semaphore initial value must be >= 0", &count)) {
        return NULL;
    }
    *semaphore_of(self) =
        (weft_semaphore)WEFT_SEMAPHORE_INIT(count, is_bounded ? count : WEFT_SEMAPHORE_LIMIT);
    Py_RETURN_NONE;
}

/* threading adds a time-out to the time before it compares it with 0: the TypeError says so. */
static int64_t wait_deadline(PyObject *timeout) {
    if (timeout != Py_None && !PyFloat_Check(timeout) && !PyLong_Check(timeout)) {
        PyObject *now = PyFloat_FromDouble(0);
        PyObject *sum = now == NULL ? NULL : PyNumber_Add(now, timeout);
        Py_XDECREF(now);
        Py_XDECREF(sum);
        if (sum == NULL) {
            return -1;
        }
    }
    return native_wait_deadline(timeout);
}

static PyObject *semaphore_acquire(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                   PyObject *names) {
    static const native_signature acquire = {"acquire", 0, 2, {"blocking", "timeout"}};
    PyObject *values[] = {Py_True, Py_None};
    if (!native_arguments(&acquire, arguments, count, names, values)) {
        return NULL;
    }
    int blocks = PyObject_IsTrue(values[0]);
    if (blocks == 0 && values[1] != Py_None) {
        PyErr_SetString(PyExc_ValueError, "can't specify timeout for non-blocking acquire");
        return NULL;
    }
    if (blocks >= 0 && weft_semaphore_try(semaphore_of(self))) {
        Py_RETURN_TRUE;
    }
    int64_t deadline_ns = blocks > 0 ? wait_deadline(values[1]) : blocks == 0 ? NATIVE_PAST : -1;
    if (deadline_ns < 0) {
        return NULL;
    }
    return native_wait_result(native_semaphore_acquire(semaphore_of(self), deadline_ns));
}

static PyObject *semaphore_enter(PyObject *self, PyObject *unused) {
    return native_wait_result(native_semaphore_acquire(semaphore_of(self), WEFT_FOREVER));
}

static PyObject *semaphore_release(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                   PyObject *names) {
    static const native_signature release = {"release", 0, 1, {"n"}};
    PyObject *number = NULL;
    uint32_t added = 1;
    if (!native_arguments(&release, arguments, count, names, &number)) {
        return NULL;
    }
    if (number != NULL && !count_of(number, 1, "n must be one or more", &added)) {
        return NULL;
    }
    if (native_semaphore_release(semaphore_of(self), added) != WEFT_OK) {
        PyErr_SetString(PyExc_ValueError, "Semaphore released too many times");
        return NULL;
    }
    Py_RETURN_NONE;
}

/* A subclass may have a release() of its own. */
static PyObject *semaphore_exit(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    return PyObject_CallMethod(self, "release", NULL);
}

static PyObject *semaphore_value(PyObject *self, void *unused) {
    return PyLong_FromUnsignedLong(weft_semaphore_count(semaphore_of(self)));
}

static PyObject *semaphore_waiters(PyObject *self, void *unused) {
    return PyLong_FromUnsignedLong(weft_semaphore_waiting(semaphore_of(self)));
}

static PyMethodDef methods[] = {
    {"_begin", semaphore_begin, METH_VARARGS, NULL},
    {"acquire", NATIVE_KEYWORDS(semaphore_acquire),
     "acquire($self, blocking=True, timeout=None)\n--\n\n"
     "Take one, if need be wait for one; False if there is none (in time)."},
    {"release", NATIVE_KEYWORDS(semaphore_release),
     "release($self, n=1)\n--\n\nAdd n, and release as many threads that wait."},
    {"__enter__", semaphore_enter, METH_NOARGS, NULL},
    {"__exit__", NATIVE_POSITIONS(semaphore_exit), NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"_value", semaphore_value, NULL, "The count.", NULL},
    {"_waiters", semaphore_waiters, NULL, "How many threads wait.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    NATIVE_HEAD_SLOTS, {Py_tp_methods, methods}, {Py_tp_getset, properties}, {0, NULL}};

PyType_Spec native_semaphore_type =
    NATIVE_SPEC("weft._types.SemaphoreBase", semaphore_object, slots);
