/* Which thread runs on which core.
 *
 * Ready threads stand in one queue for any core and one for each core that threads are pinned to.
 * Within a queue, and between the two that a core takes from, the one that became ready first runs
 * first: its ticket is the lowest. So a thread runs at the latest after all that were ready before
 * it have had their turn, and nobody starves.
 *
 * A core is told of a ready thread at once if it idles. If none does, the tick runs: a thread that
 * was running at one tick and has run without a break at the next gives its core away. The tick
 * stops when nobody is ready.
 */
#include "platform/kernel/kernel.h"

enum { ANY = WEFT_CHIP_CORES };

weft_kernel_thread *weft_kernel_current[WEFT_CHIP_CORES]; /* guarded by the kernel's lock */
weft_kernel_counters weft_kernel_counted;

/* All guarded by the kernel's lock. */
static weft_list ready[WEFT_CHIP_CORES + 1];
static weft_kernel_thread *idle[WEFT_CHIP_CORES];
static uint32_t next_ticket;
static bool called[WEFT_CHIP_CORES]; /* its switch is on its way */
static weft_kernel_thread *stopper;  /* the only one that may run, if not NULL */
static uint32_t stops;               /* how often it has stopped the others */
static int64_t tick_due = WEFT_FOREVER;
static uint32_t ticked_at[WEFT_CHIP_CORES]; /* the core's switches at the last tick */

void weft_schedule_init(void) {
    for (int i = 0; i <= ANY; i++) {
        weft_list_init(&ready[i]);
    }
}

void weft_schedule_adopt(weft_kernel_thread *thread, bool idles) {
    uint32_t state = weft_kernel_lock();
    unsigned core = weft_chip_core();
    thread->state = THREAD_RUNNING;
    thread->on_core = true;
    weft_kernel_current[core] = thread;
    if (idles) {
        idle[core] = thread;
    }
    weft_kernel_unlock(state);
}

/* For the start of core 0, whose first thread is no idle one. */
void weft_schedule_set_idle(unsigned core, weft_kernel_thread *thread) {
    thread->state = THREAD_READY;
    idle[core] = thread;
}

static bool idles(unsigned core) {
    return weft_kernel_current[core] == idle[core];
}

static void request_switch_locked(unsigned core) {
    if (core == weft_chip_core()) {
        weft_arch_request_switch();
    } else if (!called[core]) {
        called[core] = true;
        weft_chip_call(core);
    }
}

static void start_tick_locked(void) {
    if (tick_due == WEFT_FOREVER) {
        tick_due = weft_chip_now() + WEFT_KERNEL_TICK_NS;
        weft_wait_arm_locked();
    }
}

/* An idle core that nobody has called yet, this one before others; ANY if there is none. */
static unsigned free_core(void) {
    unsigned here = weft_chip_core();
    if (idles(here)) {
        return here;
    }
    for (unsigned core = 0; core < WEFT_CHIP_CORES; core++) {
        if (core != here && idles(core) && !called[core]) {
            return core;
        }
    }
    return ANY;
}

/* Finds a core for a thread that is in a ready queue. */
static void place_locked(const weft_kernel_thread *thread) {
    unsigned core = free_core();
    if (thread->pinned != WEFT_KERNEL_ANY_CORE && core != (unsigned)thread->pinned) {
        unsigned own = (unsigned)thread->pinned;
        /* Whoever runs there makes room if it can go on elsewhere. */
        bool makes_room = core != ANY && weft_kernel_current[own]->pinned == WEFT_KERNEL_ANY_CORE;
        core = idles(own) || makes_room ? own : ANY;
    }
    if (core != ANY) {
        request_switch_locked(core);
    } else {
        start_tick_locked();
    }
}

static void enqueue_locked(weft_kernel_thread *thread) {
    int queue = thread->pinned == WEFT_KERNEL_ANY_CORE ? ANY : thread->pinned;
    thread->ticket = next_ticket++;
    weft_list_insert(&ready[queue], &thread->queue);
}

void weft_schedule_ready_locked(weft_kernel_thread *thread) {
    thread->state = THREAD_READY;
    if (!thread->on_core) {
        enqueue_locked(thread);
        place_locked(thread);
    }
}

static weft_kernel_thread *first_of(const weft_list *queue) {
    return weft_list_is_empty(queue) ? NULL : WEFT_THREAD_OF(queue->next, queue);
}

