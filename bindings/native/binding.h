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

/* ---- Blocking ----------------------------------------------------------------------------------
 */

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

/* True: tests/bindings asserts that calls are made with the GIL held. */
static bool gil_is_held(void) {
    return PyGILState_Check();
}

/* ---- Whose turn it is --------------------------------------------------------------------------
 */

/* Two things here are faster than in threading, and programs could see it in the order of what they
 * print: start() does not wait until the new thread runs, and a call that wakes a thread lets go of
 * the GIL, so that thread may go on before the call returns. Both are made up for where the order
 * shows (keep_order): before a thread takes an RLock, which logging does for each line, and before
 * print() under `weft run`. There
 *  - a new thread runs before its starter goes on (also at the next start(), and at exit);
 *  - who has woken others goes on before they do;
 *  - those that an event has released go on in the order in which they came to wait.
 * In each case "before" means: it has had the GIL, until it blocked or had used up its turn.
 *
 * All of this is guarded by the GIL. What other threads look at lies on the heap, since a thread
 * may end at any wait for the GIL once the interpreter goes down. */

typedef struct {
    PyObject *bootstrap;
    PyInterpreterState *interpreter;
    PyThreadState *starter;
    weft_event running; /* set once the new thread has the GIL */
    int references;     /* the new thread's, and that of `newcomer` or of who waits for it */
} launch;

/* The thread started last, unless it has had the GIL since. */
static launch *newcomer;

/* Threads that have woken another and wait for the GIL to go on. */
static int returning;

/* A thread that waits for an event; from the release on, one that waits for the GIL to go on. */
typedef struct sleeper {
    struct sleeper *next;
    struct sleeper *previous;
    uint64_t place; /* in the order of all releases; 0 before the release */
} sleeper;

typedef struct {
    sleeper *first;
    sleeper *last;
} sleepers;

static sleepers released;
static uint64_t releases;
static _Thread_local uint64_t own_place; /* at the last release of this thread */

/* Set for a moment when a returning or released thread has got the GIL and somebody awaits that.
 * Who does is counted before it lets go of the GIL: no moment goes by it. */
static weft_event came_back;
static int awaiting;

static void append_sleeper(sleepers *list, sleeper *added) {
    added->next = NULL;
    added->previous = list->last;
    if (list->last != NULL) {
        list->last->next = added;
    } else {
        list->first = added;
    }
    list->last = added;
}

static void remove_sleeper(sleepers *list, sleeper *removed) {
    if (removed->previous != NULL) {
        removed->previous->next = removed->next;
    } else {
        list->first = removed->next;
    }
    if (removed->next != NULL) {
        removed->next->previous = removed->previous;
    } else {
        list->last = removed->previous;
    }
}

static void release_sleepers(sleepers *waiting) {
    while (waiting->first != NULL) {
        sleeper *at = waiting->first;
        remove_sleeper(waiting, at);
        at->place = ++releases;
        append_sleeper(&released, at);
    }
}

static void come_back(void) {
    if (awaiting > 0) {
        weft_event_set(&came_back);
        weft_event_clear(&came_back);
    }
}

static void drop_launch(launch *launched, int references) {
    launched->references -= references;
    if (launched->references == 0) {
        free(launched);
    }
}

static void await_newcomer(void) {
    launch *awaited = newcomer;
    if (awaited == NULL) {
        return;
    }
    newcomer = NULL;
    PyThreadState *thread_state = PyEval_SaveThread();
    while (weft_event_wait_until(&awaited->running, WEFT_FOREVER) != WEFT_OK) {
    }
    PyEval_RestoreThread(thread_state);
    drop_launch(awaited, 1);
}

static bool somebody_comes_first(void) {
    return returning > 0 || (released.first != NULL && released.first->place < own_place);
}

static void await_somebody(void) {
    uint32_t observation = weft_event_observe(&came_back);
    awaiting++;
    PyThreadState *thread_state = PyEval_SaveThread();
    while (weft_event_resume_until(&came_back, observation, WEFT_FOREVER) != WEFT_OK) {
    }
    PyEval_RestoreThread(thread_state);
    awaiting--;
}

#if PY_VERSION_HEX < 0x030D0000
#define Py_IsFinalizing _Py_IsFinalizing
#endif

