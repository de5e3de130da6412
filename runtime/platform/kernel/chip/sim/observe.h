/* What the simulator shows to a checker, and asks it: its state, and a table of hooks.
 *
 * The checker reads all of this, writes sim_policy only, and may add points. The simulator runs
 * without one, too: then the cores take turns.
 */
#ifndef WEFT_SIM_OBSERVE_H
#define WEFT_SIM_OBSERVE_H

#include <inttypes.h>

#include "platform/kernel/chip/sim/context.h"
#include "platform/kernel/chip/sim/sim.h"
#include "platform/kernel/schedule.h"

enum { CORES = WEFT_CHIP_CORES };

/* The kinds of points (sim.h). */
enum { POINT_MASK, POINT_UNMASK, POINT_LOCK, POINT_ATOMIC, POINT_ACCESS, POINT_OTHER, POINTS };

/* Each may be NULL. None of them may call what has points. */
typedef struct weft_sim_hooks {
    /* Before the first step of a run: sets sim_policy. */
    void (*start)(void);

    /* The core that runs next, one of `awake`. must_leave: another one than sim.core, if any is. */
    unsigned (*choose_core)(uint32_t awake, bool must_leave);

    /* The kernel's lock is free, or is released next: what the kernel promises holds. */
    void (*lock_is_free)(void);

    /* All cores sleep. After this, time jumps to the next alarm or device. */
    void (*all_asleep)(void);

    /* The run has failed: prints what the checker knows. */
    void (*failed)(void);
} weft_sim_hooks;

typedef struct sim_policy {
    int32_t weights[POINTS];    /* how much of a turn each kind of point takes */
    uint32_t turn;              /* the most points in a turn */
    uint32_t step_ns;           /* the time between two points */
    uint32_t clock_ns;          /* the clock's resolution */
    uint32_t leap_one_in;       /* time leaps at one of this many points; 0 for never */
    uint32_t interrupt_one_in;  /* an interrupt comes after one of this many turns */
    uint32_t weak_fails_one_in; /* one of this many weak compare-and-exchanges fails */
    uint32_t swaps_of_4;        /* how many of 4 threads leave by a call, not an interrupt */
    unsigned alarm_core;        /* takes the alarm */
} sim_policy_values;

enum { SIM_LEAP_NS = 200000 }; /* the longest */

extern sim_policy_values sim_policy;

typedef struct sim_core {
    weft_sim_context *suspended; /* what it resumes, while another core runs */
    weft_sim_stack interrupt_stack, start_stack;
    bool started; /* takes part in the run */
    bool asleep;  /* sleeps until an interrupt is pending */
    bool masked;
    bool in_switch;      /* in the switch interrupt */
    bool switch_pending; /* the switch interrupt; the other interrupts: */
    bool call_pending;
    bool resume_only;  /* the switch interrupt has to resume the thread that was swapped to */
    unsigned in_isr;   /* how deep in interrupts */
    unsigned deferred; /* how often an interrupt that could come has been put off */
    uint64_t ran_at;   /* the step at which it was last resumed */
} sim_core;

typedef struct sim_spinlock {
    bool held;
    unsigned owner;
} sim_spinlock;

typedef struct sim_state {
    weft_sim_options options;
    weft_sim_hooks hooks;
    sim_core cores[CORES];
    unsigned core;      /* the one that runs */
    unsigned next_core; /* during a change of cores */
    bool running;
    int64_t points_left;   /* of the turn, after which there is a choice */
    int64_t points_passed; /* since the last choice */
    int64_t now_ns;        /* at the last choice */
    uint64_t step;         /* how many choices there were */
    uint64_t hash;
    int64_t alarm_ns; /* WEFT_FOREVER for none */
    bool alarm_pending;
    bool in_alarm;
    sim_spinlock kernel_lock, atomic_lock, park_lock;
    unsigned atomic_depth;
    unsigned park_round;       /* counts the calls of weft_chip_park_others */
    unsigned parked_in[CORES]; /* the round for which a core is parked; 0: it is not */
    const char *expected_panic;
} sim_state;

extern sim_state sim;

/* At the end of a turn. */
void sim_step(void);

/* Counts a point; whether the turn ends there. */
static inline bool sim_count_point(int kind) {
    sim.points_passed++;
    return (sim.points_left -= sim_policy.weights[kind]) <= 0;
}

static inline void sim_point(int kind) {
    if (sim_count_point(kind)) {
        sim_step();
    }
}

/* The next one of `cores`, in turn, after the one that runs. */
unsigned sim_next_core(uint32_t cores);

/* The kernel's clock, with the time of the turn so far. */
int64_t sim_now(void);

static inline void sim_hash(uint64_t value) {
    sim.hash = (sim.hash ^ value) * UINT64_C(0x100000001B3);
}

/* Never NULL. */
const char *sim_thread_name(const weft_kernel_thread *thread);

#define SIM_EXPECT(condition, ...) ((condition) ? (void)0 : weft_sim_fail(__VA_ARGS__))

#define SIM_EXPECT_OF(thread_, condition_, what_)                                                  \
    SIM_EXPECT(condition_, "thread %s: %s", sim_thread_name(thread_), what_)

#endif
