/* The exploration of interleavings. Each seed has one of these strategies, since different mistakes
 * show under different ones:
 *
 *   UNIFORM     any core at any time
 *   PRIORITIES  one core runs as long as it can; at a few points it falls behind the others
 *   BURSTS      long turns
 *   LOCKSTEP    the cores run in turn, one point each, with a slip now and then
 *
 * Besides, the seed has a length of turns, weights that decide at which kinds of points turns end,
 * a speed of the clock, and how promptly interrupts come.
 */
#include "checks.h"

enum { UNIFORM, PRIORITIES, BURSTS, LOCKSTEP, STRATEGIES };

static struct {
    int kind;
    uint32_t most_stalled; /* a core that is awake may be left out for so many turns */
    int priority[CORES];
} strategy;

#define ONE_OF(...) one_of((const uint32_t[]){__VA_ARGS__}, sizeof(uint32_t[]){__VA_ARGS__} / 4)

static uint32_t one_of(const uint32_t *values, size_t count) {
    return values[weft_sim_random((uint32_t)count)];
}

void checker_choose_strategy(void) {
    strategy.kind = (int)weft_sim_random(STRATEGIES);
    sim_policy = (sim_policy_values){
        .step_ns = ONE_OF(100, 300, 1000, 2000),
        .clock_ns = ONE_OF(1, 1000),
        .leap_one_in = ONE_OF(0, 0, 1000, 10000),
        .interrupt_one_in = ONE_OF(1, 1, 2, 8),
        .weak_fails_one_in = ONE_OF(2, 8, 1000000),
        .swaps_of_4 = ONE_OF(0, 2, 3, 4, 4),
        .alarm_core = ONE_OF(0, 0, CORES - 1),
    };
    switch (strategy.kind) {
    case UNIFORM:
        sim_policy.turn = ONE_OF(1, 3, 10, 40);
        break;
    case PRIORITIES:
        sim_policy.turn = ONE_OF(5, 50);
        break;
    case BURSTS:
        sim_policy.turn = ONE_OF(30, 300);
        break;
    case LOCKSTEP:
        sim_policy.turn = 1;
        break;
    }
    /* Half a millisecond at most, or a few turns. */
    strategy.most_stalled = 8 + 1000000 / (sim_policy.turn * sim_policy.step_ns);
    strategy.most_stalled = strategy.most_stalled > 300 ? 300 : strategy.most_stalled;
    for (int kind = 0; kind < POINTS; kind++) {
        sim_policy.weights[kind] = 1 + (int32_t)(weft_sim_random(3) == 0 ? sim_policy.turn : 0);
    }
    for (unsigned core = 0; core < CORES; core++) {
        strategy.priority[core] = (int)weft_sim_random(1000);
    }
}

int64_t checker_slack_ns(void) {
    int64_t turn_ns = 2 * (int64_t)sim_policy.turn * sim_policy.step_ns;
    return turn_ns * (strategy.most_stalled + 8) * CORES + SIM_LEAP_NS;
}

/* The core that was left out for too long while it was awake; CORES if none was. */
static unsigned longest_stalled(uint32_t awake) {
    unsigned stalled = CORES;
    uint64_t oldest = sim.step > strategy.most_stalled ? sim.step - strategy.most_stalled : 0;
    for (unsigned core = 0; core < CORES; core++) {
        if ((awake & weft_kernel_bit(core)) && sim.cores[core].ran_at < oldest) {
            oldest = sim.cores[core].ran_at;
            stalled = core;
        }
    }
    return stalled;
}

static unsigned any_of(uint32_t cores) {
    unsigned count = (unsigned)__builtin_popcount(cores);
    unsigned skip = count > 1 ? weft_sim_random(count) : 0;
    while (skip-- > 0) {
        cores &= cores - 1;
    }
    return (unsigned)__builtin_ctz(cores);
}

static unsigned first_of(uint32_t cores) {
    unsigned first = CORES;
    for (unsigned core = 0; core < CORES; core++) {
        if ((cores & weft_kernel_bit(core)) &&
            (first == CORES || strategy.priority[core] > strategy.priority[first])) {
            first = core;
        }
    }
    return first;
}

unsigned checker_choose_core(uint32_t awake, bool must_leave) {
    uint32_t own = weft_kernel_bit(sim.core);
    if (must_leave && (awake & ~own) != 0) {
        awake &= ~own;
    }
    unsigned stalled = longest_stalled(awake);
    if (stalled != CORES) {
        return stalled;
    }
    switch (strategy.kind) {
    case PRIORITIES:
        if (weft_sim_random(30) == 0 || must_leave) {
            static int lowest;
            strategy.priority[sim.core] = --lowest;
        }
        return first_of(awake);
    case BURSTS:
        return (awake & own) && weft_sim_random(4) != 0 ? sim.core : any_of(awake);
    case LOCKSTEP:
        /* With slips: two cores that take turns at a lock would keep out a third one for ever. */
        return weft_sim_random(20) == 0 ? any_of(awake) : sim_next_core(awake);
    default:
        return any_of(awake);
    }
}
