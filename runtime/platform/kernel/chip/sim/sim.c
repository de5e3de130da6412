/* Points, and going from core to core; the clock, sleep, start-up. */
#include "platform/kernel/chip/sim/inside.h"

#include <stdlib.h>

enum { START_STACK_BYTES = 65536, MAIN_STACK_BYTES = 1 << 20 };
enum { MOST_SPINS = 1000000 };
static const uint64_t MOST_STEPS = 400000000; /* in one run; the longest test takes a tenth */

sim_state sim = {.alarm_ns = WEFT_FOREVER, .now_ns = 1000000};

static weft_sim_context *native; /* where weft_sim_run goes on */
static void (*enter)(void *stack_low, size_t stack_bytes);

/* ---- Cores ---------------------------------------------------------------------------------- */

static uint32_t awake_cores(void) {
    uint32_t awake = 0;
    for (unsigned core = 0; core < CORES; core++) {
        const sim_core *at = &sim.cores[core];
        if (at->started && (!at->asleep || sim_is_pending(core))) {
            awake |= weft_kernel_bit(core);
        }
    }
    return awake;
}

static weft_sim_context *suspend(weft_sim_context *here) {
    sim.cores[sim.core].suspended = here;
    sim.core = sim.next;
    return sim.cores[sim.core].suspended;
}

static void go_on_with(unsigned core) {
    sim_hash(core);
    sim.cores[core].ran_at = sim.step;
    if (core != sim.core) {
        weft_sim_context here;
        sim.next = core;
        weft_sim_change(&here, NULL, suspend);
    }
    sim.left = sim_choose_turn();
}

/* The time of the turn that ends. */
static void pass_time(void) {
    sim.now_ns += sim.passed * sim_chosen.step_ns;
    if (sim_chosen.leaps != 0 && sim_random(sim_chosen.leaps) < sim.passed) {
        int64_t leap = sim_random(SIM_LEAP_NS);
        int64_t next = sim_next_event_ns() - sim.now_ns;
        sim.now_ns += next >= 0 && next < leap ? next : leap; /* just when it comes, if it can be */
    }
    sim.passed = 0;
    sim_look_at_clock();
}

static void choose_and_go_on(bool must_leave) {
    SIM_EXPECT(++sim.step < MOST_STEPS, "no end after %" PRIu64 " steps", sim.step);
    pass_time();
    go_on_with(sim_choose_core(awake_cores(), must_leave));
}

void sim_step(void) {
    if (!sim.running) {
        return;
    }
    if (!sim.kernel_lock.held) {
        sim_check();
    }
    choose_and_go_on(false);
    sim_maybe_interrupt(false);
}

void sim_spin(const char *what, unsigned looks) {
    SIM_EXPECT(looks < MOST_SPINS, "core %u spins for %s without an end", sim.core, what);
    choose_and_go_on(true);
}

void weft_sim_point(void) {
    sim_point(POINT_OTHER);
}

void weft_sim_atomic_point(void);

void weft_sim_atomic_point(void) {
    sim_point(POINT_ATOMIC);
}

bool weft_sim_fails_weakly(void);

bool weft_sim_fails_weakly(void) {
    return sim_random(sim_chosen.weak_failures) == 0;
}

const weft_kernel_thread *sim_next_thread(const weft_kernel_thread *after) {
    const weft_kernel_link *next = after == NULL ? weft_kernel_all.next : after->all.next;
    return next == &weft_kernel_all ? NULL : WEFT_THREAD_OF(next, all);
}

unsigned weft_chip_core(void) {
    return sim.core;
}

unsigned weft_sim_core(void) {
    return sim.core;
}

uint32_t weft_sim_random(uint32_t limit) {
    return sim_random(limit);
}

uint64_t weft_sim_hash(void) {
    return sim.hash;
}

/* ---- Clock and sleep --------------------------------------------------------------------------
 */

