/* Time-outs of Python made deadlines of the runtime.
 *
 * Each function takes the arguments of a call of threading's or queue's, and returns its deadline,
 * or -1 with the exception set that the running Python raises for them. Timeouts are seconds; they
 * are rounded up, so that no wait ends early.
 */
#ifndef NATIVE_DEADLINE_H
#define NATIVE_DEADLINE_H

#include <Python.h>

#include "weft.h"

/* A deadline that has passed: the wait is a try. */
#define NATIVE_PAST INT64_C(0)

/* Condition.wait(timeout), also Event's: None is for ever, 0 or less is a try. */
int64_t native_wait_deadline(PyObject *timeout);

/* Lock.acquire(blocking, timeout): -1 is for ever; `timeout` is NULL if it was not given. */
int64_t native_acquire_deadline(PyObject *blocking, PyObject *timeout);

/* The same, of a method whose arguments are these. */
int64_t native_acquire_arguments(PyObject *const *arguments, Py_ssize_t count, PyObject *names);

/* SimpleQueue.get(block, timeout) */
int64_t native_get_deadline(PyObject *block, PyObject *timeout);

#endif
