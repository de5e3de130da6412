/* Condition: a queue of waiters, guarded by the lock whose state they wait for.
 *
 * A notified waiter needs the lock, which the notifier still holds. So notify only moves it to the
 * lock's `deferred` stack, and the release of the lock signals it. There is one wake for each
 * hand-over, and no waiter wakes up just to sleep again on the lock.
 *
 * A waiter whose deadline came takes the lock again and reads its state. QUEUED: it leaves the
 * queue and has timed out. Anything else: it was notified first. Then it waits for its signal,
 * because until then its memory belongs to the signaler.
 *
 * That wait always ends. A program may notify without holding the lock. Then the waiter may have
 * been deferred to a release of the lock that it holds itself: so it signals all deferred waiters,
 * itself among them. If another thread has taken it out of the stack, that thread signals it
 * without waiting for anything (lock.c). In a program that notifies without the lock, something
 * else has to guard the queue: for Python, the interpreter's lock does.
 *
 * Lock order: the condition's lock is the only one.
 */
#include "platform/platform.h"
#include "sync/waiter.h"
#include "weft.h"

void weft_condition_enqueue_locked(weft_condition *condition, weft_waiter *waiter) {
    waiter->next = NULL;
    atomic_store_explicit(&waiter->state, WAITER_QUEUED, memory_order_relaxed);
    if (condition->last != NULL) {
        condition->last->next = waiter;
    } else {
        condition->first = waiter;
    }
    condition->last = waiter;
    condition->waiting++;
}

static void remove_locked(weft_condition *condition, weft_waiter *waiter) {
    weft_waiter *before = NULL;
    for (weft_waiter *at = condition->first; at != waiter; at = at->next) {
        before = at;
    }
    if (before != NULL) {
        before->next = waiter->next;
    } else {
        condition->first = waiter->next;
    }
    if (condition->last == waiter) {
        condition->last = before;
    }
    condition->waiting--;
}

bool weft_condition_cancel_locked(weft_condition *condition, weft_lock *lock, weft_waiter *waiter) {
    /* Partner: the release in weft_waiter_signal. */
    uint32_t state = atomic_load_explicit(&waiter->state, memory_order_acquire);
    if (state == WAITER_QUEUED) {
        remove_locked(condition, waiter);
        return false;
    }
    if (state == WAITER_NOTIFIED && lock != NULL) {
        weft_lock_signal_deferred(lock);
    }
    while (weft_waiter_wait_until(waiter, WEFT_FOREVER) != WEFT_OK) {
    }
    return true;
}

uint32_t weft_condition_notify(weft_condition *condition, weft_lock *lock, uint32_t count) {
    uint32_t notified = 0;
    while (notified < count && condition->first != NULL) {
        weft_waiter *waiter = condition->first;
        remove_locked(condition, waiter);
        atomic_store_explicit(&waiter->state, WAITER_NOTIFIED, memory_order_relaxed);
        if (lock != NULL) {
            weft_lock_defer(lock, waiter);
        } else {
            weft_waiter_signal(waiter);
        }
        notified++;
    }
    return notified;
}

weft_status weft_condition_wait_until(weft_condition *condition, weft_lock *lock,
                                      int64_t deadline_ns) {
    weft_waiter waiter;
    weft_condition_enqueue_locked(condition, &waiter);
    if (weft_lock_release(lock) != WEFT_OK) {
        weft_platform_panic("weft_condition_wait_until: the caller does not hold the lock");
    }
    weft_status status = weft_waiter_wait_until(&waiter, deadline_ns);
    while (weft_lock_acquire_until(lock, WEFT_FOREVER) != WEFT_OK) {
    }
    if (status != WEFT_OK && weft_condition_cancel_locked(condition, lock, &waiter)) {
        status = WEFT_OK;
    }
    return status;
}