/* The thread that is next on this core, still in its queue; NULL if none is ready. */
static weft_kernel_thread *next_locked(unsigned core) {
    weft_kernel_thread *pinned = first_of(&ready[core]);
    weft_kernel_thread *any = first_of(&ready[ANY]);
    if (pinned == NULL || any == NULL) {
        return pinned == NULL ? any : pinned;
    }
    return (int32_t)(pinned->ticket - any->ticket) < 0 ? pinned : any;
}

/* Puts a thread that could go on, but has to leave this core, back into a queue. */
static void give_way_locked(weft_kernel_thread *thread, unsigned core) {
    if (thread != idle[core]) {
        thread->state = THREAD_READY;
        enqueue_locked(thread);
        place_locked(thread);
    }
}

void *weft_schedule_switch(void *stack_pointer) {
    weft_chip_lock();
    unsigned core = weft_chip_core();
    weft_kernel_thread *thread = weft_kernel_current[core];
    called[core] = false;
    if (*(uint32_t *)thread->stack_low != WEFT_KERNEL_CANARY ||
        (char *)stack_pointer < (char *)thread->stack_low) {
        weft_kernel_stack_overflow(thread);
    }
    weft_kernel_thread *next = idle[core];
    if (stopper == NULL) {
        next = next_locked(core);
        if (next == NULL) {
            next = idle[core];
        }
    } else if (thread == stopper) {
        weft_chip_unlock();
        return stack_pointer;
    }
    bool stays = thread->state == THREAD_RUNNING && next == idle[core] && stopper == NULL &&
                 (thread->pinned == WEFT_KERNEL_ANY_CORE || (unsigned)thread->pinned == core);
    if (stays || thread == next) {
        weft_chip_unlock();
        return stack_pointer;
    }
    thread->stack_pointer = stack_pointer;
    thread->on_core = false;
    if (next != idle[core]) {
        weft_list_remove(&next->queue);
    }
    weft_kernel_current[core] = next;
    if (thread->state <= THREAD_RUNNING) {
        give_way_locked(thread, core);
    }
    next->state = THREAD_RUNNING;
    next->on_core = true;
    weft_kernel_counted.switches[core]++;
    weft_chip_unlock();
    return next->stack_pointer;
}

void weft_schedule_called_from_isr(void) {
    weft_arch_request_switch();
}

int64_t weft_schedule_tick_due_locked(void) {
    return tick_due;
}

int64_t weft_schedule_tick_locked(int64_t now_ns) {
    if (tick_due > now_ns) {
        return tick_due;
    }
    weft_kernel_counted.ticks++;
    bool wanted = false;
    for (unsigned core = 0; core < WEFT_CHIP_CORES; core++) {
        uint32_t switches = weft_kernel_counted.switches[core];
        if (next_locked(core) != NULL) {
            wanted = true;
            if (switches == ticked_at[core]) {
                request_switch_locked(core);
            }
        }
        ticked_at[core] = switches;
    }
    tick_due = wanted ? now_ns + WEFT_KERNEL_TICK_NS : WEFT_FOREVER;
    return tick_due;
}

bool weft_kernel_may_wait(void) {
    return weft_arch_may_block() && weft_kernel_self() != NULL;
}

void weft_kernel_yield(void) {
    if (weft_arch_may_block()) {
        weft_arch_request_switch();
    }
}

int weft_kernel_pin(int core) {
    weft_kernel_thread *self = weft_kernel_self();
    int before = self->pinned;
    uint32_t state = weft_kernel_lock();
    self->pinned = (int8_t)core;
    bool here = core == WEFT_KERNEL_ANY_CORE || weft_chip_core() == (unsigned)core;
    if (!here) {
        weft_arch_request_switch();
    }
    weft_kernel_unlock(state); /* and here it moves */
    return before;
}

void weft_kernel_stop_others(void) {
    weft_kernel_thread *self = weft_kernel_self();
    uint32_t state = weft_kernel_lock();
    while (stopper != NULL && stopper != self) {
        weft_kernel_unlock(state);
        weft_kernel_yield();
        state = weft_kernel_lock();
    }
    stopper = self;
    stops++;
    unsigned here = weft_chip_core(); /* from now on it stays */
    for (unsigned core = 0; core < WEFT_CHIP_CORES; core++) {
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
    if (--stops == 0) {
        stopper = NULL;
        for (unsigned core = 0; core < WEFT_CHIP_CORES; core++) {
            if (next_locked(core) != NULL && idles(core)) {
                request_switch_locked(core);
            }
        }
        if (next_locked(weft_chip_core()) != NULL) {
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
