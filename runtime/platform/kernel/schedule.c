/* Which thread runs on which core.
 *
 * Ready threads stand in one queue, in the order in which they became ready. A core takes the first
 * one that may run on it. So each thread runs after those that were ready before it, and nobody
 * starves.
 *
 * An idle core is told of a ready thread at once. If no core idles, the tick runs: a thread that
 * runs at two ticks in a row gives its core away. The tick stops when nobody is ready.
 */
#include "platform/kernel/schedule.h"

#define schedule weft_kernel_scheduled

weft_kernel_core weft_kernel_cores[WEFT_CHIP_CORES]; /* guarded by the kernel's lock, as all here */
weft_kernel_counters weft_kernel_counted;

weft_kernel_schedule weft_kernel_scheduled;

void weft_schedule_init(void) {
    weft_list_init(&schedule.ready);
    schedule.tick_due = WEFT_FOREVER;
    schedule.open = WEFT_SCHEDULE_NO_TICK;
}

void weft_schedule_adopt(weft_kernel_thread *thread, weft_kernel_thread *idle) {
    uint32_t state = weft_kernel_lock();
    unsigned core = weft_chip_core();
    weft_kernel_set_on_core(thread, true);
    weft_kernel_cores[core].current = thread;
    weft_kernel_cores[core].idle = idle;
    weft_kernel_cores[core].takes = schedule.stopper == NULL ? weft_kernel_bit(core) : 0;
    if (thread == idle) {
        schedule.open |= weft_kernel_bit(core);
    }
    weft_kernel_unlock(state);
}

static bool idles(unsigned core) {
    return weft_kernel_cores[core].current == weft_kernel_cores[core].idle;
}

static void request_switch_locked(unsigned core) {
    schedule.open &= (uint8_t)~weft_kernel_bit(core); /* the next ready thread needs another core */
    if (weft_kernel_cores[core].called) {
        return;
    }
    weft_kernel_cores[core].called = true;
    if (core == weft_chip_core()) {
        weft_arch_request_switch();
    } else {
        weft_chip_call(core);
    }
}

static unsigned lowest_bit(uint32_t bits) {
    unsigned core = 0;
    while (!(bits & weft_kernel_bit(core))) {
        core++;
    }
    return core;
}

static void start_tick_locked(void) {
    if (schedule.open & WEFT_SCHEDULE_NO_TICK) {
        schedule.open &= (uint8_t)~WEFT_SCHEDULE_NO_TICK;
        schedule.tick_due = weft_chip_now() + WEFT_KERNEL_TICK_NS;
        weft_wait_arm_locked();
    }
}

void weft_schedule_find_core_locked(const weft_kernel_thread *thread) {
    uint32_t idle = schedule.open & (uint32_t)~WEFT_SCHEDULE_NO_TICK;
    uint32_t possible = idle & thread->cores;
    if (possible != 0) {
        unsigned here = weft_chip_core();
        request_switch_locked(possible & weft_kernel_bit(here) ? here : lowest_bit(possible));
        return;
    }
    if (idle != 0) {
        /* The thread is pinned, and its core is busy or was called already. That core switches
         * once, but more than one thread may wait for it: so the tick starts too. */
        unsigned own = lowest_bit(thread->cores);
        if (weft_kernel_cores[own].current->cores & idle) {
            request_switch_locked(own);
        }
        if (idles(own)) {
            /* An idle core comes too, for the thread that the other core was called for. */
            idle &= (uint32_t)~weft_kernel_bit(weft_chip_core());
            if (idle != 0) {
                request_switch_locked(lowest_bit(idle));
            }
        }
    }
    start_tick_locked();
}

weft_kernel_thread *weft_schedule_continue_locked(weft_kernel_core *core,
                                                  weft_kernel_thread *thread) {
    bool may =
        schedule.stopper == NULL ? (thread->cores & core->takes) != 0 : thread == schedule.stopper;
    if (may && thread->state <= THREAD_RUNNING) {
        thread->state = THREAD_RUNNING;
        return thread;
    }
    schedule.open |= (uint8_t)weft_kernel_bit(weft_chip_core());
    return core->idle;
}

/* This core was called for a thread that another core has taken. The threads that are left may not
 * run here: each needs another core. */
static void find_cores_locked(void) {
    weft_kernel_link *link = schedule.ready.next;
    while (link != &schedule.ready && schedule.stopper == NULL) {
        weft_schedule_find_core_locked((weft_kernel_thread *)link);
        link = link->next;
    }
}

