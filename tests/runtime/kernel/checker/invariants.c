/* What kernel.h and schedule.c promise, checked whenever the kernel's lock is free.
 *
 * Each thread is in the lists that its state says and in no other. Each core has a thread of its
 * own. A core will come for each ready thread, and the alarm for each deadline.
 */
#include "checks.h"
#include "platform/kernel/inspect.h"
#include "platform/kernel/wait.h"

enum { MOST_THREADS = 5000 };

typedef struct {
    unsigned ready, waiting, timed, all; /* lengths of lists */
} lengths;

bool checker_reads_kernel;

bool checker_will_switch(unsigned core) {
    const sim_core *at = &sim.cores[core];
    bool called = weft_kernel_cores[core].called && (at->call_pending || at->in_isr > 0);
    return at->switch_pending || at->in_switch || called;
}

static bool ticks(void) {
    return (weft_kernel_scheduled.open & WEFT_SCHEDULE_NO_TICK) == 0;
}

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
        SIM_EXPECT_OF(thread, thread->state == THREAD_READY, "in the ready queue, and not READY");
        SIM_EXPECT_OF(thread, !thread->on_core, "in the ready queue, and on a core");
    }
}

static void check_waiting(lengths *found) {
    weft_wait_lists lists = weft_wait_inspect();
    for (unsigned i = 0; i < lists.queue_count; i++) {
        const weft_list *queue = &lists.queues[i];
        found->waiting += length_of(queue, "a queue of waiters");
        for (const weft_kernel_link *link = queue->next; link != queue; link = link->next) {
            const weft_kernel_thread *thread = WEFT_THREAD_OF(link, queue);
            SIM_EXPECT_OF(thread, thread->state == THREAD_WAITING,
                          "in a queue of waiters, not WAITING");
            SIM_EXPECT_OF(thread, weft_wait_queue_of(thread->word) == queue,
                          "in another word's queue");
        }
    }
}

static void check_deadlines(lengths *found) {
    const weft_list *list = weft_wait_inspect().deadlines;
    found->timed = length_of(list, "the list of deadlines");
    int64_t before = INT64_MIN;
    for (const weft_kernel_link *link = list->next; link != list; link = link->next) {
        const weft_kernel_thread *thread = WEFT_THREAD_OF(link, timer);
        SIM_EXPECT_OF(thread, thread->state == THREAD_WAITING && thread->timed,
                      "in the list of deadlines, without a wait that has one");
        SIM_EXPECT_OF(thread, thread->deadline >= before, "its deadline is out of order");
        before = thread->deadline;
    }
}

static void check_all(lengths *found) {
    unsigned ready = 0, waiting = 0, timed = 0, on_cores = 0, busy = 0;
    found->all = length_of(&weft_kernel_all, "the list of all threads");
    for (const weft_kernel_thread *at = NULL; (at = checker_next_thread(at)) != NULL;) {
        SIM_EXPECT_OF(at, at->state <= THREAD_WAITING, "in the list of all threads, and ENDED");
        SIM_EXPECT_OF(at, at->state != THREAD_RUNNING || at->on_core, "RUNNING on no core");
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

/* The low end of the stack that the core must be on, outside interrupts. */
static const void *stack_of(unsigned core) {
    return weft_kernel_cores[core].current->stack_low;
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
        SIM_EXPECT_OF(current, checker_will_switch(core),
                      "can't go on, and its core does not switch");
    }
    SIM_EXPECT(!kernel->called || at->call_pending || at->in_isr > 0 || checker_will_switch(core),
               "core %u counts as called, and no call is on its way", core);
    SIM_EXPECT(!open || idles, "core %u counts as idle, and is not", core);
    SIM_EXPECT(open || !idles || checker_will_switch(core), "core %u idles, and nobody knows",
               core);
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
        coming |= checker_will_switch(core) ? weft_kernel_bit(core) : 0;
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
        SIM_EXPECT_OF(thread, ticks() || (thread->cores & coming) != 0 || (idle & coming) != 0,
                      "ready, and no tick and no switch is to come");
    }
}

static void check_alarm(void) {
    const weft_list *deadlines = weft_wait_inspect().deadlines;
    int64_t due = weft_kernel_scheduled.tick_due;
    SIM_EXPECT(ticks() == (due != WEFT_FOREVER), "whether there is a tick is told in two ways");
    if (!weft_list_is_empty(deadlines)) {
        const weft_kernel_thread *first = WEFT_THREAD_OF(deadlines->next, timer);
        SIM_EXPECT_OF(first, sim_now() - first->deadline <= 1000000 + 2 * checker_slack_ns(),
                      "waits for long after its deadline");
        due = first->deadline < due ? first->deadline : due;
    }
    SIM_EXPECT(sim.alarm_pending || sim.in_alarm || sim.alarm_ns <= due,
               "the alarm comes at %" PRId64 " ns, %" PRId64 " ns too late", sim.alarm_ns,
               sim.alarm_ns - due);
}

static void check_now(void) {
    static unsigned skipped;
    static unsigned threads;
    if (threads > CHECKER_MOST_COMPARED && ++skipped < threads) {
        return; /* a check of many threads takes long, so only some are made */
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
    bool exact = threads <= CHECKER_MOST_COMPARED && found.all <= CHECKER_MOST_COMPARED;
    threads = found.all;
    if (exact) {
        checker_compare();
    } else {
        checker_forget_history();
    }
}

static void check(void) {
    checker_reads_kernel = true;
    check_now();
    checker_reads_kernel = false;
}

static void check_all_asleep(void) {
    check();
    SIM_EXPECT(weft_list_is_empty(&weft_kernel_scheduled.ready) ||
                   weft_kernel_scheduled.stopper != NULL,
               "all cores sleep, and somebody is ready");
    checker_check_waits();
}

const weft_sim_hooks checker_hooks = {
    .start = checker_choose_strategy,
    .choose_core = checker_choose_core,
    .lock_is_free = check,
    .all_asleep = check_all_asleep,
    .failed = checker_print_threads,
};
