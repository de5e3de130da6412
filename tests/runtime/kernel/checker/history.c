/* Compares each thread with what it was the last time: woken or run out of turn, run for too long,
 * run while the world is stopped. Whoever changes a thread releases the kernel's lock afterwards,
 * so between two times each changes once at most.
 *
 * Beyond CHECKER_MOST_COMPARED threads nothing is compared: it would take too long.
 */
#include "checks.h"
#include "platform/kernel/inspect.h"

enum { RECORDS = 2 * CHECKER_MOST_COMPARED };

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
    uint64_t seen;    /* the round in which it was last there */
} record;

static record records[RECORDS];
static uint64_t round_number = 2; /* counts the comparisons */
static uint64_t tickets;
static const weft_kernel_thread *stopper; /* the last time */
static bool was_idle[CORES];

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

static record *record_of(const weft_kernel_thread *thread) {
    record *free_one = NULL;
    size_t home = (uintptr_t)thread / sizeof *thread;
    for (size_t i = 0; i < RECORDS; i++) { /* known ones lie near their home */
        record *at = &records[(home + i) % RECORDS];
        bool old = at->seen + 1 < round_number;
        if (at->thread == thread && !old) {
            return at;
        }
        if (old && free_one == NULL) {
            free_one = at;
        }
    }
    *free_one = (record){.thread = thread, .state = THREAD_ENDED, .seen = round_number - 1};
    return free_one;
}

/* Those who still wait on the same word began later. */
static void check_wake_order(const record *woken) {
    for (const record *at = records; at < records + RECORDS; at++) {
        if (at->seen == round_number && at->thread->state == THREAD_WAITING &&
            at->state == THREAD_WAITING && at->word == woken->word) {
            SIM_EXPECT_OF(woken->thread, at->wait_ticket > woken->wait_ticket,
                          "woken before one that came earlier");
        }
    }
}

static void check_end_of_wait(const record *before) {
    const weft_kernel_thread *thread = before->thread;
    switch (thread->result) {
    case WEFT_OK:
        check_wake_order(before);
        break;
    case WEFT_TIMEDOUT:
        SIM_EXPECT_OF(thread, sim_now() >= before->deadline_ns, "timed out too early");
        break;
    case WEFT_INTERRUPTED:
        SIM_EXPECT_OF(thread, !thread->holds_interrupts, "interrupted while it holds interrupts");
        break;
    default:
        SIM_EXPECT_OF(thread, false, "its wait has an unknown result");
    }
}

/* The thread starts to run: of those who could run there, nobody was ready before it. */
static void check_dispatch(const record *before, unsigned core) {
    for (const record *at = records; at < records + RECORDS; at++) {
        if (at->seen == round_number && at->thread->state == THREAD_READY && !at->thread->on_core &&
            at->state == THREAD_READY && !at->on_core &&
            (at->thread->cores & weft_kernel_bit(core))) {
            SIM_EXPECT_OF(before->thread, at->ready_ticket > before->ready_ticket,
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

/* While this thread is ready, others give their cores away at the second tick. */
static void check_time_slice(const record *waits) {
    const int64_t most_ns = 2 * WEFT_KERNEL_TICK_NS + 2 * checker_slack_ns();
    for (const record *at = records; at < records + RECORDS; at++) {
        if (at->seen != round_number || at->thread->state != THREAD_RUNNING ||
            !(waits->thread->cores & weft_kernel_bit(core_of(at->thread))) ||
            checker_will_switch(core_of(at->thread))) {
            continue;
        }
        int64_t since_ns = at->runs_ns > waits->ready_ns ? at->runs_ns : waits->ready_ns;
        SIM_EXPECT_OF(waits->thread, sim_now() - since_ns <= most_ns,
                      "is ready, and another runs for more than two ticks");
    }
}

static void note_change(const weft_kernel_thread *thread) {
    static const char *states[] = {"is ready", "runs", "waits", "has ended"};
    static const char *results[] = {"woken", "timed out", "interrupted"};
    const char *name = sim_thread_name(thread);
    if (thread->state == THREAD_WAITING) {
        weft_sim_note("%s waits on %s", name, checker_name_of(thread->word));
    } else if (thread->state == THREAD_RUNNING) {
        weft_sim_note("%s runs on core %u", name, core_of(thread));
    } else {
        weft_sim_note("%s %s (%s)", name, states[thread->state], results[thread->result % 3]);
    }
}

static void compare(const weft_kernel_thread *thread) {
    record *before = record_of(thread);
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
        check_time_slice(before);
    }
    before->state = thread->state;
    before->on_core = thread->on_core;
}

/* Whoever comes into a queue later has the later ticket. */
static void give_tickets(void) {
    const weft_list *list = &weft_kernel_scheduled.ready;
    for (const weft_kernel_link *link = list->next; link != list; link = link->next) {
        record *at = record_of(WEFT_THREAD_OF(link, queue));
        if (at->state != THREAD_READY || at->on_core) {
            at->ready_ticket = ++tickets;
        }
    }
    weft_wait_lists lists = weft_wait_inspect();
    for (unsigned i = 0; i < lists.queue_count; i++) {
        list = &lists.queues[i];
        for (const weft_kernel_link *link = list->next; link != list; link = link->next) {
            record *at = record_of(WEFT_THREAD_OF(link, queue));
            if (at->state != THREAD_WAITING) {
                at->wait_ticket = ++tickets;
            }
        }
    }
}

void checker_compare(void) {
    check_stopped();
    round_number++;
    give_tickets();
    for (const weft_kernel_thread *at = NULL; (at = checker_next_thread(at)) != NULL;) {
        record_of(at)->seen = round_number;
    }
    for (const record *at = records; at < records + RECORDS; at++) {
        if (at->seen == round_number - 1) {
            checker_forget_accesses(at->thread); /* it has ended */
        }
    }
    for (const weft_kernel_thread *at = NULL; (at = checker_next_thread(at)) != NULL;) {
        compare(at);
    }
}

void checker_forget_history(void) {
    round_number += 2;
    stopper = NULL;
}