static void keep_order(void) {
    if (newcomer == NULL && returning == 0 && released.first == NULL) {
        return;
    }
    if (Py_IsFinalizing()) {
        return; /* whoever should come first may never come */
    }
    if (newcomer != NULL && newcomer->starter == PyThreadState_Get()) {
        await_newcomer();
    }
    /* Not for ever: of those who keep coming, as many as there are now. */
    for (int most = 64; most > 0 && somebody_comes_first(); most--) {
        await_somebody();
    }
}

/* Around a call that wakes a thread. */
static PyThreadState *begin_wake(void) {
    returning++;
    return PyEval_SaveThread();
}

static void end_wake(PyThreadState *thread_state) {
    PyEval_RestoreThread(thread_state);
    returning--;
    come_back();
}

/* The child has only the thread that forked, with the GIL: nobody else's turn comes first. */
static void fork_child(void) {
    weft_fork_child();
    newcomer = NULL;
    returning = 0;
    released = (sleepers){NULL, NULL};
    came_back = (weft_event)WEFT_EVENT_INIT;
    awaiting = 0;
    main_thread_ident = PyThread_get_thread_ident();
}

/* ---- Event -------------------------------------------------------------------------------------
 */

typedef struct {
    weft_event event;
    sleepers waiting; /* first come, first released */
} ordered_event;

static bool event_is_set(const ordered_event *ordered) {
    return weft_event_is_set(&ordered->event);
}

static void event_set(ordered_event *ordered) {
    sleeper *first = ordered->waiting.first;
    bool wakes_one = first != NULL && first->next == NULL;
    if (first != NULL) {
        release_sleepers(&ordered->waiting);
    }
    if (!wakes_one) {
        weft_event_set(&ordered->event); /* of several, all but one wait for the GIL anyway */
        return;
    }
    PyThreadState *thread_state = begin_wake();
    weft_event_set(&ordered->event);
    end_wake(thread_state);
}

static void event_clear(ordered_event *ordered) {
    weft_event_clear(&ordered->event);
}

static uint32_t event_waiting(const ordered_event *ordered) {
    return weft_event_waiting(&ordered->event);
}

static uint32_t event_observe(const ordered_event *ordered) {
    return weft_event_observe(&ordered->event);
}

/* Renewing makes an object as it was when new, for a forked child. */
static void event_renew(ordered_event *ordered) {
    bool was_set = event_is_set(ordered);
    *ordered = (ordered_event){WEFT_EVENT_INIT, {NULL, NULL}};
    if (was_set) {
        weft_event_set(&ordered->event);
    }
}

static int event_wait(ordered_event *ordered, uint32_t observation, int64_t deadline_ns) {
    sleeper *self = malloc(sizeof *self);
    if (self == NULL) {
        return WEFT_NO_MEMORY;
    }
    self->place = 0;
    append_sleeper(&ordered->waiting, self);
    block blocked = begin_block(deadline_ns);
    int status = weft_event_resume_until(&ordered->event, observation, blocked.limit_ns);
    status = end_block(blocked, status);
    remove_sleeper(self->place == 0 ? &ordered->waiting : &released, self);
    if (self->place != 0) {
        own_place = self->place;
        come_back();
    }
    free(self);
    return status;
}

/* ---- Lock --------------------------------------------------------------------------------------
 */

static int lock_acquire(weft_lock *lock, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_lock_acquire_until(lock, blocked.limit_ns));
}

static bool release_wakes(const weft_lock *lock) {
    return weft_lock_has_waiters(lock) ||
           atomic_load_explicit(&lock->deferred, memory_order_relaxed) != NULL;
}

/* False if the lock is not held. */
static bool lock_release(weft_lock *lock) {
    if (!release_wakes(lock)) {
        return weft_lock_release(lock) == WEFT_OK;
    }
    PyThreadState *thread_state = begin_wake();
    int status = weft_lock_release(lock);
    end_wake(thread_state);
    return status == WEFT_OK;
}

/* ---- RLock -------------------------------------------------------------------------------------
 */

static int rlock_acquire(weft_rlock *rlock, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_rlock_acquire_until(rlock, blocked.limit_ns));
}

