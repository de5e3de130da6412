/* Making a thread ready: the part of the scheduler that every wake goes through, in line. */
#ifndef WEFT_KERNEL_SCHEDULE_H
#define WEFT_KERNEL_SCHEDULE_H

#include "platform/kernel/kernel.h"

typedef struct weft_kernel_schedule {
    weft_list ready;
    uint8_t open; /* a bit for each core that idles and has not been called; NO_TICK without one */
    weft_kernel_thread *stopper; /* the only one that may run, if not NULL */
    uint32_t stops;              /* how often it has stopped the others */
    int64_t tick_due;
    uint32_t ticked_at[WEFT_CHIP_CORES]; /* the core's switches at the last tick */
} weft_kernel_schedule;

enum { WEFT_SCHEDULE_NO_TICK = 0x80 };

extern weft_kernel_schedule weft_kernel_scheduled; /* guarded by the kernel's lock */

static inline uint32_t weft_kernel_bit(unsigned core) {
    return 1u << core;
}

/* Finds a core for a thread that has come into the ready queue: an idle one, or the one it is
 * pinned to if whoever runs there can go to an idle one. If there is none, the tick sees to it that
 * it has its turn. */
void weft_schedule_find_core_locked(const weft_kernel_thread *thread);

/* A thread that waited, or is new, may run. One that is still on its core is put into the queue by
 * the switch. */
static inline void weft_schedule_ready_locked(weft_kernel_thread *thread) {
    thread->state = THREAD_READY;
    if (!thread->on_core) {
        weft_list_insert(&weft_kernel_scheduled.ready, &thread->queue);
        /* Nothing is to be found for a thread that is pinned to this core, whose thread is too. */
        uint32_t open = weft_kernel_scheduled.open;
        if (open != 0 && (open & (WEFT_SCHEDULE_NO_TICK | thread->cores |
                                  weft_kernel_current_locked()->cores)) != 0) {
            weft_schedule_find_core_locked(thread);
        }
    }
}

#endif
