/* Event under the kernel's lock, in place of sync/event.c: set() takes the lock once, and so does
 * the start of a wait. A processor without atomic instructions would take five locks there. The
 * model in tests/runtime/kernel/event.pml checks it. Its word:
 *
 *   byte 0   SET: the flag
 *   bit 8    WAITERS: somebody may wait; set by waiters while SET is not, taken away by set()
 *   bits 9+  the epoch: how often the flag went from clear to set
 *
 * All changes are made under the kernel's lock, except that clear() writes byte 0 without it. That
 * is safe: the holder of the lock writes only while the flag is clear, and then clear() changes
 * nothing. (Partners: its release, the acquires in is_set and observe, and the lock.)
 *
 * A set() that finds the flag set writes nothing. Taking the lock is a barrier, so what its caller
 * did before comes before that read (partner: the fence in clear).
 *
 * A waiter is in the queue of the word until set() or its deadline takes the waiter out. So the
 * waiter need not look at the word again. After set() has released the lock, set() touches nothing:
 * the event may be gone.
 */
#include "platform/kernel/wait.h"

enum { SET = 1, WAITERS = 0x100, EPOCH_ONE = 0x200 };

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "byte 0 holds the lowest bits");

static inline uint32_t read(const weft_word *word) {
    return atomic_load_explicit(word, memory_order_relaxed);
}

static inline void write(weft_word *word, uint32_t value) {
    atomic_store_explicit(word, value, memory_order_release);
}

bool weft_event_is_set(const weft_event *event) {
    return atomic_load_explicit(&event->state, memory_order_acquire) & SET;
}

void weft_event_set(weft_event *event) {
    uint32_t masked = weft_kernel_lock();
    uint32_t state = read(&event->state);
    if (state & WAITERS) { /* so the flag is clear */
        write(&event->state, state + (EPOCH_ONE + SET - WAITERS));
        weft_wait_wake_all_locked(&event->state);
    } else if (!(state & SET)) {
        write(&event->state, state + (EPOCH_ONE + SET));
    }
    weft_kernel_unlock(masked);
}

void weft_event_clear(weft_event *event) {
    atomic_store_explicit((_Atomic(uint8_t) *)&event->state, 0, memory_order_release);
    /* The caller's next reads are not older than this write. Otherwise the caller could miss a
     * set() that finds the flag still set, and so writes nothing. */
    atomic_thread_fence(memory_order_seq_cst);
}

uint32_t weft_event_observe(const weft_event *event) {
    uint32_t state = atomic_load_explicit(&event->state, memory_order_acquire);
    /* If the flag is set, the epoch before: no waiter can meet that. */
    return (state & ~(uint32_t)(SET | WAITERS)) - (state & SET ? EPOCH_ONE : 0);
}

static inline bool was_set(const weft_event *event, uint32_t observation) {
    uint32_t state = read(&event->state);
    return (state & ~(uint32_t)WAITERS) != observation;
}

/* The wait of a caller that may not block. */
__attribute__((cold)) static weft_status spin(const weft_event *event, uint32_t observation,
                                              int64_t deadline_ns) {
    weft_status status = WEFT_OK;
    while (!was_set(event, observation) && status == WEFT_OK) {
        status = weft_wait_without_blocking(deadline_ns);
    }
    atomic_thread_fence(memory_order_acquire);
    return status;
}

weft_status weft_event_resume_until(weft_event *event, uint32_t observation, int64_t deadline_ns) {
    if (__builtin_expect(!weft_wait_lock(), false)) {
        return spin(event, observation, deadline_ns);
    }
    if (was_set(event, observation)) {
        weft_kernel_unlock(WEFT_ARCH_IRQ_ENABLED);
        return WEFT_OK;
    }
    write(&event->state, observation | WAITERS);
    return weft_wait_locked(&event->state, deadline_ns);
}

/* weft_event_resume_until with an observation of now. */
weft_status weft_event_wait_until(weft_event *event, int64_t deadline_ns) {
    if (__builtin_expect(!weft_wait_lock(), false)) {
        return spin(event, weft_event_observe(event), deadline_ns);
    }
    uint32_t state = read(&event->state);
    if (__builtin_expect(state & SET, false)) {
        weft_kernel_unlock(WEFT_ARCH_IRQ_ENABLED);
        return WEFT_OK;
    }
    write(&event->state, state | WAITERS);
    return weft_wait_locked(&event->state, deadline_ns);
}

uint32_t weft_event_waiting(const weft_event *event) {
    uint32_t masked = weft_kernel_lock();
    uint32_t count = weft_wait_count_locked(&event->state);
    weft_kernel_unlock(masked);
    return count;
}
