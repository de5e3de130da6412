/* Barrier: a lock, a condition and a count of those who have arrived.
 *
 *   FILLING    threads arrive and wait
 *   DRAINING   all had arrived; the last one of them to leave makes it FILLING again
 *   RESETTING  as DRAINING, but those who leave were turned away
 *   BROKEN     nobody waits here until a reset
 *
 * A thread that comes while others still leave waits for FILLING first, so that each sees the
 * result of the round it was in. `arrived` counts those between arrival and leaving.
 */
#include "platform/platform.h"
#include "weft.h"

enum { FILLING = 0, DRAINING = 1, RESETTING = 2, BROKEN = 3 };

static void enter(weft_barrier *barrier) {
    while (weft_lock_acquire_until(&barrier->lock, WEFT_FOREVER) != WEFT_OK) {
    }
}

static void leave(weft_barrier *barrier) {
    weft_lock_release(&barrier->lock);
}

static void change_phase_locked(weft_barrier *barrier, uint32_t phase) {
    barrier->phase = phase;
    weft_condition_notify(&barrier->changed, &barrier->lock, WEFT_ALL);
}

/* Waits while the barrier is between rounds. */
static weft_status wait_for_round_locked(weft_barrier *barrier, int64_t deadline_ns) {
    while (barrier->phase == DRAINING || barrier->phase == RESETTING) {
        weft_status status =
            weft_condition_wait_until(&barrier->changed, &barrier->lock, deadline_ns);
        if (status != WEFT_OK) {
            return status;
        }
    }
    return barrier->phase == BROKEN ? WEFT_BROKEN : WEFT_OK;
}

/* The arrived thread's wait for the others: how its round ended, for it. */
static weft_status wait_for_others_locked(weft_barrier *barrier, int64_t deadline_ns) {
    while (barrier->phase == FILLING) {
        weft_status status =
            weft_condition_wait_until(&barrier->changed, &barrier->lock, deadline_ns);
        if (status != WEFT_OK && barrier->phase == FILLING) {
            change_phase_locked(barrier, BROKEN);
            return status;
        }
    }
    return barrier->phase == DRAINING ? WEFT_OK : WEFT_BROKEN;
}

weft_status weft_barrier_wait_until(weft_barrier *barrier, int64_t deadline_ns, uint32_t *index) {
    enter(barrier);
    weft_status status = wait_for_round_locked(barrier, deadline_ns);
    if (status == WEFT_OK) {
        uint32_t order = barrier->arrived++;
        if (index != NULL) {
            *index = order;
        }
        if (order + 1 >= barrier->parties) {
            change_phase_locked(barrier, DRAINING);
        }
        status = wait_for_others_locked(barrier, deadline_ns);
        if (--barrier->arrived == 0 && barrier->phase != BROKEN) {
            change_phase_locked(barrier, FILLING);
        }
    }
    leave(barrier);
    return status;
}

void weft_barrier_abort(weft_barrier *barrier) {
    enter(barrier);
    change_phase_locked(barrier, BROKEN);
    leave(barrier);
}

void weft_barrier_reset(weft_barrier *barrier) {
    enter(barrier);
    if (barrier->arrived == 0) {
        change_phase_locked(barrier, FILLING);
    } else if (barrier->phase != DRAINING) {
        change_phase_locked(barrier, RESETTING);
    }
    leave(barrier);
}

bool weft_barrier_is_broken(weft_barrier *barrier) {
    enter(barrier);
    bool broken = barrier->phase == BROKEN;
    leave(barrier);
    return broken;
}

uint32_t weft_barrier_waiting(weft_barrier *barrier) {
    enter(barrier);
    uint32_t waiting = barrier->phase == FILLING ? barrier->arrived : 0;
    leave(barrier);
    return waiting;
}
