/* Points, changing cores, the clock, sleep, start-up. */
#include "platform/kernel/chip/sim/internal.h"

#include <stdlib.h>

enum { START_STACK_BYTES = 65536, MAIN_STACK_BYTES = 1 << 20 };
enum { MOST_SPINS = 1000000 };
static const uint64_t MOST_STEPS = 400000000; /* in one run; the longest test takes a tenth */

sim_state sim = {.alarm_ns = WEFT_FOREVER, .now_ns = 1000000};

sim_policy_values sim_policy = {
    .weights = {1, 1, 1, 1, 1, 1},
    .turn = 10,
    .step_ns = 1000,
    .clock_ns = 1,
    .interrupt_one_in = 1,
    .weak_fails_one_in = 1000000,
    .swaps_of_4 = 4,
};

static weft_sim_context *native; /* where weft_sim_run is resumed */
static void (*enter)(void *stack_low, size_t stack_bytes);
static uint64_t random_state;

uint32_t weft_sim_random(uint32_t limit) {
    /* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014 */
    uint64_t z = (random_state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ (z >> 31)) >> 32) % limit;
}

static void call(void (*hook)(void)) {
    if (hook != NULL) {
        hook();
    }
}

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

unsigned sim_next_core(uint32_t cores) {
    unsigned core = sim.core;
    do {
        core = (core + 1) % CORES;
    } while (!(cores & weft_kernel_bit(core)));
    return core;
}

static void start_turn(void) {
    sim.points_left = 1 + (int64_t)weft_sim_random(sim_policy.turn);
}

static weft_sim_context *suspend(weft_sim_context *here) {
    sim.cores[sim.core].suspended = here;
    sim.core = sim.next_core;
    return sim.cores[sim.core].suspended;
}

static void run_next(bool must_leave) {
    uint32_t awake = awake_cores();
    unsigned core = sim.hooks.choose_core != NULL ? sim.hooks.choose_core(awake, must_leave)
                                                  : sim_next_core(awake);
    sim_hash(core);
    sim.cores[core].ran_at = sim.step;
    if (core != sim.core) {
        weft_sim_context here;
        sim.next_core = core;
        weft_sim_context_switch(&here, NULL, suspend);
    }
    start_turn();
}

/* The time of the turn that ends. */
static void pass_time(void) {
    sim.now_ns += sim.points_passed * sim_policy.step_ns;
    if (sim_policy.leap_one_in != 0 &&
        weft_sim_random(sim_policy.leap_one_in) < sim.points_passed) {
        int64_t leap = weft_sim_random(SIM_LEAP_NS);
        int64_t next = sim_next_event_ns() - sim.now_ns;
        sim.now_ns += next >= 0 && next < leap ? next : leap; /* not past the next event */
    }
    sim.points_passed = 0;
    sim_check_alarm();
}

static void end_turn(bool must_leave) {
    SIM_EXPECT(++sim.step < MOST_STEPS, "no end after %" PRIu64 " steps", sim.step);
    pass_time();
    run_next(must_leave);
}

void sim_step(void) {
    if (!sim.running) {
        return;
    }
    if (!sim.kernel_lock.held) {
        call(sim.hooks.lock_is_free);
    }
    end_turn(false);
    sim_maybe_interrupt(false);
}

void sim_spin(const char *what, unsigned spins) {
    SIM_EXPECT(spins < MOST_SPINS, "core %u spins for %s without an end", sim.core, what);
    end_turn(true);
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
    return weft_sim_random(sim_policy.weak_fails_one_in) == 0;
}

unsigned weft_chip_core(void) {
    return sim.core;
}

unsigned weft_sim_core(void) {
    return sim.core;
}

uint64_t weft_sim_hash(void) {
    return sim.hash;
}

int64_t sim_now(void) {
    int64_t now = sim.now_ns + sim.points_passed * sim_policy.step_ns;
    return now - now % sim_policy.clock_ns;
}

int64_t weft_chip_now(void) {
    return sim_now();
}

void weft_chip_set_alarm(int64_t deadline_ns) {
    SIM_EXPECT(sim.kernel_lock.held, "the alarm is set without the kernel's lock");
    sim.alarm_ns = deadline_ns;
}

static void jump_to_next_event(void) {
    call(sim.hooks.all_asleep);
    int64_t next = sim_next_event_ns();
    SIM_EXPECT(next != WEFT_FOREVER, "deadlock: all cores sleep, and nothing is to come");
    sim.now_ns = next > sim.now_ns ? next : sim.now_ns;
    sim.now_ns += sim_policy.clock_ns - 1;
    sim.now_ns += weft_sim_random(4) == 0 ? weft_sim_random(5000) : 0;
    sim_check_alarm();
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
    run_next(false);
    core->asleep = false;
    sim_maybe_interrupt(true);
}

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
        at->suspended = weft_sim_context_init(at->start_stack, start_core, NULL);
        at->started = true;
        for (unsigned spins = 0; weft_kernel_cores[core].current == NULL; spins++) {
            sim_spin("a core to start", spins);
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

static weft_sim_context *resume_native(weft_sim_context *here) {
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
    weft_sim_context_switch(&here, NULL, resume_native);
}

static weft_sim_context *begin_first(weft_sim_context *here) {
    native = here;
    return weft_sim_context_init(first.stack, run_first, NULL);
}

void weft_sim_run(const weft_sim_options *options, void (*entry)(void *), void *argument) {
    sim.options = *options;
    sim.hash = UINT64_C(0xCBF29CE484222325);
    random_state = options->seed * UINT64_C(0xD1342543DE82EF95) + 1;
    if (options->hooks != NULL) {
        sim.hooks = *options->hooks;
    }
    call(sim.hooks.start);
    first.entry = entry;
    first.argument = argument;
    first.stack = new_stack(MAIN_STACK_BYTES);
    sim.cores[0].started = true;
    start_turn();
    weft_sim_context here;
    weft_sim_context_switch(&here, NULL, begin_first);
    SIM_EXPECT(sim.expected_panic == NULL, "expected the kernel to stop with \"%s\", it did not",
               sim.expected_panic);
}
