/* Cases: see cases.h. Each runs as the main thread, over whichever interleaving the seed makes. */
#include "cases.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"

helper helpers[CROWD];

helper *start(int number, weft_thread_entry entry, const char *name) {
    helper *self = &helpers[number];
    memset(self, 0, sizeof *self);
    self->stack = malloc(STACK);
    self->number = number;
    self->thread.name = name;
    weft_kernel_thread_start(&self->thread, entry, self, self->stack, STACK);
    return self;
}

void finish(helper *self) {
    while (!weft_kernel_is_gone(&self->thread)) {
        weft_sleep_until(weft_clock_now() + 50 * US);
    }
    weft_sim_poison(self->stack, STACK);
    free(self->stack);
}

static void compute(int64_t time_ns) {
    int64_t until_ns = weft_clock_now() + time_ns;
    while (weft_clock_now() < until_ns) {
        weft_sim_point();
    }
}

/* Stacks */

static void (*volatile go_on)(void *, int); /* hides the recursion from the compiler */

static void descend(void *below, int left) {
    volatile char frame[256] = {0};
    if ((void *)frame > below && left > 0) {
        go_on(below, left - 1);
    } else {
        weft_kernel_yield();
    }
    frame[0] = 1;
}

static void overflow(void *argument) {
    helper *self = argument;
    go_on = descend;
    descend((char *)self->thread.stack_low - 512, 10000);
}

static void scribble(void *argument) {
    helper *self = argument;
    *(uint32_t *)self->thread.stack_low = 0;
    weft_sleep_until(weft_clock_now() + 50 * US);
}

/* Its stack is the upper half of its memory, so that what overflows spoils nothing else. */
static void run_with_half_a_stack(weft_thread_entry entry) {
    helper *self = &helpers[0];
    self->stack = malloc(STACK);
    self->thread.name = "deep";
    weft_kernel_thread_start(&self->thread, entry, self, (char *)self->stack + STACK / 2,
                             STACK / 2);
    finish(self);
}

static void a_stack_that_overflows_is_seen(void) {
    run_with_half_a_stack(overflow);
}

static void a_stack_whose_end_was_written_is_seen(void) {
    run_with_half_a_stack(scribble);
}

/* The ends of threads */

static void end_soon(void *argument) {
    helper *self = argument;
    if (self->number % 2) {
        weft_kernel_yield();
    }
}

static void what_a_thread_had_can_be_used_again(void) {
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < CROWD; i++) {
            start(i, end_soon, "short");
        }
        for (int i = 0; i < CROWD; i++) {
            finish(&helpers[i]);
        }
    }
}

static void do_nothing(void *unused) {
    (void)unused;
}

/* A worker that has no thread to run is still in the list, for reports. */
static void a_name_outlives_its_thread(void) {
    weft_thread_options options = {.name = "short"};
    weft_thread *thread;
    EXPECT(weft_thread_start(&thread, do_nothing, NULL, &options) == WEFT_OK);
    EXPECT(weft_thread_join_until(thread, WEFT_FOREVER) == WEFT_OK);
    weft_thread_release(thread);
    weft_kernel_stop_others();
    for (weft_kernel_thread *at = weft_kernel_next(NULL); at != NULL; at = weft_kernel_next(at)) {
        EXPECT(at->name == NULL || strlen(at->name) < 32);
    }
    weft_kernel_resume_others();
}

static weft_event never;
static weft_lock held;

static void wait_for_ever(void *unused) {
    (void)unused;
    weft_event_wait_until(&never, WEFT_FOREVER);
}

static void wait_with_deadlines(void *unused) {
    (void)unused;
    for (;;) {
        weft_event_wait_until(&never, weft_clock_now() + 20 * US);
    }
}

static void compute_for_ever(void *unused) {
    (void)unused;
    for (;;) {
        weft_sim_point();
    }
}

static void contend(void *unused) {
    (void)unused;
    for (;;) {
        if (weft_lock_acquire_until(&held, weft_clock_now() + 50 * US) == WEFT_OK) {
            weft_kernel_yield();
            weft_lock_release(&held);
        }
    }
}

static void move_around(void *unused) {
    (void)unused;
    for (int core = 0;; core = (core + 1) % CORES) {
        weft_kernel_pin(core);
    }
}