/* False if this thread does not hold the lock. */
static bool rlock_release(weft_rlock *rlock) {
    if (!release_wakes(&rlock->lock)) {
        return weft_rlock_release(rlock) == WEFT_OK;
    }
    PyThreadState *thread_state = begin_wake();
    int status = weft_rlock_release(rlock);
    end_wake(thread_state);
    return status == WEFT_OK;
}

static uint32_t rlock_release_all(weft_rlock *rlock) {
    PyThreadState *thread_state = begin_wake();
    uint32_t depth = weft_rlock_release_all(rlock);
    end_wake(thread_state);
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

/* ---- Condition ---------------------------------------------------------------------------------
 */

/* A condition and its lock: one of the two pointers, or none for a lock that is not weft's.
 *
 * The queue changes only with the GIL held, besides the lock: so a program that notifies without
 * holding the lock, which Python can't always see, can't break it. */
typedef struct {
    weft_condition condition;
    weft_lock *lock;
    weft_rlock *rlock;
} bound_condition;

/* One wait on a condition, whole or in the middle. */
typedef struct {
    weft_waiter waiter;
    uint32_t depth; /* of the rlock, to be restored */
    bool is_open;   /* between the release of the lock and its return to the caller */
} condition_ticket;

/* Takes addresses: the locks lie in Python objects, which the caller keeps. */
static void condition_bind(bound_condition *bound, uintptr_t lock, uintptr_t rlock) {
    bound->lock = (weft_lock *)lock;
    bound->rlock = (weft_rlock *)rlock;
}

/* False if the lock can't be had at once, or is not weft's. */
static bool condition_enter(bound_condition *bound) {
    if (bound->rlock != NULL) {
        return weft_rlock_try(bound->rlock) == WEFT_OK;
    }
    return bound->lock != NULL && weft_lock_try(bound->lock);
}

/* False if the caller does not hold the lock, or it is not weft's. */
static bool condition_exit(bound_condition *bound) {
    if (bound->rlock != NULL) {
        return rlock_release(bound->rlock);
    }
    return bound->lock != NULL && lock_release(bound->lock);
}

static void condition_renew(bound_condition *bound) {
    bound->condition = (weft_condition)WEFT_CONDITION_INIT;
}

/* Of a plain lock nobody knows the owner: whoever finds it held may be that. */
static bool is_owned(const bound_condition *bound) {
    return bound->rlock != NULL ? weft_rlock_is_owned(bound->rlock)
                                : bound->lock == NULL || weft_lock_is_held(bound->lock);
}

static void retake(const bound_condition *bound, uint32_t depth) {
    int status;
    do {
        status = bound->rlock != NULL ? weft_rlock_restore_until(bound->rlock, depth, WEFT_FOREVER)
                                      : weft_lock_acquire_until(bound->lock, WEFT_FOREVER);
    } while (status != WEFT_OK);
}

/* Waits with a lock of weft's own. The first call with a new ticket begins the wait, and
 * WEFT_INTERRUPTED leaves it open, the lock not held: call again with the same ticket to go on, or
 * condition_abandon. The lock is held again after any other result. */
static int condition_wait(bound_condition *bound, condition_ticket *ticket, int64_t deadline_ns) {
    bool begins = !ticket->is_open;
    if (begins) {
        if (!is_owned(bound)) {
            return WEFT_NOT_HELD;
        }
        weft_condition_enqueue_locked(&bound->condition, &ticket->waiter);
        ticket->is_open = true;
    }
    block blocked = begin_block(deadline_ns);
    if (begins && bound->rlock != NULL) {
        ticket->depth = weft_rlock_release_all(bound->rlock);
    } else if (begins) {
        weft_lock_release(bound->lock);
    }
    int status = weft_waiter_wait_until(&ticket->waiter, blocked.limit_ns);
    if (status == WEFT_INTERRUPTED || (status == WEFT_TIMEDOUT && blocked.is_slice)) {
        return end_block(blocked, status);
    }
    retake(bound, ticket->depth);
    end_block(blocked, status);
    ticket->is_open = false;
    if (status != WEFT_OK && weft_condition_cancel_locked(&bound->condition, &ticket->waiter)) {
        status = WEFT_OK;
    }
    return status;
}

/* Leaves the waking to the release of the lock; with a lock that is not weft's, wakes at once.
 * False if the caller does not hold the lock, as far as weft can tell. */
static bool condition_notify(bound_condition *bound, uint32_t count) {
    if (!is_owned(bound)) {
        return false;
    }
    weft_condition_notify(&bound->condition,
                          bound->rlock != NULL ? &bound->rlock->lock : bound->lock, count);
    return true;
}

static bool condition_notify_one(bound_condition *bound) {
    return condition_notify(bound, 1);
}

/* Ends an open wait, with the lock held again. A notification that it had got already goes to the
 * next waiter. Does nothing if the wait is not open. */
static void condition_abandon(bound_condition *bound, condition_ticket *ticket) {
    if (!ticket->is_open) {
        return;
    }
    PyThreadState *thread_state = PyEval_SaveThread();
    retake(bound, ticket->depth);
    PyEval_RestoreThread(thread_state);
    ticket->is_open = false;
    if (weft_condition_cancel_locked(&bound->condition, &ticket->waiter)) {
        condition_notify(bound, 1);
    }
}

static uint32_t condition_waiting(const bound_condition *bound) {
    return bound->condition.waiting;
}

/* The steps of a wait with a lock that is not weft's. */
static void condition_enqueue(bound_condition *bound, condition_ticket *ticket) {
    weft_condition_enqueue_locked(&bound->condition, &ticket->waiter);
}

static int condition_sleep(condition_ticket *ticket, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_waiter_wait_until(&ticket->waiter, blocked.limit_ns));
}

