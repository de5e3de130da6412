/* The seed's choices. Each seed has a way of choosing, since different mistakes show under
 * different ones:
 *
 *   UNIFORM     any core at any time
 *   PRIORITIES  one core runs as long as it can; at a few points it falls behind the others
 *   BURSTS      long turns
 *   LOCKSTEP    the cores go on in turn, one point each, with a slip now and then
 *
 * and besides a length of turns, weights that decide at which kinds of points turns end, a speed of
 * the clock, and how prompt interrupts are.
 */
#include "platform/kernel/chip/sim/inside.h"

enum { UNIFORM, PRIORITIES, BURSTS, LOCKSTEP, WAYS };

sim_ways sim_chosen;

static uint64_t state;

uint32_t sim_random(uint32_t limit) {
    /* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014 */
    uint64_t z = (state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ (z >> 31)) >> 32) % limit;
}

#define ONE_OF(...) one_of((const uint32_t[]){__VA_ARGS__}, sizeof(uint32_t[]){__VA_ARGS__} / 4)

static uint32_t one_of(const uint32_t *values, size_t count) {
    return values[sim_random((uint32_t)count)];
}

void sim_choose_ways(void) {
    state = sim.options.seed * UINT64_C(0xD1342543DE82EF95) + 1;
    sim_chosen = (sim_ways){
        .way = (int)sim_random(WAYS),
        .step_ns = ONE_OF(100, 300, 1000, 2000),
        .clock_ns = ONE_OF(1, 1000),
        .leaps = ONE_OF(0, 0, 1000, 10000),
        .defers = ONE_OF(1, 1, 2, 8),
        .weak_failures = ONE_OF(2, 8, 1000000),
        .calls = ONE_OF(0, 2, 3, 4, 4),
        .alarm_core = ONE_OF(0, 0, CORES - 1),
    };
    switch (sim_chosen.way) {
    case UNIFORM:
        sim_chosen.most = ONE_OF(1, 3, 10, 40);
        break;
    case PRIORITIES:
        sim_chosen.most = ONE_OF(5, 50);
        break;
    case BURSTS:
        sim_chosen.most = ONE_OF(30, 300);
        break;
    case LOCKSTEP:
        sim_chosen.most = 1;
        break;
    }
    /* A core that is awake stands still for half a millisecond at most, or for a few turns. */
    sim_chosen.still = 8 + 1000000 / (sim_chosen.most * sim_chosen.step_ns);
    sim_chosen.still = sim_chosen.still > 300 ? 300 : sim_chosen.still;
    for (int kind = 0; kind < POINTS; kind++) {
        sim_chosen.weights[kind] = 1 + (int32_t)(sim_random(3) == 0 ? sim_chosen.most : 0);
    }
    for (unsigned core = 0; core < CORES; core++) {
        sim_chosen.priority[core] = (int)sim_random(1000);
    }
}

int64_t weft_sim_slack_ns(void) {
    int64_t turn_ns = 2 * (int64_t)sim_chosen.most * sim_chosen.step_ns;
    return turn_ns * (sim_chosen.still + 8) * CORES + SIM_LEAP_NS;
}

int64_t sim_choose_turn(void) {
    return 1 + (int64_t)sim_random(sim_chosen.most);
}

/* The core that has stood still for too long while it was awake; CORES if none has. */
static unsigned longest_still(uint32_t awake) {
    unsigned still = CORES;
    uint64_t oldest = sim.step > sim_chosen.still ? sim.step - sim_chosen.still : 0;
    for (unsigned core = 0; core < CORES; core++) {
        if ((awake & weft_kernel_bit(core)) && sim.cores[core].ran_at < oldest) {
            oldest = sim.cores[core].ran_at;
            still = core;
        }
    }
    return still;
}

static unsigned any_of(uint32_t cores) {
    unsigned count = (unsigned)__builtin_popcount(cores);
    unsigned skip = count > 1 ? sim_random(count) : 0;
    while (skip-- > 0) {
        cores &= cores - 1;
    }
    return (unsigned)__builtin_ctz(cores);
}

static unsigned first_of(uint32_t cores) {
    unsigned first = CORES;
    for (unsigned core = 0; core < CORES; core++) {
        if ((cores & weft_kernel_bit(core)) &&
            (first == CORES || sim_chosen.priority[core] > sim_chosen.priority[first])) {
            first = core;
        }
    }
    return first;
}

static unsigned next_after(uint32_t cores, unsigned core) {
    do {
        core = (core + 1) % CORES;
    } while (!(cores & weft_kernel_bit(core)));
    return core;
}

unsigned sim_choose_core(uint32_t awake, bool must_leave) {
    uint32_t own = weft_kernel_bit(sim.core);
    if (must_leave && (awake & ~own) != 0) {
        awake &= ~own;
    }
    unsigned still = longest_still(awake);
    if (still != CORES) {
        return still;
    }
    switch (sim_chosen.way) {
    case PRIORITIES:
        if (sim_random(30) == 0 || must_leave) {
            static int lowest;
            sim_chosen.priority[sim.core] = --lowest;
        }
        return first_of(awake);
    case BURSTS:
        return (awake & own) && sim_random(4) != 0 ? sim.core : any_of(awake);
    case LOCKSTEP:
        /* Not for ever: two that take turns at a lock would keep out a third one. */
        return sim_random(20) == 0 ? any_of(awake) : next_after(awake, sim.core);
    default:
        return any_of(awake);
    }
}
