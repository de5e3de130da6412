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

/* Whether it is a float or an int that is not too long, nor nan; it may be negative. */
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
    PyObject *acquire = lock == NULL ? NULL : PyObject_GetAttrString(lock, "acquire");
    PyObject *taken =
        acquire == NULL ? NULL : PyObject_CallFunctionObjArgs(acquire, blocking, timeout, NULL);
    Py_XDECREF(taken);
    Py_XDECREF(acquire);
    Py_XDECREF(lock);
    Py_XDECREF(module);
    return taken != NULL;
}

/* Of an acquire; NULL for a time-out that was not given. */
static int64_t asked_deadline(PyObject *blocking, PyObject *timeout) {
    int blocks = ask_cpython(blocking, timeout) ? PyObject_IsTrue(blocking) : -1;
    if (blocks <= 0) {
        return blocks < 0 ? -1 : NATIVE_PAST;
    }
    double seconds = timeout == NULL ? -1 : PyFloat_AsDouble(timeout);
    if (PyErr_Occurred()) {
        return -1;
    }
    return seconds < 0 ? WEFT_FOREVER : from_now(seconds); /* -1 alone is both negative and fine */
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
    return asked_deadline(Py_True, timeout);
}

int64_t native_acquire_deadline(PyObject *blocking, PyObject *timeout) {
    double seconds = -1;
    bool is_known = PyBool_Check(blocking) && (timeout == NULL || is_plain(timeout, &seconds));
    if (is_known && seconds == -1) {
        return blocking == Py_True ? WEFT_FOREVER : NATIVE_PAST;
    }
    if (is_known && seconds >= 0 && blocking == Py_True) {
        return from_now(seconds);
    }
    return asked_deadline(blocking, timeout);
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
    return asked_deadline(Py_True, timeout);
}
