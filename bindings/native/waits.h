/* What threads wait for: the runtime's objects, with the GIL let go of where that is worth it.
 *
 * Every function here is called with the GIL held and returns with it held. One that may block lets
 * go of it while it does (blocking.h); one that wakes a thread lets go of it first, because that
 * thread will want it (turn.h). A call that does neither keeps it: letting go and taking it again
 * costs more than most of these calls.
 */
#ifndef WEFT_WAITS_H
#define WEFT_WAITS_H

#include <Python.h>
#include <stdlib.h>

#include "blocking.h"
#include "turn.h"
#include "weft.h"

/* ---- Event ---- */

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

/* ---- Lock ---- */

static int lock_acquire(weft_lock *lock, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_lock_acquire_until(lock, blocked.limit_ns));
}

/* False if the lock is not held. */
static bool lock_release(weft_lock *lock) {
    if (!weft_lock_has_waiters(lock)) {
        return weft_lock_release(lock) == WEFT_OK;
    }
    PyThreadState *thread_state = begin_wake();
    int status = weft_lock_release(lock);
    end_wake(thread_state);
    return status == WEFT_OK;
}

/* ---- RLock ---- */

static int rlock_acquire(weft_rlock *rlock, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_rlock_acquire_until(rlock, blocked.limit_ns));
}

/* False if this thread does not hold the lock. */
static bool rlock_release(weft_rlock *rlock) {
    if (!weft_lock_has_waiters(&rlock->lock)) {
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

/* ---- Condition ---- */

/* A condition and its lock: one of the two pointers, or none for a lock that is not weft's.
 *
 * The queue changes only with the GIL held, besides the lock: so a program that notifies without
 * holding the lock, which nobody can see of a plain lock, can't break it. Nothing here waits with
 * the GIL held for a thread that may want it: condition.c says why a cancel does not. */
typedef struct {
    weft_condition condition;
    weft_lock *lock;
    weft_rlock *rlock;
} bound_condition;

/* One wait on a condition, whole or in the middle. */
typedef struct {
    weft_waiter waiter;
    uint32_t depth; /* of the rlock, to be restored */
    bool is_open;   /* between the enqueuing of the waiter and the end of the wait */
} condition_ticket;

/* Takes addresses: the locks lie in Python objects, which the caller keeps. */
static void condition_bind(bound_condition *bound, uintptr_t lock, uintptr_t rlock) {
    bound->lock = (weft_lock *)lock;
    bound->rlock = (weft_rlock *)rlock;
}

static bool has_own_lock(const bound_condition *bound) {
    return bound->rlock != NULL || bound->lock != NULL;
}

/* The lock inside whichever it is; NULL for one that is not weft's. */
static weft_lock *inner_lock(const bound_condition *bound) {
    return bound->rlock != NULL ? &bound->rlock->lock : bound->lock;
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
                                : bound->lock != NULL && weft_lock_is_held(bound->lock);
}

static void retake(const bound_condition *bound, uint32_t depth) {
    int status;
    do {
        status = bound->rlock != NULL ? weft_rlock_restore_until(bound->rlock, depth, WEFT_FOREVER)
                                      : weft_lock_acquire_until(bound->lock, WEFT_FOREVER);
    } while (status != WEFT_OK);
}

/* The steps of a wait, which are all of it with a lock that is not weft's. */
static void condition_enqueue(bound_condition *bound, condition_ticket *ticket) {
    weft_condition_enqueue_locked(&bound->condition, &ticket->waiter);
    ticket->is_open = true;
}

static int condition_sleep(condition_ticket *ticket, int64_t deadline_ns) {
    block blocked = begin_block(deadline_ns);
    return end_block(blocked, weft_waiter_wait_until(&ticket->waiter, blocked.limit_ns));
}

/* Whether the waiter was notified meanwhile. Does nothing for a ticket that is not open. */
static bool condition_cancel(bound_condition *bound, condition_ticket *ticket) {
    bool was_open = ticket->is_open;
    ticket->is_open = false;
    return was_open &&
           weft_condition_cancel_locked(&bound->condition, inner_lock(bound), &ticket->waiter);
}

/* Whether the lock was held, as deeply as the ticket then says. */
static bool let_go(const bound_condition *bound, condition_ticket *ticket) {
    if (bound->rlock != NULL) {
        ticket->depth = weft_rlock_release_all(bound->rlock);
        return ticket->depth > 0;
    }
    return weft_lock_release(bound->lock) == WEFT_OK;
}

/* Waits with a lock of weft's own. The first call with a new ticket begins the wait, and
 * WEFT_INTERRUPTED leaves it open, the lock not held: call again with the same ticket to go on, or
 * condition_abandon. The lock is held again after any other result but WEFT_NOT_HELD. */
static int condition_wait(bound_condition *bound, condition_ticket *ticket, int64_t deadline_ns) {
    bool begins = !ticket->is_open;
    if (begins) {
        if (!is_owned(bound)) {
            return WEFT_NOT_HELD;
        }
        condition_enqueue(bound, ticket);
    }
    block blocked = begin_block(deadline_ns);
    if (begins && !let_go(bound, ticket)) { /* another thread has released a plain lock */
        end_block(blocked, WEFT_NOT_HELD);
        condition_cancel(bound, ticket);
        return WEFT_NOT_HELD;
    }
    int status = weft_waiter_wait_until(&ticket->waiter, blocked.limit_ns);
    if (status == WEFT_INTERRUPTED || (status == WEFT_TIMEDOUT && blocked.is_slice)) {
        return end_block(blocked, status);
    }
    retake(bound, ticket->depth);
    end_block(blocked, status);
    if (status == WEFT_OK) {
        ticket->is_open = false;
    }
    return condition_cancel(bound, ticket) ? WEFT_OK : status;
}

/* Leaves the waking to the release of the lock; with a lock that is not weft's, wakes at once. */
static void condition_notify(bound_condition *bound, uint32_t count) {
    weft_condition_notify(&bound->condition, inner_lock(bound), count);
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
    if (condition_cancel(bound, ticket)) {
        condition_notify(bound, 1);
    }
}

static uint32_t condition_waiting(const bound_condition *bound) {
    return bound->condition.waiting;
}

/* ---- Semaphore ---- */

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

#endif
