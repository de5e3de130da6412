/* RLock: a lock, who holds it, and how often.
 *
 * Only the holder writes `owner`. So a thread that reads its own ident there is the owner, and
 * every other thread reads something else: relaxed order is enough.
 */
#include "platform/platform.h"
#include "weft.h"

bool weft_rlock_is_owned(const weft_rlock *rlock) {
    return atomic_load_explicit(&rlock->owner, memory_order_relaxed) ==
           weft_platform_thread_ident();
}

uint32_t weft_rlock_depth(const weft_rlock *rlock) {
    return weft_rlock_is_owned(rlock) ? rlock->depth : 0;
}

static void set_owner(weft_rlock *rlock, uint32_t depth) {
    atomic_store_explicit(&rlock->owner, weft_platform_thread_ident(), memory_order_relaxed);
    rlock->depth = depth;
}

static weft_status add_depth(weft_rlock *rlock) {
    if (rlock->depth == UINT32_MAX) {
        return WEFT_OVERFLOW;
    }
    rlock->depth++;
    return WEFT_OK;
}

weft_status weft_rlock_try(weft_rlock *rlock) {
    if (weft_rlock_is_owned(rlock)) {
        return add_depth(rlock);
    }
    if (!weft_lock_try(&rlock->lock)) {
        return WEFT_TIMEDOUT;
    }
    set_owner(rlock, 1);
    return WEFT_OK;
}

weft_status weft_rlock_acquire_until(weft_rlock *rlock, int64_t deadline_ns) {
    if (weft_rlock_is_owned(rlock)) {
        return add_depth(rlock);
    }
    return weft_rlock_restore_until(rlock, 1, deadline_ns);
}

weft_status weft_rlock_release(weft_rlock *rlock) {
    if (!weft_rlock_is_owned(rlock)) {
        return WEFT_NOT_HELD;
    }
    if (--rlock->depth > 0) {
        return WEFT_OK;
    }
    atomic_store_explicit(&rlock->owner, 0, memory_order_relaxed);
    return weft_lock_release(&rlock->lock);
}

uint32_t weft_rlock_release_all(weft_rlock *rlock) {
    uint32_t depth = weft_rlock_depth(rlock);
    if (depth > 0) {
        rlock->depth = 1;
        weft_rlock_release(rlock);
    }
    return depth;
}

weft_status weft_rlock_restore_until(weft_rlock *rlock, uint32_t depth, int64_t deadline_ns) {
    weft_status status = weft_lock_acquire_until(&rlock->lock, deadline_ns);
    if (status == WEFT_OK) {
        set_owner(rlock, depth);
    }
    return status;
}
