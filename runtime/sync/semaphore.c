/* Semaphore: a count, and how many wait for it to leave zero.
 *
 * A waiter adds to `waiting` and then reads the count; a release adds to the count and then reads
 * `waiting`. Both write before they read, in sequentially consistent order. So at least one of the
 * two sees the other, and no release misses a sleeper.
 *
 * A waiter tries once more after every wait, whatever its result. So a wake is never wasted on it
 * while others sleep.
 */
#include "platform/platform.h"
#include "weft.h"

bool weft_semaphore_try(weft_semaphore *semaphore) {
    /* Sequentially consistent: in acquire_until this read follows the add to `waiting`. */
    uint32_t count = atomic_load(&semaphore->count);
    while (count > 0) {
        /* Acquire: pairs with the release in weft_semaphore_release. */
        if (atomic_compare_exchange_weak_explicit(&semaphore->count, &count, count - 1,
                                                  memory_order_acquire, memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

weft_status weft_semaphore_acquire_until(weft_semaphore *semaphore, int64_t deadline_ns) {
    if (weft_semaphore_try(semaphore)) {
        return WEFT_OK;
    }
    atomic_fetch_add(&semaphore->waiting, 1); /* partner: the load in weft_semaphore_release */
    weft_status status = WEFT_OK;
    bool taken = false;
    while (!(taken = weft_semaphore_try(semaphore)) && status == WEFT_OK) {
        status = weft_platform_wait(&semaphore->count, 0, deadline_ns);
    }
    atomic_fetch_sub(&semaphore->waiting, 1);
    return taken ? WEFT_OK : status;
}

weft_status weft_semaphore_release(weft_semaphore *semaphore, uint32_t count) {
    uint32_t old = atomic_load_explicit(&semaphore->count, memory_order_relaxed);
    do {
        if (count > semaphore->limit - old) {
            return WEFT_OVERFLOW;
        }
    } while (!atomic_compare_exchange_weak(&semaphore->count, &old, old + count));
    if (atomic_load(&semaphore->waiting) > 0) { /* partner: the add in acquire_until */
        if (count == 1) {
            weft_platform_wake_one(&semaphore->count);
        } else {
            weft_platform_wake_all(&semaphore->count);
        }
    }
    return WEFT_OK;
}

uint32_t weft_semaphore_count(const weft_semaphore *semaphore) {
    return atomic_load_explicit(&semaphore->count, memory_order_relaxed);
}

uint32_t weft_semaphore_waiting(const weft_semaphore *semaphore) {
    return atomic_load_explicit(&semaphore->waiting, memory_order_acquire);
}
