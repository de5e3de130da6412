/* What weft._native calls: the runtime, with the GIL let go of where that is worth it.
 *
 * Every function here is called with the GIL held and returns with it held. One that may block lets
 * go of it while it does; one that wakes a thread lets go of it first, because that thread will
 * want it. A call that does neither keeps it: letting go and taking it again costs more than most
 * of these calls.
 *
 * A wait that a signal ended returns WEFT_INTERRUPTED. Its caller is a loop in Python, where the
 * interpreter runs the signal's handler before the next round.
 */
#ifndef WEFT_BINDING_H
#define WEFT_BINDING_H

#include <Python.h>

#include "weft.h"

/* ---- Blocking ---------------------------------------------------------------------------------- */

/* Where signals do not end waits, the main thread, which runs their handlers, blocks for no longer
 * than this at a time. */
static const int64_t SLICE_NS = 40000000;
static unsigned long main_thread_ident;

static void set_main_thread(unsigned long ident) {
    main_thread_ident = ident;
}

typedef struct {
    PyThreadState *thread_state;
    int64_t limit_ns; /* the deadline for the call that blocks */
    bool is_slice;    /* the limit is not the caller's deadline */
} block;

static block begin_block(int64_t deadline_ns) {
    block blocked = {NULL, deadline_ns, false};
    if (!weft_signals_end_waits() && PyThread_get_thread_ident() == main_thread_ident) {
        int64_t slice_end_ns = weft_clock_deadline(SLICE_NS);
        if (slice_end_ns < deadline_ns) {
            blocked.limit_ns = slice_end_ns;
            blocked.is_slice = true;
        }
    }
    blocked.thread_state = PyEval_SaveThread();
    return blocked;
}

/* Turns the status of the call that blocked into that of the caller's wait. */
static int end_block(block blocked, int status) {
    PyEval_RestoreThread(blocked.thread_state);
    return status == WEFT_TIMEDOUT && blocked.is_slice ? WEFT_INTERRUPTED : status;
}

/* 1: tests/bindings asserts that calls are made with the GIL held. */
static bool gil_is_held(void) {
    return PyGILState_Check();
}

/* ---- Event ------------------------------------------------------------------------------------- */

static void event_set(weft_event *event) {
    if (weft_event_waiting(event) == 0) {
        weft_event_set(event);
    } else {
        PyThreadState *thread_state = PyEval_SaveThread();
        weft_event_set(event);
        PyEval_RestoreThread(thread_state);
    }
}

static int event_wait(weft_event *event, uint32_t observation, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_event_resume_until(event, observation, blocked.limit_ns));
}

/* ---- Lock -------------------------------------------------------------------------------------- */

static int lock_acquire(weft_lock *lock, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_lock_acquire_until(lock, blocked.limit_ns));
}

static bool release_wakes(const weft_lock *lock) {
    return weft_lock_has_waiters(lock) ||
           atomic_load_explicit(&lock->deferred, memory_order_relaxed) != NULL;
}

static int lock_release(weft_lock *lock) {
    if (!release_wakes(lock)) {
        return weft_lock_release(lock);
    }
    PyThreadState *thread_state = PyEval_SaveThread();
    int status = weft_lock_release(lock);
    PyEval_RestoreThread(thread_state);
    return status;
}

/* ---- RLock ------------------------------------------------------------------------------------- */

static int rlock_acquire(weft_rlock *rlock, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_rlock_acquire_until(rlock, blocked.limit_ns));
}

static int rlock_release(weft_rlock *rlock) {
    if (!release_wakes(&rlock->lock)) {
        return weft_rlock_release(rlock);
    }
    PyThreadState *thread_state = PyEval_SaveThread();
    int status = weft_rlock_release(rlock);
    PyEval_RestoreThread(thread_state);
    return status;
}

static uint32_t rlock_release_all(weft_rlock *rlock) {
    PyThreadState *thread_state = PyEval_SaveThread();
    uint32_t depth = weft_rlock_release_all(rlock);
    PyEval_RestoreThread(thread_state);
    return depth;
}

