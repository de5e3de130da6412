/* Random programs for the kernel on the simulator (runtime/platform/kernel/chip/sim).
 *
 * A seed makes a program: some workers, each of which does random steps one after the other, over
 * objects that all share. Whatever the interleaving, a program comes to its end: a step waits only
 * for what is sure to come (from an interrupt, from a server that waits for nothing else, from
 * whoever is inside a lock), and holds what others want only for a while.
 *
 * Each step knows what must hold and says so with EXPECT; the simulator looks at the kernel
 * besides.
 */
#ifndef WEFT_TESTS_PROGRAM_H
#define WEFT_TESTS_PROGRAM_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checker/checker.h"
#include "platform/kernel/chip/sim/sim.h"
#include "weft_kernel.h"

enum { WORKERS_MOST = 6, LOCKS = 2, ROOM = 2, UNITS = 2, CORES = WEFT_SIM_CORES };

#define EXPECT(condition)                                                                          \
    ((condition) ? (void)0 : weft_sim_fail("%s:%d: expected %s", __FILE__, __LINE__, #condition))

#define US INT64_C(1000)
#define MS INT64_C(1000000)

typedef struct worker {
    weft_kernel_thread thread; /* first */
    weft_thread_entry entry;
    void *stack;
    char name[8];
    int number;
    uint64_t random;         /* of this worker only: its steps do not depend on the interleaving */
    int steps;               /* that are left */
    int depth;               /* of steps inside steps */
    int core;                /* that it is pinned to, or WEFT_KERNEL_ANY_CORE */
    bool holds;              /* interrupts of its waits */
    uint64_t magic;          /* lies on its stack while it runs */
    weft_event ended;        /* set by its last step */
    _Atomic(uint64_t) moves; /* counts what it does: others see whether it stands still */
    weft_word started;       /* may be interrupted */
    weft_word sent;          /* interrupts of its waits that were begun, and that are done */
    weft_word delivered;
    weft_word last_set; /* of the flag: the number of its last set, and when that was done */
    _Atomic(int64_t) last_set_ns;
} worker;

/* What all workers share. */
typedef struct program {
    worker workers[WORKERS_MOST];
    weft_lock workers_lock; /* guards whose memory is in use: that which has a stack */
    int count;
    uint32_t weights[32]; /* of each kind of step, */
    uint32_t weight;      /* and of all */
    bool uses_weft_threads;
    bool stopping; /* the server has to end */

    weft_lock locks[LOCKS];
    const worker *inside[LOCKS]; /* guarded by the lock, and not atomic on purpose */

    weft_rlock rlock;
    const worker *owner; /* guarded by rlock */

    weft_semaphore units;
    _Atomic(int) taken; /* of the units */

    weft_lock buffer;
    weft_condition room, goods;
    int items; /* guarded by buffer */

    weft_event flag;
    weft_word flag_sets; /* begun */

    weft_lock requests_lock;
    struct request *requests; /* guarded by requests_lock */
    weft_semaphore requested;

    const void *atomic_inside;           /* who is in an atomic section */
    _Atomic(bool) parks;                 /* somebody parks cores, or is to do it in an interrupt */
    _Atomic(uint64_t) interrupts[CORES]; /* of devices that ran there */
} program;

extern program all;

/* program.c */

void run_program(void *seed);

worker *new_worker(weft_thread_entry entry, int steps, uint64_t lane);
void start_worker(worker *self);
void end_worker(worker *self); /* waits until it is gone, and takes its memory back */
void run_steps(worker *self);

uint32_t below(worker *self, uint32_t limit);

/* A worker does something that others may see, or lets others run, or nothing. */
void move(worker *self);

/* A deadline that is soon; or that, or for ever, or past. */
int64_t soon(worker *self, int64_t most_ns);
int64_t some_deadline(worker *self, int64_t most_ns);

/* Whether a wait has to go on: it was interrupted, as it may be. */
bool was_interrupted(worker *self, weft_status status);

/* Checks that something was not too late, as far as round robin promises it. */
void expect_soon(int64_t since_ns);

/* steps_cores.c: an atomic section, in which nobody else is. */
void enter_atomic(const void *who, uint32_t *state);
void leave_atomic(const void *who, uint32_t state);

/* steps_sync.c, steps_kernel.c and steps_cores.c */

typedef void step(worker *self);

step step_lock, step_rlock, step_units, step_buffer, step_flag, step_server;
step step_sleep, step_device, step_word, step_yield, step_compute, step_pin, step_child,
    step_weft_child, step_stop, step_park, step_interrupt, step_hold, step_atomic, step_masked;

void serve(void *server);

#endif