const weft_kernel_thread *weft_schedule_switch(void *stack_pointer, bool resume_only) {
    weft_chip_lock();
    unsigned here = weft_chip_core();
    weft_kernel_core *core = &weft_kernel_cores[here];
    weft_kernel_thread *thread = core->current;
    thread->stack_pointer = stack_pointer;
    if (resume_only && !core->called) {
        weft_chip_unlock();
        return thread;
    }
    core->called = false;
    weft_schedule_check_stack(thread, stack_pointer);
    thread->context = CONTEXT_INTERRUPTED;
#ifdef WEFT_ARCH_IDLE_RESTARTS
    if (thread->state == THREAD_IDLE) {
        thread->stack_pointer = (char *)thread->stack_low + thread->stack_bytes;
        thread->context = CONTEXT_IDLE;
    }
#endif
    weft_kernel_thread *next = weft_schedule_choose_locked(core, thread);
    if (next != thread) {
        if (thread->state == THREAD_IDLE) {
            schedule.open &= (uint8_t)~weft_kernel_bit(here);
        }
        weft_schedule_change_locked(core, thread, next, thread->state <= THREAD_RUNNING);
    } else if (thread->state == THREAD_IDLE) {
        find_cores_locked();
    }
    weft_chip_unlock();
    return next;
}

void weft_schedule_called_from_isr(void) {
    weft_arch_request_switch();
}

int64_t weft_schedule_tick_due_locked(void) {
    return schedule.tick_due;
}

void weft_schedule_tick_locked(int64_t now_ns) {
    if (schedule.tick_due > now_ns) {
        return;
    }
    weft_kernel_counted.ticks++;
    bool wanted = false;
    for (unsigned core = 0; core < WEFT_CHIP_CORES; core++) {
        if (weft_schedule_first_ready(weft_kernel_bit(core)) != NULL) {
            wanted = true;
            if (weft_kernel_cores[core].current == schedule.ticked[core]) {
                request_switch_locked(core);
            }
        }
        schedule.ticked[core] = weft_kernel_cores[core].current;
    }
    schedule.open |= wanted ? 0 : WEFT_SCHEDULE_NO_TICK;
    schedule.tick_due = wanted ? now_ns + WEFT_KERNEL_TICK_NS : WEFT_FOREVER;
}

bool weft_kernel_may_wait(void) {
    return weft_arch_may_block() && weft_kernel_self() != NULL;
}

void weft_kernel_yield(void) {
    weft_kernel_lock_irq();
    weft_schedule_leave_locked(weft_kernel_current_locked(), true);
}

/* Not inline: for callers that leave seldom. */
__attribute__((noinline)) static void leave_locked(weft_kernel_thread *thread) {
    weft_schedule_leave_locked(thread, thread->state == THREAD_RUNNING);
}

void weft_schedule_end_locked(weft_kernel_thread *thread) {
    thread->state = THREAD_ENDED;
    leave_locked(thread);
}

int weft_kernel_pin(int core) {
    uint32_t state = weft_kernel_lock();
    weft_kernel_thread *self = weft_kernel_current_locked();
    uint32_t before = self->cores;
    self->cores = core == WEFT_KERNEL_ANY_CORE
                      ? WEFT_KERNEL_ALL_CORES
                      : (uint8_t)(weft_kernel_bit((unsigned)core) | WEFT_SCHEDULE_NO_TICK);
    if (self->cores & weft_kernel_bit(weft_chip_core())) {
        weft_kernel_unlock(state);
    } else {
        leave_locked(self); /* and here it moves */
    }
    return before == WEFT_KERNEL_ALL_CORES ? WEFT_KERNEL_ANY_CORE : (int)lowest_bit(before);
}

void weft_kernel_stop_others(void) {
    weft_kernel_thread *self = weft_kernel_self();
    uint32_t state = weft_kernel_lock();
    while (schedule.stopper != NULL && schedule.stopper != self) {
        weft_kernel_unlock(state);
        weft_kernel_yield();
        state = weft_kernel_lock();
    }
    schedule.stopper = self;
    schedule.stops++;
    unsigned here = weft_chip_core(); /* the thread stays on it from here */
    for (unsigned core = 0; core < WEFT_CHIP_CORES; core++) {
        weft_kernel_cores[core].takes = 0;
        if (core != here && !idles(core)) {
            request_switch_locked(core);
        }
    }
    weft_kernel_unlock(state);
    for (unsigned core = 0; core < WEFT_CHIP_CORES; core++) {
        bool waits = core != here;
        while (waits) {
            state = weft_kernel_lock();
            waits = !idles(core);
            weft_kernel_unlock(state);
        }
    }
}

void weft_kernel_resume_others(void) {
    uint32_t state = weft_kernel_lock();
    if (--schedule.stops == 0) {
        schedule.stopper = NULL;
        for (unsigned core = 0; core < WEFT_CHIP_CORES; core++) {
            weft_kernel_cores[core].takes = weft_kernel_bit(core);
            if (weft_schedule_first_ready(weft_kernel_bit(core)) != NULL && idles(core)) {
                request_switch_locked(core);
            }
        }
        if (!weft_list_is_empty(&schedule.ready)) {
            start_tick_locked();
        }
    }
    weft_kernel_unlock(state);
}

void weft_kernel_park_cores(void) {
    weft_kernel_stop_others();
    weft_chip_park_others();
}

void weft_kernel_unpark_cores(void) {
    weft_chip_unpark_others();
    weft_kernel_resume_others();
}

void weft_kernel_park_from_isr(void) {
    weft_chip_park_others();
}

void weft_kernel_unpark_from_isr(void) {
    weft_chip_unpark_others();
}