static int rlock_restore(weft_rlock *rlock, uint32_t depth, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_rlock_restore_until(rlock, depth, blocked.limit_ns));
}

static bool rlock_is_held(const weft_rlock *rlock) {
    return weft_lock_is_held(&rlock->lock);
}

static uintptr_t rlock_owner(weft_rlock *rlock) {
    return atomic_load_explicit(&rlock->owner, memory_order_relaxed);
}

/* ---- Condition --------------------------------------------------------------------------------- */

/* The queue of a condition changes only with the GIL held, besides its lock: so a program that
 * notifies without holding the lock, which Python can't always see, can't break the queue. */

/* One wait on a condition, whole or in the middle. */
typedef struct {
    weft_waiter waiter;
    uint32_t depth; /* of the rlock, to be restored */
    bool is_open;   /* between the release of the lock and its return to the caller */
} condition_ticket;

/* Of a plain lock nobody knows the owner: whoever finds it held may be that. */
static bool is_owned(const weft_lock *lock, const weft_rlock *rlock) {
    return rlock != NULL ? weft_rlock_is_owned(rlock) : weft_lock_is_held(lock);
}

static void retake(weft_lock *lock, weft_rlock *rlock, uint32_t depth) {
    int status;
    do {
        status = rlock != NULL ? weft_rlock_restore_until(rlock, depth, WEFT_FOREVER)
                               : weft_lock_acquire_until(lock, WEFT_FOREVER);
    } while (status != WEFT_OK);
}

/* Waits with a lock of weft's own; `rlock` is NULL for a plain one. The first call with a new ticket
 * begins the wait, and WEFT_INTERRUPTED leaves it open, the lock not held: call again with the same
 * ticket to go on, or condition_abandon. The lock is held again after any other result. */
static int condition_wait(weft_condition *condition, weft_lock *lock, weft_rlock *rlock,
                          condition_ticket *ticket, int64_t deadline_ns) {
    bool begins = !ticket->is_open;
    if (begins) {
        if (!is_owned(lock, rlock)) {
            return WEFT_NOT_HELD;
        }
        weft_condition_enqueue_locked(condition, &ticket->waiter);
        ticket->is_open = true;
    }
    block blocked = begin_block(deadline_ns);
    if (begins) {
        if (rlock != NULL) {
            ticket->depth = weft_rlock_release_all(rlock);
        } else {
            weft_lock_release(lock);
        }
    }
    int status = weft_waiter_wait_until(&ticket->waiter, blocked.limit_ns);
    if (status == WEFT_INTERRUPTED || (status == WEFT_TIMEDOUT && blocked.is_slice)) {
        return end_block(blocked, status);
    }
    retake(lock, rlock, ticket->depth);
    end_block(blocked, status);
    ticket->is_open = false;
    if (status != WEFT_OK && weft_condition_cancel_locked(condition, &ticket->waiter)) {
        status = WEFT_OK;
    }
    return status;
}

/* Leaves the waking to the release of the lock. WEFT_NOT_HELD if the caller does not hold it. */
static int condition_notify(weft_condition *condition, weft_lock *lock, weft_rlock *rlock,
                            uint32_t count) {
    if (!is_owned(lock, rlock)) {
        return WEFT_NOT_HELD;
    }
    weft_condition_notify(condition, rlock != NULL ? &rlock->lock : lock, count);
    return WEFT_OK;
}

/* Ends an open wait, with the lock held again. A notification that it had got already goes to the
 * next waiter. Does nothing if the wait is not open. */
static void condition_abandon(weft_condition *condition, weft_lock *lock, weft_rlock *rlock,
                              condition_ticket *ticket) {
    if (!ticket->is_open) {
        return;
    }
    PyThreadState *thread_state = PyEval_SaveThread();
    retake(lock, rlock, ticket->depth);
    PyEval_RestoreThread(thread_state);
    ticket->is_open = false;
    if (weft_condition_cancel_locked(condition, &ticket->waiter)) {
        condition_notify(condition, lock, rlock, 1);
    }
}

/* The steps of a wait with a lock that is not weft's. */
static void condition_enqueue(weft_condition *condition, condition_ticket *ticket) {
    weft_condition_enqueue_locked(condition, &ticket->waiter);
}