static bool condition_cancel(bound_condition *bound, condition_ticket *ticket) {
    return weft_condition_cancel_locked(&bound->condition, &ticket->waiter);
}

/* ---- Semaphore ---------------------------------------------------------------------------------
 */

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
    PyThreadState *thread_state = begin_wake();
    int status = weft_semaphore_release(semaphore, count);
    end_wake(thread_state);
    return status;
}

static int semaphore_release_one(weft_semaphore *semaphore) {
    return semaphore_release(semaphore, 1);
}

/* ---- Thread ------------------------------------------------------------------------------------
 */

/* What a Thread object of Python holds on to. */
typedef struct {
    weft_thread *thread; /* NULL until started */
} thread_handle;

static void thread_main(void *argument) {
    launch *launched = argument;
    /* The thread's Python state is ours, not cffi's: it ends here, thread-locals and all, before
     * the runtime says that the thread has ended. */
    PyEval_RestoreThread(PyThreadState_New(launched->interpreter));
    PyObject *bootstrap = launched->bootstrap;
    own_place = 0;
    weft_event_set(&launched->running);
    int references = 1;
    if (newcomer == launched) {
        newcomer = NULL;
        references = 2;
    }
    drop_launch(launched, references);
    PyObject *result = PyObject_CallNoArgs(bootstrap);
    if (result == NULL) {
        PyErr_WriteUnraisable(bootstrap);
    }
    Py_XDECREF(result);
    Py_DECREF(bootstrap);
    PyThreadState_Clear(PyThreadState_Get());
    PyThreadState_DeleteCurrent();
}

/* Starts a thread that calls the callable object whose id() is `bootstrap`. The handle is complete
 * before the thread runs any Python. */
static int thread_start(thread_handle *handle, uintptr_t bootstrap, const char *name,
                        size_t stack_bytes, bool daemon) {
    await_newcomer();
    launch *launched = malloc(sizeof *launched);
    if (launched == NULL) {
        return WEFT_NO_MEMORY;
    }
    *launched = (launch){(PyObject *)bootstrap, PyInterpreterState_Get(), PyThreadState_Get(),
                         WEFT_EVENT_INIT, 2};
    Py_INCREF(launched->bootstrap);
    weft_thread_options options = {name, stack_bytes, daemon};
    int status = weft_thread_start(&handle->thread, thread_main, launched, &options);
    if (status != WEFT_OK) {
        Py_DECREF(launched->bootstrap);
        free(launched);
        return status;
    }
    newcomer = launched;
    return WEFT_OK;
}

static uintptr_t thread_ident(const thread_handle *handle) {
    return weft_thread_ident(handle->thread);
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
    await_newcomer(); /* a daemon may not come up while the interpreter goes down */
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_thread_join_all_until(blocked.limit_ns));
}

#endif
