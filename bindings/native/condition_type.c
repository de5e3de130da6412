/* ConditionBase: what weft._condition.Condition does in C.
 *
 * With a lock of weft's, a wait releases the lock, blocks and takes the lock again while the GIL is
 * let go of once. With any other lock, the methods that Condition adds say how to release it and to
 * take it. Before Condition's __init__ has called _bind(), the lock is such a one.
 */
#include <stdlib.h>

#include "blocking.h"
#include "deadline.h"
#include "object.h"
#include "types.h"

/* The queue changes only with the GIL held, besides the lock: so a program that notifies without
 * holding the lock, which nobody can see of a plain lock, can't break it. Nothing here waits with
 * the GIL held for a thread that may want it: sync/condition.c says why a cancel does not. */
typedef struct {
    native_head head;
    weft_condition condition;
    weft_lock *lock;   /* one of the two, or neither for a lock that is not weft's; */
    weft_rlock *rlock; /* both lie in Python objects, which Condition keeps */
} condition_object;

/* One wait. It lies on the heap: should the thread end inside the wait, because the interpreter
 * goes down, it is still in the queue. */
typedef struct {
    weft_waiter waiter;
    uint32_t depth; /* of the rlock, to be restored */
} ticket;

static bool has_own_lock(const condition_object *self) {
    return self->rlock != NULL || self->lock != NULL;
}

/* The lock inside whichever it is; NULL for one that is not weft's. */
static weft_lock *inner_lock(const condition_object *self) {
    return self->rlock != NULL ? &self->rlock->lock : self->lock;
}

/* Whether the caller holds the lock, as far as that can be told; -1 with an exception set. Of a
 * plain lock nobody knows the owner: whoever finds it held may be that. */
static int is_owned(condition_object *self) {
    if (self->rlock != NULL) {
        return weft_rlock_is_owned(self->rlock);
    }
    if (self->lock != NULL) {
        return weft_lock_is_held(self->lock);
    }
    PyObject *answer = PyObject_CallMethod((PyObject *)self, "_is_owned", NULL);
    int owned = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    return owned;
}

/* True if the caller holds the lock; otherwise an exception is set. */
static bool check_owned(condition_object *self, const char *message) {
    int owned = is_owned(self);
    if (owned == 0) {
        PyErr_SetString(PyExc_RuntimeError, message);
    }
    return owned > 0;
}

static PyObject *condition_bind(PyObject *self, PyObject *arguments) {
    condition_object *object = (condition_object *)self;
    PyObject *lock, *rlock;
    if (!PyArg_ParseTuple(arguments, "OO", &lock, &rlock)) {
        return NULL;
    }
    object->lock = lock == Py_None ? NULL : native_lock_of(lock);
    object->rlock = rlock == Py_None ? NULL : native_rlock_of(rlock);
    Py_RETURN_NONE;
}

static PyObject *condition_enter(PyObject *self, PyObject *unused) {
    condition_object *object = (condition_object *)self;
    if ((object->rlock != NULL && weft_rlock_try(object->rlock) == WEFT_OK) ||
        (object->lock != NULL && weft_lock_try(object->lock))) {
        Py_RETURN_TRUE;
    }
    PyObject *lock = PyObject_GetAttrString(self, "_lock");
    PyObject *entered = lock == NULL ? NULL : PyObject_CallMethod(lock, "__enter__", NULL);
    Py_XDECREF(lock);
    return entered;
}

static PyObject *condition_exit(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    condition_object *object = (condition_object *)self;
    if ((object->rlock != NULL && native_rlock_release(object->rlock)) ||
        (object->lock != NULL && native_lock_release(object->lock))) {
        Py_RETURN_NONE;
    }
    PyObject *lock = PyObject_GetAttrString(self, "_lock");
    PyObject *exit = lock == NULL ? NULL : PyObject_GetAttrString(lock, "__exit__");
    PyObject *result =
        exit == NULL ? NULL : PyObject_Vectorcall(exit, arguments, (size_t)count, NULL);
    Py_XDECREF(exit);
    Py_XDECREF(lock);
    return result;
}

/* Takes the ticket of a wait that was not notified out of the queue. True if it was notified
 * meanwhile. */
static bool cancel(condition_object *self, ticket *own) {
    return weft_condition_cancel_locked(&self->condition, inner_lock(self), &own->waiter);
}

/* A notification that nobody answers goes on to the next waiter. */
static void abandon(condition_object *self, ticket *own) {
    if (cancel(self, own)) {
        weft_condition_notify(&self->condition, inner_lock(self), 1);
    }
}

/* Whether the lock was held, as deeply as the ticket then says. Without the GIL. */
static bool let_go(const condition_object *self, ticket *own) {
    if (self->rlock != NULL) {
        own->depth = weft_rlock_release_all(self->rlock);
        return own->depth > 0;
    }
    return weft_lock_release(self->lock) == WEFT_OK;
}

/* Without the GIL. */
static void retake(const condition_object *self, const ticket *own) {
    int status;
    do {
        status = self->rlock != NULL
                     ? weft_rlock_restore_until(self->rlock, own->depth, WEFT_FOREVER)
                     : weft_lock_acquire_until(self->lock, WEFT_FOREVER);
    } while (status != WEFT_OK);
}

