/* What must hold whenever the kernel's lock is free: that which kernel.h and schedule.c promise.
 *
 * The structure is looked at as a whole: every thread in just the lists that its state says, every
 * core with a thread of its own, nobody ready whom no core will come to, no deadline that no alarm
 * will come for. Besides, each thread is compared with what it was before (its `past`): so it is
 * seen who was woken out of turn, who waits too long, and who runs although the world is stopped.
 */
#include "platform/kernel/chip/sim/inside.h"
#include "platform/kernel/inspect.h"

enum { PASTS = 64, MOST_COMPARED = PASTS / 2, MOST_THREADS = 5000 };

typedef struct {
    const weft_kernel_thread *thread;
    int state;
    bool on_core;
    uint64_t wait_ticket;  /* orders who began to wait before whom */
    uint64_t ready_ticket; /* and who became ready */
    const weft_word *word;
    int64_t deadline_ns;
    int64_t ready_ns; /* since when it is ready */
    int64_t runs_ns;  /* since when it runs */
    uint64_t seen;    /* the look at which it was last there */
} past;

static past pasts[PASTS];
static uint64_t look = 2;
static uint64_t tickets;
static const weft_kernel_thread *stopper; /* at the last look */
static bool was_idle[CORES];

typedef struct {
    unsigned ready, waiting, timed, all; /* lengths of lists */
} lengths;

#define EXPECT(thread_, condition_, what_)                                                         \
    SIM_EXPECT(condition_, "thread %s: %s", (thread_)->name != NULL ? (thread_)->name : "?", what_)

/* Whether the core will look into the ready queue by itself. */
static bool will_switch(unsigned core) {
    const sim_core *at = &sim.cores[core];
    bool called = weft_kernel_cores[core].called && (at->called || at->in_isr > 0);
    return at->wants_switch || at->in_switch || called;
}

