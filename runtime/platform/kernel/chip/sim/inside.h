/* Inside the simulator: its cores, and who does what.
 *
 *   sim.c         points, going from core to core, the clock, sleep, start-up
 *   lock.c        the spinlocks, atomic sections, parking
 *   interrupt.c   masking, interrupts, the switch interrupt, leaving a core by a call
 *   choose.c      the seed's choices
 *   context.c     changing stacks
 *   check.c       what must hold whenever the kernel's lock is free
 *   past.c        and what must not change
 *   seam.c        what platform.h promises, looked at from above
 *   watch.c       data races, in a build with WEFT_SIM_DEEP
 *   report.c      failures, names, the trace
 *
 * The stacks, from the outside: weft_sim_run is called on the native one. Each core starts on one
 * of the simulator's; the kernel's threads bring their own; the kernel gives one a core to
 * interrupts. A core that another one goes on instead of is `suspended` wherever it is.
 */
#ifndef WEFT_SIM_INSIDE_H
#define WEFT_SIM_INSIDE_H

#include <inttypes.h>

#include "platform/kernel/chip/sim/context.h"
#include "platform/kernel/chip/sim/sim.h"
#include "platform/kernel/schedule.h"

enum { CORES = WEFT_CHIP_CORES };

/* The kinds of points. */
enum { POINT_MASK, POINT_UNMASK, POINT_LOCK, POINT_ATOMIC, POINT_ACCESS, POINT_OTHER, POINTS };

typedef struct sim_core {
    weft_sim_context *suspended;
    weft_sim_stack interrupt_stack, start_stack;
    bool started; /* takes part */
    bool asleep;  /* until an interrupt is pending */
    bool masked;
    bool in_switch;    /* in the switch interrupt */
    unsigned in_isr;   /* how deep in interrupts */
    bool wants_switch; /* the switch interrupt is pending, and so are the others */
    bool goes_on;      /* it is to go on with what was swapped to */
    bool called;
    unsigned deferred; /* how often an interrupt that could come has been put off */
    uint64_t ran_at;   /* the step at which it last went on */
} sim_core;

typedef struct sim_spinlock {
    bool held;
    unsigned owner;
} sim_spinlock;

typedef struct sim_state {
    weft_sim_options options;
    sim_core cores[CORES];
    unsigned core; /* the one that runs */
    unsigned next; /* the one that goes on, in a change of cores */
    bool running;
    bool looking;   /* at the kernel: what is called for that has no points */
    int64_t left;   /* of the turn, after which there is a choice */
    int64_t passed; /* points since the last choice */
    int64_t now_ns; /* at the last choice */
    uint64_t step;  /* how many choices there were */
    uint64_t hash;
    int64_t alarm_ns; /* WEFT_FOREVER for none */
    bool alarm;       /* its interrupt is pending */
    bool in_alarm;    /* or runs */
    sim_spinlock kernel_lock, atomic_lock, park_lock;
    unsigned atomic_depth;
    unsigned parking;       /* the number of the last parking */
    unsigned parked[CORES]; /* the one for which a core stands still; 0: it does not */
    const char *expected_panic;
} sim_state;

extern sim_state sim;

/* sim.c */

static inline void sim_point(int kind);
void sim_step(void);

/* Lets another core go on, because this one waits for it. */
void sim_spin(const char *what, unsigned looks);

/* weft_kernel_next, with no points. */
const weft_kernel_thread *sim_next_thread(const weft_kernel_thread *after);

/* The kernel's clock with the part of a step that has passed. */
int64_t sim_now(void);

/* lock.c */

/* In an interrupt that another core has asked for: stands still if it wants that. */
void sim_stand_still_if_parked(void);

/* interrupt.c */

/* Whether an interrupt of this core is pending, whether or not it may come now. */
bool sim_is_pending(unsigned core);

/* Makes pending what has come due; the time at which the next is. */
void sim_look_at_clock(void);
int64_t sim_next_event_ns(void);

/* Takes interrupts, if they may come and the seed wants it; `must` leaves it no choice. */
void sim_maybe_interrupt(bool must);

/* choose.c */

typedef struct sim_ways {
    int way;                 /* of choosing the next core */
    int32_t weights[POINTS]; /* how much of a turn each kind of point takes */
    uint32_t most;           /* a turn's length */
    uint32_t step_ns;        /* the time between two points */
    uint32_t clock_ns;       /* what the clock goes on by at a time */
    uint32_t leaps;          /* a leap of time at one of so many points; 0 for never */
    uint32_t defers;         /* an interrupt comes after one of so many turns */
    uint32_t weak_failures;  /* of so many weak compare-and-exchanges one fails */
    uint32_t calls;          /* a core is left by a call in so many of 4 */
    uint32_t still;          /* for so many turns a core may stand still */
    unsigned alarm_core;     /* that takes the alarm */
    int priority[CORES];     /* where the way has such */
} sim_ways;

enum { SIM_LEAP_NS = 200000 }; /* the longest */

extern sim_ways sim_chosen;

void sim_choose_ways(void);
uint32_t sim_random(uint32_t limit);
unsigned sim_choose_core(uint32_t awake, bool must_leave);
int64_t sim_choose_turn(void);

/* check.c */

void sim_check(void);
void sim_check_idle(void);

/* Whether the core will look into the ready queue by itself. */
bool sim_will_switch(unsigned core);

/* past.c */

enum { SIM_MOST_COMPARED = 32 }; /* threads */

/* Under the kernel's lock, or while nobody has it. */
void sim_compare(void);

/* Forgets what was, because some looks were left out. */
void sim_compare_anew(void);

/* seam.c */

void sim_check_waits(void);
void sim_print_wait(const weft_kernel_thread *thread);

/* watch.c */

/* Those of a thread that was ended in the middle of an access. */
void sim_forget_watches(const weft_kernel_thread *ended);

/* report.c */

void sim_print_threads(void);
const char *sim_name_of(const void *address);

#define SIM_EXPECT(condition, ...) ((condition) ? (void)0 : weft_sim_fail(__VA_ARGS__))

#define SIM_EXPECT_OF(thread_, condition_, what_)                                                  \
    SIM_EXPECT(condition_, "thread %s: %s", (thread_)->name != NULL ? (thread_)->name : "?", what_)

static inline void sim_hash(uint64_t value) {
    sim.hash = (sim.hash ^ value) * UINT64_C(0x100000001B3);
}

static inline void sim_point(int kind) {
    sim.passed++;
    if ((sim.left -= sim_chosen.weights[kind]) <= 0) {
        sim_step();
    }
}

#endif
