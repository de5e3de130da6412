/* Waiting, as far as every wait and every wake goes through it: in line. */
#ifndef WEFT_KERNEL_WAIT_H
#define WEFT_KERNEL_WAIT_H

#include "platform/kernel/schedule.h"

enum { WEFT_WAIT_QUEUES = 16 }; /* a power of two */

extern weft_list weft_wait_queues[WEFT_WAIT_QUEUES]; /* guarded by the kernel's lock */

static inline weft_list *weft_wait_queue_of(const weft_word *word) {
    return &weft_wait_queues[(uintptr_t)word / 8 % WEFT_WAIT_QUEUES];
}

/* Looks at the upper half only: what lies in the last four seconds of time is as good as never. */
static inline bool weft_wait_is_timed(int64_t deadline_ns) {
    return (int32_t)(deadline_ns >> 32) != INT32_MAX;
}

enum { WEFT_WAITS = -1 }; /* no status: the wait begins */

/* Begins a wait that has a deadline, or that is interrupted: WEFT_WAITS, or the result of the wait,
 * and then the lock is released. */
int weft_wait_begin_locked(weft_kernel_thread *self, int64_t deadline_ns);

/* As weft_kernel_lock, if the caller may block: a thread, with interrupts not masked. */
static inline bool weft_wait_lock(void) {
    uint32_t state = weft_arch_mask();
    if ((state | weft_arch_interrupt()) != 0) {
        weft_arch_unmask(state);
        return false;
    }
    weft_chip_lock();
    return true;
}

/* What a wait comes to that has not been granted, if the caller may not block: WEFT_TIMEDOUT for a
 * try, or once the deadline has come. WEFT_OK: look again, since with interrupts masked a wait is a
 * spin. In an interrupt a wait that is no try could not end: the program stops with a message. */
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
static inline void weft_wait_forget_locked(weft_kernel_thread *thread) {
    weft_list_remove(&thread->queue);
    if (thread->timed) {
        thread->timed = false;
        weft_list_remove(&thread->timer);
    }
}

/* Takes a thread out of its wait, whose result that becomes. */
static inline void weft_wait_end_locked(weft_kernel_thread *thread, weft_status result) {
    weft_wait_forget_locked(thread);
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