static void stop_and_resume(void *unused) {
    (void)unused;
    for (;;) {
        weft_kernel_stop_others();
        weft_sim_point();
        weft_kernel_resume_others();
        weft_kernel_yield();
    }
}

static void wherever_they_are_they_end(void) {
    const weft_thread_entry entries[CROWD] = {wait_for_ever, wait_with_deadlines, compute_for_ever,
                                              contend,       move_around,         stop_and_resume};
    for (int round = 0; round < 3; round++) {
        held = (weft_lock)WEFT_LOCK_INIT;
        for (int i = 0; i < CROWD; i++) {
            start(i, entries[weft_sim_random(CROWD)], "doomed");
        }
        weft_sleep_until(weft_clock_now() + weft_sim_random(500000));
        weft_kernel_stop_others();
        weft_kernel_end_others();
        weft_kernel_resume_others();
        for (int i = 0; i < CROWD; i++) {
            EXPECT(weft_kernel_is_gone(&helpers[i].thread));
            finish(&helpers[i]);
        }
    }
}

/* Interrupts of waits */

static void an_interrupt_stays_until_a_wait(void) {
    weft_word word = 0;
    weft_kernel_thread *self = weft_kernel_self();
    weft_kernel_interrupt(self);
    weft_kernel_interrupt(self); /* two are one */
    compute(100 * US);
    EXPECT(weft_kernel_wait(&word, 1, WEFT_FOREVER) == WEFT_OK); /* which does not wait */
    EXPECT(weft_kernel_wait(&word, 0, 0) == WEFT_TIMEDOUT);      /* nor does this */
    bool before = weft_kernel_hold_interrupts(true);
    EXPECT(!before);
    EXPECT(weft_sleep_until(weft_clock_now() + 20 * US) == WEFT_OK);
    EXPECT(weft_kernel_hold_interrupts(false));
    EXPECT(weft_sleep_until(weft_clock_now() + 10 * MS) == WEFT_INTERRUPTED);
    EXPECT(weft_sleep_until(weft_clock_now() + 20 * US) == WEFT_OK);
}

static void interrupt_main(void *main_thread) {
    weft_kernel_interrupt(main_thread);
}

static void a_wait_is_interrupted_once(void) {
    weft_word word = 0;
    for (int round = 0; round < 20; round++) {
        weft_sim_interrupt_at(weft_clock_now() + weft_sim_random(100000), interrupt_main,
                              weft_kernel_self());
        EXPECT(weft_kernel_wait(&word, 0, WEFT_FOREVER) == WEFT_INTERRUPTED);
        EXPECT(weft_kernel_wait(&word, 0, weft_clock_now() + 20 * US) == WEFT_TIMEDOUT);
    }
}

/* Events */

static weft_event flag;
static _Atomic(bool) cleared_enough;

static void clear_again_and_again(void *unused) {
    (void)unused;
    while (!atomic_load(&cleared_enough)) {
        weft_event_clear(&flag);
    }
}

static void wait_once(void *argument) {
    weft_event_wait_until(&flag, WEFT_FOREVER);
    weft_event_set(&((helper *)argument)->ended);
}

/* A clear that comes between takes nothing away but the flag. */
static void who_waits_while_others_clear_is_woken(void) {
    helper *other = start(0, clear_again_and_again, "other");
    for (int round = 0; round < 10; round++) {
        helper *waiter = start(1, wait_once, "waiter");
        while (weft_event_waiting(&flag) == 0 && !weft_event_is_set(&waiter->ended)) {
            weft_sleep_until(weft_clock_now() + 50 * US);
        }
        weft_event_set(&flag);
        EXPECT(weft_event_wait_until(&waiter->ended, weft_clock_now() + 50 * MS) == WEFT_OK);
        finish(waiter);
    }
    atomic_store(&cleared_enough, true);
    finish(other);
}

/* Turns */

static _Atomic(uint64_t) turns[CROWD];
static _Atomic(bool) over;

static void count_turns(void *argument) {
    helper *self = argument;
    if (self->number < CROWD / 2) {
        weft_kernel_pin(0);
    }
    while (!atomic_load(&over)) {
        atomic_fetch_add(&turns[self->number], 1);
    }
}

