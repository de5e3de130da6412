/* Lock: one word, and a stack of waiters.
 *
 *   FREE
 *   HELD       and a release has nobody to wake
 *   DEFERRED   held, and somebody may be in the stack
 *   CONTENDED  held, somebody may sleep on the word, and somebody may be in the stack
 *
 * A thread that had to wait takes the lock as CONTENDED, because others may still sleep. So a
 * release of a CONTENDED lock always wakes one, and no sleeper is forgotten. A waiter that gives up
 * leaves CONTENDED behind, which costs one wake of nobody.
 *
 * `deferred` is the stack of the waiters that a condition has notified under this lock
 * (condition.c). A notifier pushes one and then marks the word; if it finds the lock free, it takes
 * the stack itself. A release of a marked lock frees the lock and then takes the stack. So nobody
 * is left in the stack of a lock that stays free, also if a program notifies or releases without
 * holding the lock. Whoever takes the stack signals all of it, and waits for nothing before.
 */
#include "platform/platform.h"
#include "sync/waiter.h"
#include "weft.h"

enum { FREE = 0, HELD = 1, DEFERRED = 2, CONTENDED = 3 };

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

void weft_lock_signal_deferred(weft_lock *lock) {
    /* Partner: the release in weft_lock_defer. */
    weft_waiter_signal_stack(atomic_exchange_explicit(&lock->deferred, NULL, memory_order_acquire));
}

weft_status weft_lock_release(weft_lock *lock) {
    if (!weft_lock_is_held(lock)) {
        return WEFT_NOT_HELD;
    }
    /* Partners: the acquires in weft_lock_try and take_contended, and both orders in mark. */
    uint32_t old = atomic_exchange_explicit(&lock->state, FREE, memory_order_acq_rel);
    if (old == CONTENDED) {
        weft_platform_wake_one(&lock->state);
    }
    if (old > HELD) {
        weft_lock_signal_deferred(lock);
    }
    return WEFT_OK;
}

/* Makes the next release take the stack; false if the lock is free. Writes the word even if it is
 * marked already. So either that release comes later and sees what was pushed, or this sees that
 * the lock is free. Partner of both orders: the exchange in weft_lock_release. */
static bool mark(weft_lock *lock) {
    uint32_t state = atomic_load_explicit(&lock->state, memory_order_relaxed);
    uint32_t marked;
    do {
        marked = state == HELD ? DEFERRED : state;
    } while (!atomic_compare_exchange_weak_explicit(&lock->state, &state, marked,
                                                    memory_order_acq_rel, memory_order_relaxed));
    return marked != FREE;
}

void weft_lock_defer(weft_lock *lock, weft_waiter *waiter) {
    waiter->next = atomic_load_explicit(&lock->deferred, memory_order_relaxed);
    /* Partner: the acquire in weft_lock_signal_deferred. */
    while (!atomic_compare_exchange_weak_explicit(&lock->deferred, &waiter->next, waiter,
                                                  memory_order_release, memory_order_relaxed)) {
    }
    if (!mark(lock)) {
        weft_lock_signal_deferred(lock);
    }
}

bool weft_lock_is_held(const weft_lock *lock) {
    return atomic_load_explicit(&lock->state, memory_order_relaxed) != FREE;
}

bool weft_lock_has_waiters(const weft_lock *lock) {
    return atomic_load_explicit(&lock->state, memory_order_relaxed) > HELD;
}
