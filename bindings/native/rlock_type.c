/* RLockBase: what weft._lock.RLock does in C.
 *
 * acquire() and `with` keep the order of threads (wake_order.c).
 */
#include "blocking.h"
#include "deadline.h"
#include "object.h"
#include "types.h"
#include "wake_order.h"

typedef struct {
    native_head head;
    weft_rlock rlock;
} rlock_object;

weft_rlock *native_rlock_of(PyObject *self) {
    return &((rlock_object *)self)->rlock;
}

bool native_rlock_release(weft_rlock *rlock) {
    if (!weft_lock_has_waiters(&rlock->lock)) {
        return weft_rlock_release(rlock) == WEFT_OK;
    }
    PyThreadState *thread_state = native_wake_begin();
    int status = weft_rlock_release(rlock);
    native_wake_end(thread_state);
    return status == WEFT_OK;
}

static PyObject *take(weft_rlock *rlock, int64_t deadline_ns) {
    native_keep_order();
    int status = weft_rlock_try(rlock);
    if (status == WEFT_TIMEDOUT && deadline_ns != NATIVE_PAST) {
        do {
            native_block block = native_block_begin(deadline_ns);
            status = native_block_end(block, weft_rlock_acquire_until(rlock, block.limit_ns));
        } while (native_should_retry(status));
    }
    return native_wait_result(status);
}

static PyObject *rlock_acquire(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                               PyObject *names) {
    int64_t deadline_ns = native_acquire_arguments(arguments, count, names);
    return deadline_ns < 0 ? NULL : take(native_rlock_of(self), deadline_ns);
}

static PyObject *rlock_enter(PyObject *self, PyObject *unused) {
    return take(native_rlock_of(self), WEFT_FOREVER);
}

static PyObject *not_acquired(void) {
    PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
    return NULL;
}

static PyObject *rlock_release(PyObject *self, PyObject *unused) {
    if (!native_rlock_release(native_rlock_of(self))) {
        return not_acquired();
    }
    Py_RETURN_NONE;
}

static PyObject *rlock_exit(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    return rlock_release(self, NULL);
}

static PyObject *rlock_locked(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(weft_lock_is_held(&native_rlock_of(self)->lock));
}

static PyObject *rlock_is_owned(PyObject *self, PyObject *unused) {
    return PyBool_FromLong(weft_rlock_is_owned(native_rlock_of(self)));
}

static PyObject *rlock_release_save(PyObject *self, PyObject *unused) {
    weft_rlock *rlock = native_rlock_of(self);
    if (!weft_rlock_is_owned(rlock)) {
        return not_acquired();
    }
    PyThreadState *thread_state = native_wake_begin();
    uint32_t depth = weft_rlock_release_all(rlock);
    native_wake_end(thread_state);
    return PyLong_FromUnsignedLong(depth);
}

/* Not ended by signals: a condition's wait returns with the lock held, whatever happens. */
static PyObject *rlock_acquire_restore(PyObject *self, PyObject *saved) {
    weft_rlock *rlock = native_rlock_of(self);
    unsigned long depth = PyLong_AsUnsignedLong(saved);
    if (depth == (unsigned long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    if (depth == 0 || depth > UINT32_MAX || weft_rlock_is_owned(rlock)) {
        PyErr_SetString(PyExc_RuntimeError, "cannot restore what _release_save did not return");
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS;
    while (weft_rlock_restore_until(rlock, (uint32_t)depth, WEFT_FOREVER) != WEFT_OK) {
    }
    Py_END_ALLOW_THREADS;
    Py_RETURN_NONE;
}

static PyObject *rlock_depth(PyObject *self, PyObject *unused) {
    return PyLong_FromUnsignedLong(weft_rlock_depth(native_rlock_of(self)));
}

static PyObject *rlock_renew(PyObject *self, PyObject *unused) {
    *native_rlock_of(self) = (weft_rlock)WEFT_RLOCK_INIT;
    Py_RETURN_NONE;
}

static PyObject *rlock_owner(PyObject *self, void *unused) {
    weft_rlock *rlock = native_rlock_of(self);
    return PyLong_FromSize_t(atomic_load_explicit(&rlock->owner, memory_order_relaxed));
}

static PyMethodDef methods[] = {
    {"acquire", NATIVE_KEYWORDS(rlock_acquire),
     "acquire($self, blocking=True, timeout=-1)\n--\n\n"
     "Take the lock, at once if this thread holds it; False if it can't be had (in time)."},
    {"release", rlock_release, METH_NOARGS,
     "release($self)\n--\n\nUndo one acquire; RuntimeError if this thread does not hold it."},
    {"locked", rlock_locked, METH_NOARGS,
     "locked($self)\n--\n\nReturn whether somebody holds the lock."},
    {"__enter__", rlock_enter, METH_NOARGS, NULL},
    {"__exit__", NATIVE_POSITIONS(rlock_exit), NULL},
    /* What a Condition of anybody's asks of its lock. */
    {"_is_owned", rlock_is_owned, METH_NOARGS, NULL},
    {"_release_save", rlock_release_save, METH_NOARGS, NULL},
    {"_acquire_restore", rlock_acquire_restore, METH_O, NULL},
    {"_recursion_count", rlock_depth, METH_NOARGS, NULL},
    {"_at_fork_reinit", rlock_renew, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"_owner", rlock_owner, NULL, "The ident of who holds the lock, 0 if nobody does.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    NATIVE_HEAD_SLOTS, {Py_tp_methods, methods}, {Py_tp_getset, properties}, {0, NULL}};

PyType_Spec native_rlock_type = NATIVE_SPEC("weft._types.RLockBase", rlock_object, slots);
