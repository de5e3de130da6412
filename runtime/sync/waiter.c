/* Waiters: see waiter.h. */
#include "sync/waiter.h"

#include "platform/platform.h"

void weft_waiter_signal(weft_waiter *waiter) {
    weft_word *state = &waiter->state;
    /* After this store the waiter may return and its memory may be used for something else: only
     * its address is used below. Partner: the acquire in weft_waiter_wait_until. */
    atomic_store_explicit(state, WAITER_SIGNALED, memory_order_release);
    weft_platform_wake_one(state);
}

void weft_waiter_signal_stack(weft_waiter *top) {
    weft_waiter *first = NULL;
    while (top != NULL) {
        weft_waiter *below = top->next;
        top->next = first;
        first = top;
        top = below;
    }
    while (first != NULL) {
        weft_waiter *next = first->next;
        weft_waiter_signal(first);
        first = next;
    }
}

weft_status weft_waiter_wait_until(weft_waiter *waiter, int64_t deadline_ns) {
    for (;;) {
        /* Partner: the release in weft_waiter_signal. */
        uint32_t state = atomic_load_explicit(&waiter->state, memory_order_acquire);
        if (state == WAITER_SIGNALED) {
            return WEFT_OK;
        }
        weft_status status = weft_platform_wait(&waiter->state, state, deadline_ns);
        if (status != WEFT_OK) {
            state = atomic_load_explicit(&waiter->state, memory_order_acquire);
            return state == WAITER_SIGNALED ? WEFT_OK : status;
        }
    }
}