/* The status of the wait: the lock is held again, unless it is WEFT_NOT_HELD. */
static int wait_with_own_lock(condition_object *self, ticket *own, int64_t deadline_ns) {
    native_block block = native_block_begin(deadline_ns);
    if (!let_go(self, own)) { /* another thread has released a plain lock */
        native_block_end(block, WEFT_NOT_HELD);
        cancel(self, own);
        return WEFT_NOT_HELD;
    }
    for (;;) {
        int status = weft_waiter_wait_until(&own->waiter, block.limit_ns);
        if (status == WEFT_OK || (status == WEFT_TIMEDOUT && !block.is_slice)) {
            retake(self, own);
            native_block_end(block, status);
            return status == WEFT_OK || cancel(self, own) ? WEFT_OK : status;
        }
        status = native_block_end(block, status);
        if (!native_should_retry(status)) {
            Py_BEGIN_ALLOW_THREADS;
            retake(self, own);
            Py_END_ALLOW_THREADS;
            abandon(self, own);
            return status;
        }
        block = native_block_begin(deadline_ns);
    }
}

/* As the steps of threading.Condition.wait(). */
static int wait_with_foreign_lock(condition_object *self, ticket *own, int64_t deadline_ns) {
    int status = WEFT_INTERRUPTED;
    PyObject *saved = PyObject_CallMethod((PyObject *)self, "_release_save", NULL);
    if (saved != NULL) {
        do {
            native_block block = native_block_begin(deadline_ns);
            status = native_block_end(block, weft_waiter_wait_until(&own->waiter, block.limit_ns));
        } while (native_should_retry(status));
        PyObject *type, *error, *traceback; /* of a handler */
        PyErr_Fetch(&type, &error, &traceback);
        PyObject *taken = PyObject_CallMethod((PyObject *)self, "_acquire_restore", "(O)", saved);
        Py_DECREF(saved);
        if (taken != NULL) {
            Py_DECREF(taken);
            PyErr_Restore(type, error, traceback);
        } else { /* its own error takes the place of the handler's */
            Py_XDECREF(type);
            Py_XDECREF(error);
            Py_XDECREF(traceback);
        }
    }
    if (PyErr_Occurred()) {
        if (status != WEFT_OK) {
            abandon(self, own);
        }
        return WEFT_INTERRUPTED;
    }
    return status == WEFT_OK || cancel(self, own) ? WEFT_OK : status;
}

static PyObject *condition_wait(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                PyObject *names) {
    static const native_signature wait = {"wait", 0, 1, {"timeout"}};
    static const char *const not_owned = "cannot wait on un-acquired lock";
    condition_object *object = (condition_object *)self;
    PyObject *timeout = Py_None;
    if (!native_arguments(&wait, arguments, count, names, &timeout) ||
        !check_owned(object, not_owned)) { /* of two mistakes, CPython names this one */
        return NULL;
    }
    int64_t deadline_ns = native_wait_deadline(timeout);
    if (deadline_ns < 0) {
        return NULL;
    }
    ticket *own = calloc(1, sizeof *own);
    if (own == NULL) {
        return PyErr_NoMemory();
    }
    weft_condition_enqueue_locked(&object->condition, &own->waiter);
    int status = has_own_lock(object) ? wait_with_own_lock(object, own, deadline_ns)
                                      : wait_with_foreign_lock(object, own, deadline_ns);
    free(own);
    if (status == WEFT_NOT_HELD) {
        PyErr_SetString(PyExc_RuntimeError, not_owned);
    }
    return native_wait_result(status);
}

static PyObject *condition_notify(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                  PyObject *names) {
    static const native_signature notify = {"notify", 0, 1, {"n"}};
    condition_object *object = (condition_object *)self;
    PyObject *number = NULL;
    long long most = 1;
    if (!native_arguments(&notify, arguments, count, names, &number) ||
        !check_owned(object, "cannot notify on un-acquired lock")) {
        return NULL;
    }
    if (number != NULL) {
        int overflow;
        most = PyLong_AsLongLongAndOverflow(number, &overflow);
        if (most == -1 && PyErr_Occurred()) {
            return NULL;
        }
        most = overflow > 0 || most > WEFT_ALL ? WEFT_ALL : most < 0 ? 0 : most;
    }
    /* The release of a lock of weft's wakes them; with any other they are woken here. */
    weft_condition_notify(&object->condition, inner_lock(object), (uint32_t)most);
    Py_RETURN_NONE;
}

/* As it was when new: for a forked child. */
static PyObject *condition_renew(PyObject *self, PyObject *unused) {
    ((condition_object *)self)->condition = (weft_condition)WEFT_CONDITION_INIT;
    Py_RETURN_NONE;
}

static PyObject *condition_waiters(PyObject *self, void *unused) {
    return PyLong_FromUnsignedLong(((condition_object *)self)->condition.waiting);
}

static PyMethodDef methods[] = {
    {"_bind", condition_bind, METH_VARARGS, NULL},
    {"__enter__", condition_enter, METH_NOARGS, NULL},
    {"__exit__", NATIVE_POSITIONS(condition_exit), NULL},
    {"wait", NATIVE_KEYWORDS(condition_wait),
     "wait($self, timeout=None)\n--\n\n"
     "Release the lock, block until notified and take it again; False on time-out."},
    {"notify", NATIVE_KEYWORDS(condition_notify),
     "notify($self, n=1)\n--\n\n"
     "Notify n waiters, if there are that many. The caller holds the lock."},
    {"_renew", condition_renew, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"_waiters", condition_waiters, NULL, "How many threads wait.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    NATIVE_HEAD_SLOTS, {Py_tp_methods, methods}, {Py_tp_getset, properties}, {0, NULL}};

PyType_Spec native_condition_type =
    NATIVE_SPEC("weft._types.ConditionBase", condition_object, slots);