static int condition_sleep(condition_ticket *ticket, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_waiter_wait_until(&ticket->waiter, blocked.limit_ns));
}

static bool condition_cancel(weft_condition *condition, condition_ticket *ticket) {
    return weft_condition_cancel_locked(condition, &ticket->waiter);
}

static void condition_signal(weft_condition *condition, uint32_t count) {
    weft_condition_notify(condition, NULL, count);
}

static uint32_t condition_waiting(weft_condition *condition) {
    return condition->waiting;
}

/* ---- Semaphore --------------------------------------------------------------------------------- */

static void semaphore_init(weft_semaphore *semaphore, uint32_t count, uint32_t limit) {
    *semaphore = (weft_semaphore)WEFT_SEMAPHORE_INIT(count, limit);
}

static int semaphore_acquire(weft_semaphore *semaphore, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_semaphore_acquire_until(semaphore, blocked.limit_ns));
}

static int semaphore_release(weft_semaphore *semaphore, uint32_t count) {
    if (weft_semaphore_waiting(semaphore) == 0) {
        return weft_semaphore_release(semaphore, count);
    }
    PyThreadState *thread_state = PyEval_SaveThread();
    int status = weft_semaphore_release(semaphore, count);
    PyEval_RestoreThread(thread_state);
    return status;
}

static int semaphore_release_one(weft_semaphore *semaphore) {
    return semaphore_release(semaphore, 1);
}

/* ---- Thread ------------------------------------------------------------------------------------ */

/* On the starter's stack: gone once `running` is set. */
typedef struct {
    PyObject *bootstrap;
    weft_event running;
} launch;

static void thread_main(void *argument) {
    launch *launched = argument;
    PyObject *bootstrap = launched->bootstrap;
    /* This call, not cffi's, makes the thread's Python state and its Release ends it, thread-locals
     * and all, before the runtime says that the thread has ended. */
    PyGILState_STATE gil = PyGILState_Ensure();
    weft_event_set(&launched->running);
    PyObject *result = PyObject_CallNoArgs(bootstrap);
    if (result == NULL) {
        PyErr_WriteUnraisable(bootstrap);
    }
    Py_XDECREF(result);
    Py_DECREF(bootstrap);
    PyGILState_Release(gil);
}

/* What a Thread object of Python holds on to. */
typedef struct {
    weft_thread *thread; /* NULL until started */
} thread_handle;

/* Starts a thread that calls the callable object whose id() is `bootstrap`, and gives it the GIL:
 * this returns when that thread blocks, ends or has used up its turn, so what it does first comes
 * before what the starter does next. The handle is complete before the thread runs any Python. */
static int thread_start(thread_handle *handle, uintptr_t bootstrap, const char *name,
                        size_t stack_bytes, bool daemon) {
    launch launched = {(PyObject *)bootstrap, WEFT_EVENT_INIT};
    weft_thread_options options = {name, stack_bytes, daemon};
    Py_INCREF(launched.bootstrap);
    int status = weft_thread_start(&handle->thread, thread_main, &launched, &options);
    if (status != WEFT_OK) {
        Py_DECREF(launched.bootstrap);
        return status;
    }
    PyThreadState *thread_state = PyEval_SaveThread();
    while (weft_event_wait_until(&launched.running, WEFT_FOREVER) != WEFT_OK) {
    }
    PyEval_RestoreThread(thread_state);
    return WEFT_OK;
}

static bool thread_is_alive(const thread_handle *handle) {
    return handle->thread != NULL && weft_thread_is_alive(handle->thread);
}

static int thread_join(thread_handle *handle, int64_t deadline_ns) {
    if (!thread_is_alive(handle)) {
        return WEFT_OK;
    }
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_thread_join_until(handle->thread, blocked.limit_ns));
}

static void thread_release(thread_handle *handle) {
    if (handle->thread != NULL) {
        weft_thread_release(handle->thread);
    }
}

static int thread_join_all(int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_thread_join_all_until(blocked.limit_ns));
}

#endif