/* Threads that compute, half of them on core 0 only: each has its share. */
static void all_have_their_turns(void) {
    for (int i = 0; i < CROWD; i++) {
        start(i, count_turns, "busy");
    }
    weft_sleep_until(weft_clock_now() + (CROWD + 1) * (2 * MS + checker_slack_ns() / 2));
    atomic_store(&over, true);
    for (int i = 0; i < CROWD; i++) {
        finish(&helpers[i]);
        EXPECT(turns[i] > 0);
    }
}

/* Who yields to a thread that was preempted lets it run. */
static void a_yield_lets_others_run(void) {
    enum { YIELDS = 10 };
    int ran = 0;
    weft_kernel_pin(0);
    start(0, count_turns, "busy");
    while (atomic_load(&turns[0]) == 0) {
        compute(4 * MS);
    }
    for (int i = 0; i < YIELDS; i++) {
        uint64_t before = atomic_load(&turns[0]);
        weft_kernel_yield();
        ran += atomic_load(&turns[0]) != before;
    }
    EXPECT(ran >= YIELDS / 2);
    atomic_store(&over, true);
    finish(&helpers[0]);
}

static int64_t meeting_ns;
static int64_t late_ns;

static void meet_and_compute(void *argument) {
    weft_sleep_until(meeting_ns);
    compute(4 * MS);
    weft_event_set(&((helper *)argument)->ended);
}

static void meet_on_a_core(void *argument) {
    weft_kernel_pin(((helper *)argument)->number % CORES);
    weft_sleep_until(meeting_ns);
    late_ns = weft_clock_now() - meeting_ns;
}

/* Two wake up at a time, and one of them may run on one core only: it is not kept waiting. */
static void a_core_is_free_for_each(void) {
    for (int round = 0; round < 10 && CORES > 1; round++) {
        meeting_ns = weft_clock_now() + MS;
        helper *other = start(CROWD - 1, meet_and_compute, "other");
        helper *pinned = start(round % (CROWD - 1), meet_on_a_core, "pinned");
        weft_event_wait_until(&other->ended, WEFT_FOREVER);
        finish(pinned);
        finish(other);
        EXPECT(late_ns < MS / 2 + checker_slack_ns());
    }
}

static void without_others_there_is_no_tick(void) {
    uint32_t ticks = weft_kernel_counted.ticks, alarms = weft_kernel_counted.alarms;
    compute(5 * MS);
    EXPECT(ticks == weft_kernel_counted.ticks && alarms == weft_kernel_counted.alarms);
    weft_sleep_until(weft_clock_now() + 20 * MS);
    EXPECT(ticks == weft_kernel_counted.ticks);
}

const test_case cases[] = {
    {"a_stack_that_overflows_is_seen", a_stack_that_overflows_is_seen,
     "the stack of a thread has overflowed: deep"},
    {"a_stack_whose_end_was_written_is_seen", a_stack_whose_end_was_written_is_seen,
     "the stack of a thread has overflowed: deep"},
    {"what_a_thread_had_can_be_used_again", what_a_thread_had_can_be_used_again, NULL},
    {"a_name_outlives_its_thread", a_name_outlives_its_thread, NULL},
    {"wherever_they_are_they_end", wherever_they_are_they_end, NULL},
    {"an_interrupt_stays_until_a_wait", an_interrupt_stays_until_a_wait, NULL},
    {"a_wait_is_interrupted_once", a_wait_is_interrupted_once, NULL},
    {"who_waits_while_others_clear_is_woken", who_waits_while_others_clear_is_woken, NULL},
    {"all_have_their_turns", all_have_their_turns, NULL},
    {"a_yield_lets_others_run", a_yield_lets_others_run, NULL},
    {"a_core_is_free_for_each", a_core_is_free_for_each, NULL},
    {"without_others_there_is_no_tick", without_others_there_is_no_tick, NULL},
    {"a_try_in_an_interrupt_answers", a_try_in_an_interrupt_answers, NULL},
    {"a_wait_with_interrupts_masked_ends_at_its_deadline",
     a_wait_with_interrupts_masked_ends_at_its_deadline, NULL},
    {"a_wait_in_an_interrupt_is_misuse", a_wait_in_an_interrupt_is_misuse,
     "a wait in an interrupt; only a try is legal there"},
    {NULL, NULL, NULL},
};
