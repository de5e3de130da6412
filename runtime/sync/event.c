/* Event: a flag in one word, so that the whole protocol is atomic steps on that word. A platform
 * may bring its own (platform.h). The model in tests/runtime/sync/event.pml checks this one.
 *
 *   bit 0    SET: the flag
 *   bit 1    WAITERS: somebody may sleep on the word; set by waiters, taken away by set()
 *   bits 2+  the epoch: how often the flag went from clear to set (modulo 2^30)
 *
 * A waiter remembers the epoch at its start. set() changes it. So a waiter that finds the flag
 * clear again still knows that it was set meanwhile. (2^30 sets between two reads of a waiter would
 * hide that; no waiter is that slow.)
 *
 * After its one atomic step set() only wakes by address: the event may be gone by then.
 * `waiting` is for observers; no decision rests on it.
 */
#include "platform/platform.h"
#include "weft.h"

enum { SET = 1, WAITERS = 2, EPOCH_ONE = 4 };

#define EPOCH(state) ((state) & ~(uint32_t)(SET | WAITERS))

bool weft_event_is_set(const weft_event *event) {
    /* Partner: the release in weft_event_set. */
    return atomic_load_explicit(&event->state, memory_order_acquire) & SET;
}

void weft_event_set(weft_event *event) {
    uint32_t old = atomic_load_explicit(&event->state, memory_order_relaxed);
    uint32_t new;
    do {
        new = (old & SET) ? old : ((EPOCH(old) + EPOCH_ONE) | SET);
        /* Writes even if the flag is set already: a clear() that follows has to see what came
         * before this set(). Partners: the acquires in is_set, resume and clear. */
    } while (!atomic_compare_exchange_weak_explicit(&event->state, &old, new, memory_order_release,
                                                    memory_order_relaxed));
    if (old & WAITERS) {
        weft_platform_wake_all(&event->state);
    }
}

void weft_event_clear(weft_event *event) {
    /* Partner: the release in weft_event_set. */
    atomic_fetch_and_explicit(&event->state, ~(uint32_t)SET, memory_order_acq_rel);
}

uint32_t weft_event_observe(const weft_event *event) {
    uint32_t state = atomic_load_explicit(&event->state, memory_order_acquire);
    /* If the flag is set, resume has to return at once. No waiter can meet the epoch before. */
    return (state & SET) ? EPOCH(state) - EPOCH_ONE : EPOCH(state);
}

weft_status weft_event_resume_until(weft_event *event, uint32_t observation, int64_t deadline_ns) {
    uint32_t state = atomic_load_explicit(&event->state, memory_order_acquire);
    weft_status status = WEFT_OK;
    if ((state & SET) || EPOCH(state) != observation) {
        return WEFT_OK;
    }
    /* Partner: weft_event_waiting. A thread that reads this count comes after the observation. */
    atomic_fetch_add_explicit(&event->waiting, 1, memory_order_release);
    while (status == WEFT_OK) {
        if (!(state & WAITERS) &&
            !atomic_compare_exchange_weak_explicit(&event->state, &state, state | WAITERS,
                                                   memory_order_acquire, memory_order_acquire)) {
            /* state is the word's new value, which is checked below. */
        } else {
            status = weft_platform_wait(&event->state, state | WAITERS, deadline_ns);
            state = atomic_load_explicit(&event->state, memory_order_acquire);
        }
        if ((state & SET) || EPOCH(state) != observation) {
            status = WEFT_OK;
            break;
        }
    }
    atomic_fetch_sub_explicit(&event->waiting, 1, memory_order_relaxed);
    return status;
}

weft_status weft_event_wait_until(weft_event *event, int64_t deadline_ns) {
    return weft_event_resume_until(event, weft_event_observe(event), deadline_ns);
}

uint32_t weft_event_waiting(const weft_event *event) {
    return atomic_load_explicit(&event->waiting, memory_order_acquire);
}