static bool ticks(void) {
    return (weft_kernel_scheduled.open & WEFT_SCHEDULE_NO_TICK) == 0;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static unsigned length_of(const weft_list *list, const char *name) {
    unsigned count = 0;
    for (const weft_kernel_link *link = list->next; link != list; link = link->next) {
        SIM_EXPECT(link->next->previous == link && link->previous->next == link, "%s is not whole",
                   name);
        SIM_EXPECT(++count < MOST_THREADS, "%s has no end", name);
    }
    return count;
}

static void check_ready(lengths *found) {
    const weft_list *list = &weft_kernel_scheduled.ready;
    found->ready = length_of(list, "the ready queue");
    for (const weft_kernel_link *link = list->next; link != list; link = link->next) {
        const weft_kernel_thread *thread = WEFT_THREAD_OF(link, queue);
        EXPECT(thread, thread->state == THREAD_READY, "in the ready queue, and not READY");
        EXPECT(thread, !thread->on_core, "in the ready queue, and on a core");
    }
}

static void check_waiting(lengths *found) {
    weft_wait_lists lists = weft_wait_inspect();
    for (unsigned i = 0; i < lists.queue_count; i++) {
        const weft_list *queue = &lists.queues[i];
        found->waiting += length_of(queue, "a queue of waiters");
        for (const weft_kernel_link *link = queue->next; link != queue; link = link->next) {
            const weft_kernel_thread *thread = WEFT_THREAD_OF(link, queue);
            EXPECT(thread, thread->state == THREAD_WAITING, "in a queue of waiters, not WAITING");
            EXPECT(thread, weft_wait_queue_of(thread->word) == queue, "in another word's queue");
        }
    }
}

static void check_deadlines(lengths *found) {
    const weft_list *list = weft_wait_inspect().deadlines;
    found->timed = length_of(list, "the list of deadlines");
    int64_t before = INT64_MIN;
    for (const weft_kernel_link *link = list->next; link != list; link = link->next) {
        const weft_kernel_thread *thread = WEFT_THREAD_OF(link, timer);
        EXPECT(thread, thread->state == THREAD_WAITING && thread->timed,
               "in the list of deadlines, without a wait that has one");
        EXPECT(thread, thread->deadline >= before, "its deadline is out of order");
        before = thread->deadline;
    }
}

static void check_all(lengths *found) {
    unsigned ready = 0, waiting = 0, timed = 0, on_cores = 0, busy = 0;
    found->all = length_of(&weft_kernel_all, "the list of all threads");
    for (const weft_kernel_thread *at = NULL; (at = sim_next_thread(at)) != NULL;) {
        EXPECT(at, at->state <= THREAD_WAITING, "in the list of all threads, and ENDED");
        EXPECT(at, at->state != THREAD_RUNNING || at->on_core, "RUNNING on no core");
        ready += at->state == THREAD_READY && !at->on_core;
        waiting += at->state == THREAD_WAITING;
        timed += at->timed;
        on_cores += at->on_core;
    }
    for (unsigned core = 0; core < CORES; core++) {
        const weft_kernel_core *at = &weft_kernel_cores[core];
        busy +=
            at->current != NULL && at->current != at->idle && at->current->state != THREAD_ENDED;
    }
    SIM_EXPECT(ready == found->ready, "%u are READY, %u in the queue", ready, found->ready);
    SIM_EXPECT(waiting == found->waiting, "%u are WAITING, %u in queues", waiting, found->waiting);
    SIM_EXPECT(timed == found->timed, "%u have deadlines, %u in the list", timed, found->timed);
    SIM_EXPECT(on_cores == busy, "%u threads are on a core, %u cores have one", on_cores, busy);
}

/* ---- Cores ----------------------------------------------------------------------------------- */

/* The low end of the stack that the core must be on, outside interrupts. */
static const void *stack_of(unsigned core) {
    const weft_kernel_thread *current = weft_kernel_cores[core].current;
    bool started_there = core > 0 && current->state == THREAD_IDLE;
    return started_there ? sim.cores[core].start_stack.low : current->stack_low;
}

static void check_core(unsigned core) {
    const weft_kernel_core *kernel = &weft_kernel_cores[core];
    const sim_core *at = &sim.cores[core];
    const weft_kernel_thread *current = kernel->current;
    bool idles = current == kernel->idle;
    bool open = weft_kernel_scheduled.open & weft_kernel_bit(core);
    SIM_EXPECT(current->on_core, "core %u has a thread that is not on_core", core);
    for (unsigned other = 0; other < core; other++) {
        SIM_EXPECT(current != weft_kernel_cores[other].current, "cores %u and %u run one thread",
                   core, other);
    }
    if (!idles && current->state != THREAD_RUNNING) {
        EXPECT(current, will_switch(core), "can't go on, and its core does not switch");
    }
    SIM_EXPECT(!kernel->called || at->called || at->in_isr > 0 || will_switch(core),
               "core %u counts as called, and no call is on its way", core);
    SIM_EXPECT(!open || idles, "core %u counts as idle, and is not", core);
    SIM_EXPECT(open || !idles || will_switch(core), "core %u idles, and nobody knows", core);
    if (at->in_isr == 0) {
        const weft_sim_stack *stack =
            core == sim.core ? &weft_sim_running_on : &at->suspended->stack;
        SIM_EXPECT(stack->low == stack_of(core), "core %u is on a stack that is not its thread's",
                   core);
    }
}

/* How many of the ready threads may run on one of these cores. */
static unsigned ready_for(uint32_t cores) {
    const weft_list *list = &weft_kernel_scheduled.ready;
    unsigned count = 0;
    for (const weft_kernel_link *link = list->next; link != list; link = link->next) {
        count += (WEFT_THREAD_OF(link, queue)->cores & cores) != 0;
    }
    return count;
}

/* Somebody will come for each thread that is ready, and at once as far as cores idle. */
static void check_places(void) {
    uint32_t coming = 0, idle = 0;
    for (unsigned core = 0; core < CORES; core++) {
        const weft_kernel_core *at = &weft_kernel_cores[core];
        coming |= will_switch(core) ? weft_kernel_bit(core) : 0;
        idle |= at->current == at->idle ? weft_kernel_bit(core) : 0;
    }
    unsigned ready = ready_for(idle & ~coming);
    SIM_EXPECT(ready <= (unsigned)__builtin_popcount(coming),
               "%u threads are ready that could run on idle cores %#x, and only cores %#x switch",
               ready, idle & ~coming, coming);
    const weft_list *list = &weft_kernel_scheduled.ready;
    for (const weft_kernel_link *link = list->next; link != list; link = link->next) {
        const weft_kernel_thread *thread = WEFT_THREAD_OF(link, queue);
        /* An idle core that comes in vain finds another one for those who are left. */
        EXPECT(thread, ticks() || (thread->cores & coming) != 0 || (idle & coming) != 0,
               "ready, and no tick and no switch is to come");
    }
}

static void check_alarm(void) {
    const weft_list *deadlines = weft_wait_inspect().deadlines;
    int64_t due = weft_kernel_scheduled.tick_due;
    SIM_EXPECT(ticks() == (due != WEFT_FOREVER), "whether there is a tick is told in two ways");
    if (!weft_list_is_empty(deadlines)) {
        const weft_kernel_thread *first = WEFT_THREAD_OF(deadlines->next, timer);
        EXPECT(first, sim_now() - first->deadline <= 1000000 + 2 * weft_sim_slack_ns(),
               "waits for long after its deadline");
        due = first->deadline < due ? first->deadline : due;
    }
    SIM_EXPECT(sim.alarm || sim.in_alarm || sim.alarm_ns <= due,
               "the alarm comes at %" PRId64 " ns, %" PRId64 " ns too late", sim.alarm_ns,
               sim.alarm_ns - due);
}

/* Once stopped, the others stay so. */
static void check_stopped(void) {
    bool same = weft_kernel_scheduled.stopper == stopper;
    stopper = weft_kernel_scheduled.stopper;
    for (unsigned core = 0; core < CORES; core++) {
        const weft_kernel_core *at = &weft_kernel_cores[core];
        bool idles = at->current == at->idle;
        SIM_EXPECT(!same || stopper == NULL || idles || !was_idle[core],
                   "core %u runs a thread while the world is stopped", core);
        was_idle[core] = idles;
    }
}

/* ---- Threads, compared with what they were ----------------------------------------------------
 */

static past *past_of(const weft_kernel_thread *thread) {
    past *free_one = NULL;
    size_t home = (uintptr_t)thread / sizeof *thread;
    for (size_t i = 0; i < PASTS; i++) { /* known ones lie near their home */
        past *at = &pasts[(home + i) % PASTS];
        bool old = at->seen + 1 < look;
        if (at->thread == thread && !old) {
            return at;
        }
        if (old && free_one == NULL) {
            free_one = at;
        }
    }
    *free_one = (past){.thread = thread, .state = THREAD_ENDED, .seen = look - 1};
    return free_one;
}

/* Nobody who waits for the same has begun before. */
static void check_turn(const past *woken) {
    for (const past *at = pasts; at < pasts + PASTS; at++) {
        if (at->seen == look && at->thread->state == THREAD_WAITING &&
            at->state == THREAD_WAITING && at->word == woken->word) {
            EXPECT(woken->thread, at->wait_ticket > woken->wait_ticket,
                   "woken before one that came earlier");
        }
    }
}

static void check_end_of_wait(const past *before) {
    const weft_kernel_thread *thread = before->thread;
    switch (thread->result) {
    case WEFT_OK:
        check_turn(before);
        break;
    case WEFT_TIMEDOUT:
        EXPECT(thread, sim_now() >= before->deadline_ns, "timed out too early");
        break;
    case WEFT_INTERRUPTED:
        EXPECT(thread, !thread->holds_interrupts, "interrupted while it holds interrupts");
        break;
    default:
        EXPECT(thread, false, "its wait has an unknown result");
    }
}

/* It runs from now on: nobody was ready before it who could run there. */
static void check_dispatch(const past *before, unsigned core) {
    for (const past *at = pasts; at < pasts + PASTS; at++) {
        if (at->seen == look && at->thread->state == THREAD_READY && !at->thread->on_core &&
            at->state == THREAD_READY && !at->on_core &&
            (at->thread->cores & weft_kernel_bit(core))) {
            EXPECT(before->thread, at->ready_ticket > before->ready_ticket,
                   "runs before one that was ready");
        }
    }
}

static unsigned core_of(const weft_kernel_thread *thread) {
    unsigned core = 0;
    while (core + 1 < CORES && weft_kernel_cores[core].current != thread) {
        core++;
    }
    return core;
}

/* Whoever runs while this one is ready gives the core away at the second tick from then on. */
static void check_patience(const past *waits) {
    const int64_t most_ns = 2 * WEFT_KERNEL_TICK_NS + 2 * weft_sim_slack_ns();
    for (const past *at = pasts; at < pasts + PASTS; at++) {
        if (at->seen != look || at->thread->state != THREAD_RUNNING ||
            !(waits->thread->cores & weft_kernel_bit(core_of(at->thread))) ||
            will_switch(core_of(at->thread))) {
            continue;
        }
        int64_t since_ns = at->runs_ns > waits->ready_ns ? at->runs_ns : waits->ready_ns;
        EXPECT(waits->thread, sim_now() - since_ns <= most_ns,
               "is ready, and another runs for more than two ticks");
    }
}

static void note_change(const weft_kernel_thread *thread) {
    static const char *states[] = {"is ready", "runs", "waits", "has ended"};
    static const char *results[] = {"woken", "timed out", "interrupted"};
    const char *name = thread->name != NULL ? thread->name : "?";
    if (thread->state == THREAD_WAITING) {
        weft_sim_note("%s waits on %s", name, sim_name_of(thread->word));
    } else if (thread->state == THREAD_RUNNING) {
        weft_sim_note("%s runs on core %u", name, core_of(thread));
    } else {
        weft_sim_note("%s %s (%s)", name, states[thread->state], results[thread->result % 3]);
    }
}

static void compare(const weft_kernel_thread *thread) {
    past *before = past_of(thread);
    bool queued = thread->state == THREAD_READY && !thread->on_core;
    bool was_queued = before->state == THREAD_READY && !before->on_core;
    if (before->state == THREAD_WAITING && thread->state != THREAD_WAITING) {
        check_end_of_wait(before);
    }
    if (before->state != thread->state) {
        sim_hash((uint64_t)thread->state << 8 | before->state);
        if (sim.options.verbose) {
            note_change(thread);
        }
    }
    if (thread->state == THREAD_WAITING && before->state != THREAD_WAITING) {
        before->word = thread->word;
        before->deadline_ns = thread->timed ? thread->deadline : WEFT_FOREVER;
    }
    if (was_queued && thread->state == THREAD_RUNNING) {
        check_dispatch(before, core_of(thread));
    }
    if (before->state != THREAD_RUNNING || stopper != NULL) {
        before->runs_ns = sim_now();
    }
    if (!queued || !was_queued || stopper != NULL) {
        before->ready_ns = sim_now();
    } else {
        check_patience(before);
    }
    before->state = thread->state;
    before->on_core = thread->on_core;
}

/* Who comes into a queue later has the later ticket. */
static void give_tickets(void) {
    const weft_list *list = &weft_kernel_scheduled.ready;
    for (const weft_kernel_link *link = list->next; link != list; link = link->next) {
        past *at = past_of(WEFT_THREAD_OF(link, queue));
        if (at->state != THREAD_READY || at->on_core) {
            at->ready_ticket = ++tickets;
        }
    }
    weft_wait_lists lists = weft_wait_inspect();
    for (unsigned i = 0; i < lists.queue_count; i++) {
        list = &lists.queues[i];
        for (const weft_kernel_link *link = list->next; link != list; link = link->next) {
            past *at = past_of(WEFT_THREAD_OF(link, queue));
            if (at->state != THREAD_WAITING) {
                at->wait_ticket = ++tickets;
            }
        }
    }
}

static void compare_all(void) {
    look++;
    give_tickets();
    for (const weft_kernel_thread *at = NULL; (at = sim_next_thread(at)) != NULL;) {
        past_of(at)->seen = look;
    }
    for (const past *at = pasts; at < pasts + PASTS; at++) {
        if (at->seen == look - 1) {
            sim_forget_watches(at->thread); /* it has ended */
        }
    }
    for (const weft_kernel_thread *at = NULL; (at = sim_next_thread(at)) != NULL;) {
        compare(at);
    }
}

static void check_now(void) {
    static unsigned skipped;
    static unsigned threads;
    if (threads > MOST_COMPARED && ++skipped < threads) {
        return; /* a crowd: each look takes long, so there are fewer, and nothing to compare with */
    }
    skipped = 0;
    lengths found = {0};
    check_ready(&found);
    check_waiting(&found);
    check_deadlines(&found);
    check_all(&found);
    for (unsigned core = 0; core < CORES; core++) {
        if (weft_kernel_cores[core].current == NULL) {
            return; /* it has not started */
        }
        check_core(core);
    }
    if (weft_kernel_scheduled.stopper == NULL) {
        check_places();
    }
    check_alarm();
    bool exact = threads <= MOST_COMPARED && found.all <= MOST_COMPARED;
    threads = found.all;
    if (exact) {
        check_stopped();
        compare_all();
    } else {
        look += 2; /* what is remembered is too old */
        stopper = NULL;
    }
}

void sim_check(void) {
    sim.looking = true;
    check_now();
    sim.looking = false;
}

void sim_check_idle(void) {
    sim_check();
    SIM_EXPECT(weft_list_is_empty(&weft_kernel_scheduled.ready) ||
                   weft_kernel_scheduled.stopper != NULL,
               "all cores sleep, and somebody is ready");
    sim_check_waits();
}
