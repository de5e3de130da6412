/* Lock: one word.
 *
 *   FREE
 *   HELD       and nobody waits
 *   CONTENDED  held, and somebody may sleep on the word
 *
 * Whoever had to wait takes the lock as CONTENDED, because others may still sleep: so a release of
 * a CONTENDED lock always wakes one, and no sleeper is forgotten. A waiter that gives up leaves
 * CONTENDED behind, which costs one wake of nobody.
 *
 * `deferred` is a stack of the waiters that a condition has notified under this lock
 * (condition.c). Waiters are pushed by the holder and all taken at once by the release, so it is
 * empty whenever the lock is free. Both are single atomic steps, so that a program that releases
 * or notifies without holding the lock gets its waiters wrong, but never their memory.
 */
#include "platform/platform.h"
#include "sync/waiter.h"
#include "weft.h"

enum { FREE = 0, HELD = 1, CONTENDED = 2 };

bool weft_lock_try(weft_lock *lock) {
    uint32_t expected = FREE;
    /* Partner: the release in weft_lock_release. */
    return atomic_compare_exchange_strong_explicit(&lock->state, &expected, HELD,
                                                   memory_order_acquire, memory_order_relaxed);
}

/* Partner: the release in weft_lock_release. */
static bool take_contended(weft_lock *lock) {
    return atomic_exchange_explicit(&lock->state, CONTENDED, memory_order_acquire) == FREE;
}

weft_status weft_lock_acquire_until(weft_lock *lock, int64_t deadline_ns) {
    if (weft_lock_try(lock)) {
        return WEFT_OK;
    }
    weft_status status = WEFT_OK;
    while (!take_contended(lock)) {
        if (status != WEFT_OK) {
            return status;
        }
        status = weft_platform_wait(&lock->state, CONTENDED, deadline_ns);
    }
    return WEFT_OK;
}

weft_status weft_lock_release(weft_lock *lock) {
    if (!weft_lock_is_held(lock)) {
        return WEFT_NOT_HELD;
    }
    weft_waiter *notified = NULL;
    if (atomic_load_explicit(&lock->deferred, memory_order_relaxed) != NULL) {
        /* Partner: the release in weft_lock_defer. */
        notified = atomic_exchange_explicit(&lock->deferred, NULL, memory_order_acquire);
    }
    /* Partners: the acquires in weft_lock_try and take_contended. */
    if (atomic_exchange_explicit(&lock->state, FREE, memory_order_release) == CONTENDED) {
        weft_platform_wake_one(&lock->state);
    }
    weft_waiter_signal_stack(notified);
    return WEFT_OK;
}

void weft_lock_defer(weft_lock *lock, weft_waiter *waiter) {
    waiter->next = atomic_load_explicit(&lock->deferred, memory_order_relaxed);
    /* Partner: the acquire in weft_lock_release. */
    while (!atomic_compare_exchange_weak_explicit(&lock->deferred, &waiter->next, waiter,
                                                  memory_order_release, memory_order_relaxed)) {
    }
}

bool weft_lock_is_held(const weft_lock *lock) {
    return atomic_load_explicit(&lock->state, memory_order_relaxed) != FREE;
}

bool weft_lock_has_waiters(const weft_lock *lock) {
    return atomic_load_explicit(&lock->state, memory_order_relaxed) == CONTENDED;
}
