/* The inline part of waiting: every wait and every wake goes through it. */
#ifndef WEFT_KERNEL_WAIT_H
#define WEFT_KERNEL_WAIT_H

#include "platform/kernel/schedule.h"

enum { WEFT_WAIT_QUEUES = 16 }; /* a power of two */

extern weft_list weft_wait_queues[WEFT_WAIT_QUEUES]; /* guarded by the kernel's lock */

static inline weft_list *weft_wait_queue_of(const weft_word *word) {
    return &weft_wait_queues[(uintptr_t)word / 8 % WEFT_WAIT_QUEUES];
}

/* Compares the upper half only: a deadline in the last four seconds of time is as good as never. */
static inline bool weft_wait_is_timed(int64_t deadline_ns) {
    return (int32_t)(deadline_ns >> 32) != INT32_MAX;
}

enum { WEFT_WAITS = -1 }; /* not a weft_status: the wait begins */

/* Begins a wait that has a deadline, or that is interrupted. Returns WEFT_WAITS; or the result of
 * the wait, with the lock released. */
int weft_wait_begin_locked(weft_kernel_thread *self, int64_t deadline_ns);

/* Takes the kernel's lock if the caller may block: a thread, with interrupts enabled. */
static inline bool weft_wait_lock(void) {
    uint32_t state = weft_arch_irq_save();
    if ((state | weft_arch_interrupt()) != 0) {
        weft_arch_irq_restore(state);
        return false;
    }
    weft_chip_lock();
    return true;
}

/* For a caller that may not block, and did not get what it waits for. WEFT_TIMEDOUT for a try, or
 * once the deadline has come. WEFT_OK: try again, because with interrupts disabled a wait spins. In
 * an interrupt only a try is legal: any other wait could not end, and stops the program with a
 * message. */
weft_status weft_wait_without_blocking(int64_t deadline_ns);

/* Releases the lock, which weft_wait_lock has taken, and waits on the word. */
static inline __attribute__((always_inline)) weft_status weft_wait_locked(weft_word *word,
                                                                          int64_t deadline_ns) {
    weft_kernel_thread *self = weft_kernel_current_locked();
    if (__builtin_expect(weft_wait_is_timed(deadline_ns) || self->interrupted, false)) {
        int result = weft_wait_begin_locked(self, deadline_ns);
        if (result != WEFT_WAITS) {
            return (weft_status)result;
        }
    }
    self->state = THREAD_WAITING;
    self->word = word;
    weft_list_insert(weft_wait_queue_of(word), &self->queue);
    self = weft_schedule_leave_locked(self, false); /* and here it waits */
    return (weft_status)self->result;
}

/* Takes a waiting thread out of every list of waits. */
static inline void weft_wait_remove_locked(weft_kernel_thread *thread) {
    weft_list_remove(&thread->queue);
    if (thread->timed) {
        thread->timed = false;
        weft_list_remove(&thread->timer);
    }
}

/* Ends a thread's wait with this result. */
static inline void weft_wait_end_locked(weft_kernel_thread *thread, weft_status result) {
    weft_wait_remove_locked(thread);
    thread->result = (uint8_t)result;
    weft_schedule_ready_locked(thread);
}

/* Wakes all waiters of the word, the first first. */
static inline void weft_wait_wake_all_locked(const weft_word *word) {
    weft_list *queue = weft_wait_queue_of(word);
    weft_kernel_link *link = queue->next;
    while (link != queue) {
        weft_kernel_thread *thread = WEFT_THREAD_OF(link, queue);
        link = link->next;
        if (thread->word == word) {
            weft_wait_end_locked(thread, WEFT_OK);
        }
    }
}

/* How many threads wait on the word. */
uint32_t weft_wait_count_locked(const weft_word *word);

#endif
