/* Time-outs of Python made deadlines of the runtime.
 *
 * A float or an int that every Python takes is converted here. Of everything else a lock of
 * CPython's own is asked, since what it accepts, and the words of its errors, differ from version
 * to version and from system to system.
 */
#include "deadline.h"

#include "object.h"

/* Every system's locks take time-outs up to this. */
static const double PLAIN_SECONDS = 4e6;

/* True for a float or an int that needs no asking as far as its size goes; nan is not such a one,
 * but what is negative is. */
static bool is_plain(PyObject *timeout, double *seconds) {
    if (PyFloat_CheckExact(timeout)) {
        *seconds = PyFloat_AS_DOUBLE(timeout);
    } else if (PyLong_CheckExact(timeout)) {
        int overflow;
        long long whole = PyLong_AsLongLongAndOverflow(timeout, &overflow);
        *seconds = overflow != 0 ? 2 * PLAIN_SECONDS : (double)whole;
    } else {
        return false;
    }
    return *seconds <= PLAIN_SECONDS;
}

static int64_t from_now(double seconds) {
    double timeout_ns = seconds * 1e9;
    bool fits = timeout_ns < (double)WEFT_FOREVER;
    return weft_clock_deadline(fits ? (int64_t)timeout_ns + 1 : WEFT_FOREVER);
}

/* False, with its exception, if CPython's lock.acquire(blocking, timeout) raises. */
static bool ask_cpython(PyObject *blocking, PyObject *timeout) {
    PyObject *module = PyImport_ImportModule("_thread");
    PyObject *lock = module == NULL ? NULL : PyObject_CallMethod(module, "allocate_lock", NULL);
    PyObject *taken =
        lock == NULL ? NULL : PyObject_CallMethod(lock, "acquire", "OO", blocking, timeout);
    Py_XDECREF(taken);
    Py_XDECREF(lock);
    Py_XDECREF(module);
    return taken != NULL;
}

/* Of a blocking acquire with that time-out. */
static int64_t asked_deadline(PyObject *timeout) {
    if (!ask_cpython(Py_True, timeout)) {
        return -1;
    }
    double seconds = PyFloat_AsDouble(timeout);
    if (PyErr_Occurred()) {
        return -1;
    }
    return seconds < 0 ? WEFT_FOREVER : from_now(seconds); /* only -1 gets here of what is below */
}

/* What `timeout > 0` or `timeout < 0` is in Python. */
static int compare_with_zero(PyObject *timeout, int operator) {
    PyObject *zero = PyLong_FromLong(0);
    int is_so = zero == NULL ? -1 : PyObject_RichCompareBool(timeout, zero, operator);
    Py_XDECREF(zero);
    return is_so;
}

int64_t native_wait_deadline(PyObject *timeout) {
    double seconds;
    if (timeout == Py_None) {
        return WEFT_FOREVER;
    }
    if (is_plain(timeout, &seconds)) {
        return seconds > 0 ? from_now(seconds) : NATIVE_PAST;
    }
    int waits = compare_with_zero(timeout, Py_GT);
    if (waits <= 0) {
        return waits < 0 ? -1 : NATIVE_PAST;
    }
    return asked_deadline(timeout);
}

int64_t native_acquire_deadline(PyObject *blocking, PyObject *timeout) {
    double seconds = -1;
    bool is_known = timeout == NULL || is_plain(timeout, &seconds);
    if (is_known && blocking == Py_True && (seconds >= 0 || seconds == -1)) {
        return seconds < 0 ? WEFT_FOREVER : from_now(seconds);
    }
    if (is_known && blocking == Py_False && seconds == -1) {
        return NATIVE_PAST;
    }
    PyObject *asked = timeout == NULL ? PyLong_FromLong(-1) : Py_NewRef(timeout);
    if (asked == NULL) {
        return -1;
    }
    int64_t deadline_ns = -1;
    int blocks = ask_cpython(blocking, asked) ? PyObject_IsTrue(blocking) : -1;
    if (blocks >= 0) {
        deadline_ns = blocks ? asked_deadline(asked) : NATIVE_PAST;
    }
    Py_DECREF(asked);
    return deadline_ns;
}

int64_t native_acquire_arguments(PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
    static const native_signature acquire = {"acquire", 0, 2, {"blocking", "timeout"}};
    PyObject *values[] = {Py_True, NULL};
    if (!native_arguments(&acquire, arguments, count, names, values)) {
        return -1;
    }
    return native_acquire_deadline(values[0], values[1]);
}

int64_t native_get_deadline(PyObject *block, PyObject *timeout) {
    double seconds;
    int blocks = PyObject_IsTrue(block);
    if (blocks <= 0) {
        return blocks < 0 ? -1 : NATIVE_PAST;
    }
    if (timeout == Py_None) {
        return WEFT_FOREVER;
    }
    if (is_plain(timeout, &seconds) && seconds >= 0) {
        return from_now(seconds);
    }
    if (PyFloat_Check(timeout) || PyLong_Check(timeout)) {
        int is_negative = compare_with_zero(timeout, Py_LT);
        if (is_negative > 0) {
            PyErr_SetString(PyExc_ValueError, "'timeout' must be a non-negative number");
        }
        if (is_negative != 0) {
            return -1;
        }
    }
    return asked_deadline(timeout);
}
