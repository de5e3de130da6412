/* The scheduler's inline part: every wake and every wait goes through it. */
#ifndef WEFT_KERNEL_SCHEDULE_H
#define WEFT_KERNEL_SCHEDULE_H

#include "platform/kernel/kernel.h"

typedef struct weft_kernel_schedule {
    weft_list ready;
    uint8_t open; /* a bit for each core that idles and was not called; and NO_TICK */
    weft_kernel_thread *stopper; /* the only one that may run, if not NULL */
    uint32_t stops;              /* how often it has stopped the others */
    int64_t tick_due;
    const weft_kernel_thread *ticked[WEFT_CHIP_CORES]; /* who ran there at the last tick */
} weft_kernel_schedule;

/* Every thread's `cores` has this bit too: one `and` tells whether there is anything to do. */
enum { WEFT_SCHEDULE_NO_TICK = 0x80 };

extern weft_kernel_schedule weft_kernel_scheduled; /* guarded by the kernel's lock */

static inline uint32_t weft_kernel_bit(unsigned core) {
    return 1u << core;
}

/* Finds a core for a thread that has come into the ready queue. It is an idle core; or the core
 * that the thread is pinned to, if the thread there can go to an idle core. If there is none, the
 * tick starts, and gives the thread its turn. */
void weft_schedule_find_core_locked(const weft_kernel_thread *thread);

/* Makes a thread ready that waited or is new. If it is still on its core, the switch will put it
 * into the queue. */
static inline void weft_schedule_ready_locked(weft_kernel_thread *thread) {
    thread->state = THREAD_READY;
    if (!weft_kernel_is_on_core(thread)) {
        weft_list_insert(&weft_kernel_scheduled.ready, &thread->queue);
        /* Nothing to do if it is pinned to this core, and so is this core's thread. */
        uint32_t open = weft_kernel_scheduled.open;
        if (open != 0 && (open & (thread->cores | weft_kernel_current_locked()->cores)) != 0) {
            weft_schedule_find_core_locked(thread);
        }
    }
}

/* The first thread in the ready queue that may run on these cores; NULL if there is none. It stays
 * in the queue. */
static inline weft_kernel_thread *weft_schedule_first_ready(uint32_t cores) {
    weft_kernel_link *link = weft_kernel_scheduled.ready.next;
    while (link != &weft_kernel_scheduled.ready) {
        weft_kernel_thread *thread = (weft_kernel_thread *)link;
        if (thread->cores & cores) {
            return thread;
        }
        link = link->next;
    }
    return NULL;
}

/* The core's next thread if no ready thread may run there: `thread`, which runs there, if it may
 * continue; else the idle thread. */
weft_kernel_thread *weft_schedule_continue_locked(weft_kernel_core *core,
                                                  weft_kernel_thread *thread);

/* The core's next thread. `thread` runs there now; the next one may be the same. */
static inline weft_kernel_thread *weft_schedule_choose_locked(weft_kernel_core *core,
                                                              weft_kernel_thread *thread) {
    weft_kernel_thread *next = weft_schedule_first_ready(core->takes);
    if (next == NULL) {
        return weft_schedule_continue_locked(core, thread);
    }
    if (next == thread) {
        __builtin_unreachable(); /* it runs, so it is in no queue */
    }
    weft_list_remove(&next->queue);
    next->state = THREAD_RUNNING;
    return next;
}

/* Makes `next` the core's thread. If `thread` could go on, it goes to the end of the ready queue.
 */
static inline void weft_schedule_change_locked(weft_kernel_core *core, weft_kernel_thread *thread,
                                               weft_kernel_thread *next, bool could_go_on) {
    core->current = next;
    weft_kernel_set_on_core(next, true);
    weft_kernel_set_on_core(thread, false);
    if (could_go_on) {
        thread->state = THREAD_READY;
        weft_list_insert(&weft_kernel_scheduled.ready, &thread->queue);
        if (weft_kernel_scheduled.open & thread->cores) {
            weft_schedule_find_core_locked(thread);
        }
    }
}

/* Stops with a message if a thread that leaves its core has overflowed its stack. Then the stack
 * pointer is below the stack (it may have jumped over the guard). Without a guard, the canary is
 * checked too. */
static inline void weft_schedule_check_stack(const weft_kernel_thread *thread,
                                             const void *stack_pointer) {
    bool overflowed = (const char *)stack_pointer < (const char *)thread->stack_low;
#ifndef WEFT_ARCH_GUARDS
    overflowed = overflowed || *(uint32_t *)thread->stack_low != WEFT_KERNEL_CANARY;
#endif
    if (__builtin_expect(overflowed, false)) {
        weft_kernel_stack_overflow(thread);
    }
}

/* Leaves the core: the calling thread is not RUNNING any more, or yields. Releases the lock, which
 * was taken with interrupts enabled. Returns `thread`, once it is resumed. */
static inline weft_kernel_thread *weft_schedule_leave_locked(weft_kernel_thread *thread,
                                                             bool could_go_on) {
#ifdef WEFT_ARCH_SWAPS
    if (weft_arch_swaps()) {
        weft_kernel_core *core = &weft_kernel_cores[weft_chip_core()];
#ifndef WEFT_ARCH_SWAP_CHECKS_STACK
        weft_schedule_check_stack(thread, weft_arch_stack_pointer());
        thread->context = CONTEXT_CALLED;
#endif
        weft_kernel_thread *next = weft_schedule_choose_locked(core, thread);
        if (next == thread) {
            weft_kernel_unlock(WEFT_ARCH_IRQ_ENABLED);
            return thread;
        }
        weft_schedule_change_locked(core, thread, next, could_go_on);
        return weft_arch_swap(thread, next);
    }
#endif
    (void)could_go_on;
    weft_arch_request_switch();
    weft_kernel_unlock(WEFT_ARCH_IRQ_ENABLED);
    weft_arch_await_switch();
    return thread;
}

#endif
