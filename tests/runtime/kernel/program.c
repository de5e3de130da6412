/* Making and running a random program: see program.h. */
#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STACK_BYTES = 131072 };

program all;

static const struct {
    step *run;
    uint32_t weight;
} kinds[] = {
    {step_lock, 4},      {step_rlock, 2}, {step_units, 3},  {step_buffer, 4}, {step_flag, 3},
    {step_server, 4},    {step_sleep, 3}, {step_device, 4}, {step_word, 3},   {step_yield, 3},
    {step_compute, 2},   {step_pin, 3},   {step_child, 2},  {step_stop, 2},   {step_park, 1},
    {step_interrupt, 4}, {step_hold, 2},  {step_atomic, 2}, {step_masked, 2}, {step_weft_child, 2},
};

enum { KINDS = sizeof kinds / sizeof *kinds, WEFT_CHILD = KINDS - 1 };

/* What is random */

static uint64_t mix(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint32_t below(worker *self, uint32_t limit) {
    return (uint32_t)(mix(&self->random) >> 32) % limit;
}

void move(worker *self) {
    atomic_fetch_add(&self->moves, 1);
    switch (below(self, 8)) {
    case 0:
        weft_kernel_yield();
        break;
    case 1:
    case 2:
        for (uint32_t points = below(self, 30); points > 0; points--) {
            weft_sim_point();
            atomic_fetch_add(&self->moves, 1);
        }
        break;
    case 3:
        weft_sim_point();
        break;
    }
}

/* Often with others: then they come to the end of their waits in one interrupt. */
int64_t soon(worker *self, int64_t most_ns) {
    const int64_t grid_ns = 250 * US;
    int64_t deadline_ns = weft_clock_now() + below(self, (uint32_t)most_ns);
    return below(self, 2) ? deadline_ns : deadline_ns + grid_ns - deadline_ns % grid_ns;
}

int64_t some_deadline(worker *self, int64_t most_ns) {
    switch (below(self, 6)) {
    case 0:
        return 0;
    case 1:
    case 2:
        return WEFT_FOREVER;
    default:
        return soon(self, most_ns);
    }
}

bool was_interrupted(worker *self, weft_status status) {
    if (status != WEFT_INTERRUPTED) {
        return false;
    }
    EXPECT(!self->holds);
    EXPECT(atomic_load(&self->sent) > 0);
    return true;
}

void expect_soon(int64_t since_ns) {
    int64_t most_ns = 2 * (WORKERS_MOST + 4) * (2 * MS + checker_slack_ns());
    int64_t late_ns = weft_clock_now() - since_ns;
    if (late_ns > most_ns) {
        weft_sim_fail("something came %" PRId64 " us late", late_ns / US);
    }
}

/* Workers */

static void lock_workers(void) {
    while (weft_lock_acquire_until(&all.workers_lock, WEFT_FOREVER) != WEFT_OK) {
    }
}

worker *new_worker(weft_thread_entry entry, int steps, uint64_t lane) {
    int number = 0;
    lock_workers();
    while (number < WORKERS_MOST && all.workers[number].stack != NULL) {
        number++;
    }
    worker *self = number < WORKERS_MOST ? &all.workers[number] : NULL;
    if (self != NULL) {
        memset(self, 0, sizeof *self);
        self->stack = malloc(STACK_BYTES);
        EXPECT(self->stack != NULL);
    }
    weft_lock_release(&all.workers_lock);
    if (self == NULL) {
        return NULL;
    }
    snprintf(self->name, sizeof self->name, "w%d", number);
    self->number = number;
    self->random = lane * UINT64_C(0xD1342543DE82EF95) + 7;
    self->steps = steps;
    self->core = WEFT_KERNEL_ANY_CORE;
    self->magic = mix(&self->random) | 1;
    self->thread.name = self->name;
    self->entry = entry;
    checker_name(self, sizeof *self, self->name);
    return self;
}

void start_worker(worker *self) {
    weft_kernel_thread_start(&self->thread, self->entry, self, self->stack, STACK_BYTES);
    atomic_store(&self->started, 1);
}

static void await_worker(worker *self) {
    while (weft_event_wait_until(&self->ended, WEFT_FOREVER) != WEFT_OK) {
    }
}

void end_worker(worker *self) {
    await_worker(self);
    while (!weft_kernel_is_gone(&self->thread)) {
        weft_kernel_yield();
    }
    void *stack = self->stack;
    lock_workers();
    memset(self, 0, sizeof *self);
    weft_lock_release(&all.workers_lock);
    weft_sim_poison(stack, STACK_BYTES);
    free(stack);
}

static void one_step(worker *self) {
    EXPECT(weft_kernel_self() == &self->thread);
    EXPECT(weft_kernel_may_wait() && !weft_sim_in_interrupt());
    EXPECT(self->core == WEFT_KERNEL_ANY_CORE || self->core == (int)weft_sim_core());
    int64_t choice = below(self, all.weight);
    int kind = -1;
    while (choice >= 0) {
        choice -= all.weights[++kind];
    }
    self->depth++;
    kinds[kind].run(self);
    self->depth--;
}

void run_steps(worker *self) {
    while (self->steps > 0) {
        self->steps--;
        one_step(self);
        move(self);
    }
}

static void work(void *argument) {
    worker *self = argument;
    volatile uint64_t magic = self->magic; /* step_stop looks for it */
    run_steps(self);
    EXPECT(magic == self->magic);
    weft_event_set(&self->ended);
}

/* Programs */

/* Each program has more of some kinds of steps, and none of others. */
static void choose_kinds(uint64_t *random) {
    static const uint32_t more[] = {0, 0, 1, 1, 4};
    while (all.weight == 0) {
        for (int kind = 0; kind < KINDS; kind++) {
            bool may_be = kind != WEFT_CHILD || all.uses_weft_threads;
            all.weights[kind] = may_be ? kinds[kind].weight * more[mix(random) % 5] : 0;
            all.weight += all.weights[kind];
        }
    }
}

static void make_objects(void) {
    all.units = (weft_semaphore)WEFT_SEMAPHORE_INIT(UNITS, UNITS);
    all.requested = (weft_semaphore)WEFT_SEMAPHORE_INIT(0, WEFT_SEMAPHORE_LIMIT);
    checker_name(&all.locks, sizeof all.locks, "locks");
    checker_name(&all.rlock, sizeof all.rlock, "rlock");
    checker_name(&all.units, sizeof all.units, "units");
    checker_name(&all.buffer, sizeof all.buffer, "buffer");
    checker_name(&all.flag, sizeof all.flag, "flag");
    checker_name(&all.workers_lock, sizeof all.workers_lock, "workers_lock");
    checker_name(&all.requests_lock, sizeof all.requests_lock, "requests_lock");
    checker_name(&all.requested, sizeof all.requested, "requested");
}

static void start_all(uint64_t *random, worker **workers) {
    int steps = 1 + (int)(mix(random) % 12);
    for (int i = 0; i < all.count; i++) {
        workers[i] = new_worker(work, steps, mix(random));
    }
    for (int i = 0; i < all.count; i++) {
        start_worker(workers[i]);
    }
}

static void expect_alone(bool ended_well) {
    int others = 0;
    weft_kernel_stop_others();
    for (weft_kernel_thread *at = NULL; (at = weft_kernel_next(at)) != NULL;) {
        others += at != weft_kernel_self();
    }
    weft_kernel_resume_others();
    /* weft's own threads stay for a while. */
    EXPECT(others == 0 || (all.uses_weft_threads && ended_well));
    EXPECT(!ended_well || weft_thread_count() == 0);
}

/* When nobody else is ready there is no tick. */
static void expect_quiet(void) {
    weft_sleep_until(weft_clock_now() + 3 * MS + checker_slack_ns());
    uint32_t ticks = weft_kernel_counted.ticks;
    weft_sleep_until(weft_clock_now() + 5 * MS);
    EXPECT(ticks == weft_kernel_counted.ticks);
}

static worker *start_server(void) {
    worker *server = new_worker(serve, 0, 99);
    start_worker(server);
    return server;
}

static void run_to_the_end(uint64_t *random) {
    worker *workers[WORKERS_MOST];
    worker *server = start_server();
    start_all(random, workers);
    for (int i = 0; i < all.count; i++) {
        await_worker(workers[i]);
    }
    all.stopping = true;
    weft_semaphore_release(&all.requested, 1);
    await_worker(server);
    weft_sim_cancel_interrupts(); /* which use the memory of workers, that goes now */
    for (int i = 0; i < WORKERS_MOST; i++) {
        if (all.workers[i].stack != NULL) {
            end_worker(&all.workers[i]);
        }
    }
    EXPECT(weft_semaphore_count(&all.units) == UNITS && all.items == 0);
    expect_alone(true);
}

/* Ends all others in the middle of what they do. */
static void run_for_a_while(uint64_t *random) {
    worker *workers[WORKERS_MOST];
    start_server();
    start_all(random, workers);
    int64_t until_ns = weft_clock_now() + (int64_t)(mix(random) % (3 * MS));
    while (weft_clock_now() < until_ns) {
        if (mix(random) % 2 == 0) {
            weft_sim_point();
        } else {
            weft_sleep_until(weft_clock_now() + (int64_t)(mix(random) % (300 * US)));
        }
    }
    weft_kernel_stop_others();
    weft_sim_cancel_interrupts();
    uint32_t started = 0;
    for (weft_kernel_thread *at = NULL; (at = weft_kernel_next(at)) != NULL;) {
        started |= at != weft_kernel_self() ? 1u << ((worker *)at)->number : 0;
    }
    weft_kernel_end_others();
    weft_kernel_resume_others();
    for (int i = 0; i < WORKERS_MOST; i++) {
        worker *at = &all.workers[i];
        EXPECT(!(started & (1u << i)) || weft_kernel_is_gone(&at->thread));
        if (at->stack != NULL) {
            weft_sim_poison(at->stack, STACK_BYTES);
            free(at->stack);
        }
    }
    expect_alone(false);
}

void run_program(void *seed) {
    uint64_t random = *(const uint64_t *)seed * UINT64_C(0xA0761D6478BD642F) + 3;
    int parts = 1 + (int)(mix(&random) % 2);
    for (int part = 0; part < parts; part++) {
        bool last = part + 1 == parts;
        memset(&all, 0, sizeof all);
        all.count = 1 + (int)(mix(&random) % (WORKERS_MOST - 2));
        all.uses_weft_threads = last && mix(&random) % 2 == 0;
        choose_kinds(&random);
        make_objects();
        if (last) {
            run_to_the_end(&random);
        } else {
            run_for_a_while(&random);
        }
    }
    expect_quiet();
}