int64_t sim_now(void) {
    int64_t now = sim.now_ns + sim.passed * sim_chosen.step_ns;
    return now - now % sim_chosen.clock_ns;
}

int64_t weft_chip_now(void) {
    return sim_now();
}

void weft_chip_set_alarm(int64_t deadline_ns) {
    SIM_EXPECT(sim.kernel_lock.held, "the alarm is set without the kernel's lock");
    sim.alarm_ns = deadline_ns;
}

static void jump_to_next_event(void) {
    sim_check_idle();
    int64_t next = sim_next_event_ns();
    SIM_EXPECT(next != WEFT_FOREVER, "deadlock: all cores sleep, and nothing is to come");
    sim.now_ns = next > sim.now_ns ? next : sim.now_ns;
    sim.now_ns += sim_chosen.clock_ns - 1 + (sim_random(4) == 0 ? sim_random(5000) : 0);
    sim_look_at_clock();
}

void weft_chip_sleep(void) {
    SIM_EXPECT(!sim.cores[sim.core].masked, "core %u sleeps with interrupts masked", sim.core);
    sim_point(POINT_OTHER);
    sim_core *core = &sim.cores[sim.core];
    core->asleep = true;
    sim.step++;
    pass_time();
    while (awake_cores() == 0) {
        jump_to_next_event();
    }
    go_on_with(sim_choose_core(awake_cores(), false));
    core->asleep = false;
    sim_maybe_interrupt(true);
}

/* ---- Start and end ----------------------------------------------------------------------------
 */

static weft_sim_stack new_stack(size_t bytes) {
    weft_sim_stack stack = {malloc(bytes), bytes};
    SIM_EXPECT(stack.low != NULL, "no memory for a stack");
    return stack;
}

static void start_core(void *unused) {
    (void)unused;
    const sim_core *at = &sim.cores[sim.core];
    enter(at->start_stack.low, at->start_stack.bytes);
    weft_sim_fail("a core has come back from its start");
}

void weft_chip_start(void (*enter_core)(void *stack_low, size_t stack_bytes)) {
    enter = enter_core;
    sim.running = true;
    for (unsigned core = 1; core < CORES; core++) {
        sim_core *at = &sim.cores[core];
        at->start_stack = new_stack(START_STACK_BYTES);
        at->suspended = weft_sim_lay(at->start_stack, start_core, NULL);
        at->started = true;
        for (unsigned looks = 0; weft_kernel_cores[core].current == NULL; looks++) {
            sim_spin("a core to start", looks);
        }
    }
}

void weft_chip_start_core(void) {
}

static struct {
    void (*entry)(void *);
    void *argument;
    weft_sim_stack stack;
} first;

static weft_sim_context *go_to_native(weft_sim_context *here) {
    (void)here;
    return native;
}

static void run_first(void *unused) {
    (void)unused;
    static weft_kernel_thread main_thread;
    weft_kernel_start(&main_thread, "main", first.stack.low, first.stack.bytes);
    first.entry(first.argument);
    sim.running = false;
    weft_sim_context here;
    weft_sim_change(&here, NULL, go_to_native);
}

static weft_sim_context *go_to_first(weft_sim_context *here) {
    native = here;
    return weft_sim_lay(first.stack, run_first, NULL);
}

void weft_sim_run(const weft_sim_options *options, void (*entry)(void *), void *argument) {
    sim.options = *options;
    sim.hash = UINT64_C(0xCBF29CE484222325);
    sim_choose_ways();
    first.entry = entry;
    first.argument = argument;
    first.stack = new_stack(MAIN_STACK_BYTES);
    sim.cores[0].started = true;
    sim.left = sim_choose_turn();
    weft_sim_context here;
    weft_sim_change(&here, NULL, go_to_first);
    SIM_EXPECT(sim.expected_panic == NULL, "expected the kernel to stop with \"%s\", it did not",
               sim.expected_panic);
}
