/* Steps over time, interrupts of devices and of waits, and threads. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

/* Time */

void step_sleep(worker *self) {
    int64_t deadline_ns = soon(self, below(self, 2) ? 100 * US : 3 * MS);
    weft_status status;
    do {
        status = weft_sleep_until(deadline_ns);
    } while (was_interrupted(self, status));
    EXPECT(status == WEFT_OK && weft_clock_now() >= deadline_ns);
    expect_soon(deadline_ns);
}

void step_yield(worker *self) {
    (void)self;
    weft_kernel_yield();
}

void step_compute(worker *self) {
    int64_t until_ns = weft_clock_now() + below(self, below(self, 4) == 0 ? 10000000 : 1000000);
    while (weft_clock_now() < until_ns) {
        atomic_fetch_add(&self->moves, 1);
        weft_sim_point();
    }
}

/* Interrupts of devices */

/* What an interrupt does; it lies on the stack of whoever waits for it. */
typedef struct {
    weft_event event;
    weft_word word;
    int64_t came_ns;
    bool atomic, parks;
} device;

static void look_at_interrupt(const device *self) {
    EXPECT(weft_sim_in_interrupt() && !weft_kernel_may_wait());
    atomic_fetch_add(&all.interrupts[weft_sim_core()], 1);
    if (self->parks) {
        weft_kernel_park_from_isr();
        weft_sim_point();
        weft_kernel_unpark_from_isr();
        atomic_store(&all.parks, false);
    }
}

static void set_event(void *argument) {
    device *self = argument;
    uint32_t state = 0;
    bool atomic = self->atomic;
    look_at_interrupt(self);
    if (atomic) {
        enter_atomic(self, &state);
    }
    self->came_ns = weft_clock_now();
    if (atomic) {
        all.atomic_inside = NULL; /* before the event, after which `self` may be gone */
        weft_event_set_from_isr(&self->event);
        weft_kernel_end_atomic(state);
    } else {
        weft_event_set_from_isr(&self->event);
    }
}

static void wake_word(void *argument) {
    device *self = argument;
    look_at_interrupt(self);
    self->came_ns = weft_clock_now();
    weft_word *word = &self->word;
    atomic_store(word, 1);
    weft_kernel_wake_from_isr(word);
}

static device new_device(worker *self) {
    device new = {.event = WEFT_EVENT_INIT, .atomic = below(self, 4) == 0};
    if (below(self, 10) == 0) {
        new.parks = !atomic_exchange(&all.parks, true);
    }
    return new;
}

void step_device(worker *self) {
    device own = new_device(self);
    weft_sim_interrupt_at(soon(self, 800 * US), set_event, &own);
    move(self);
    weft_status status;
    do {
        int64_t deadline_ns = some_deadline(self, 800 * US);
        status = weft_event_wait_until(&own.event, deadline_ns);
        EXPECT(status != WEFT_TIMEDOUT || weft_clock_now() >= deadline_ns);
    } while (was_interrupted(self, status) || status == WEFT_TIMEDOUT);
    expect_soon(own.came_ns);
}

void step_word(worker *self) {
    device own = new_device(self);
    weft_sim_interrupt_at(soon(self, 800 * US), wake_word, &own);
    while (atomic_load(&own.word) == 0) {
        int64_t deadline_ns = some_deadline(self, 800 * US);
        weft_status status = weft_kernel_wait(&own.word, 0, deadline_ns);
        EXPECT(status != WEFT_TIMEDOUT || weft_clock_now() >= deadline_ns);
        was_interrupted(self, status);
    }
    expect_soon(own.came_ns);
}

/* Interrupting waits */

static void interrupt(worker *victim) {
    if (atomic_load(&victim->started)) {
        atomic_fetch_add(&victim->sent, 1);
        weft_kernel_interrupt(&victim->thread);
        atomic_fetch_add(&victim->delivered, 1);
    }
}

static void interrupt_from_isr(void *victim) {
    atomic_fetch_add(&all.interrupts[weft_sim_core()], 1);
    interrupt(victim);
}

void step_interrupt(worker *self) {
    worker *victim = &all.workers[below(self, (uint32_t)all.count + 1)];
    if (below(self, 2) == 0) {
        interrupt(victim);
    } else {
        weft_sim_interrupt_at(soon(self, 500 * US), interrupt_from_isr, victim);
    }
}

/* An interrupt that comes while they are held stays for later. */
void step_hold(worker *self) {
    uint32_t begun = atomic_load(&self->sent);
    bool held = weft_kernel_hold_interrupts(true);
    EXPECT(held == self->holds);
    self->holds = true;
    EXPECT(weft_sleep_until(weft_clock_now() + below(self, 500000)) == WEFT_OK);
    uint32_t delivered = atomic_load(&self->delivered);
    weft_kernel_hold_interrupts(held);
    self->holds = held;
    if (!held && delivered > begun) {
        EXPECT(weft_sleep_until(weft_clock_now() + 10 * MS) == WEFT_INTERRUPTED);
    }
}

/* Threads */

static void work_as_child(void *argument) {
    worker *self = argument;
    volatile uint64_t magic = self->magic;
    run_steps(self);
    EXPECT(magic == self->magic);
    weft_event_set(&self->ended);
    if (below(self, 2) == 0) {
        weft_kernel_thread_exit();
    }
}

void step_child(worker *self) {
    if (self->depth > 1) {
        return;
    }
    int steps = 1 + (int)below(self, 3);
    worker *child = new_worker(work_as_child, steps, below(self, UINT32_MAX));
    if (child == NULL) {
        return;
    }
    child->depth = 1;
    start_worker(child);
    move(self);
    end_worker(child);
}

typedef struct {
    worker *parent;
    weft_word ran;
} weft_child;

static void work_as_weft_child(void *argument) {
    weft_child *child = argument;
    weft_kernel_yield();
    weft_sleep_until(weft_clock_now() + 50 * US);
    atomic_store(&child->ran, 1);
}

void step_weft_child(worker *self) {
    weft_child child = {self, 0};
    weft_thread *thread = NULL;
    weft_thread_options options = {.name = "child", .stack_bytes = 65536 + 4096 * below(self, 3)};
    EXPECT(weft_thread_start(&thread, work_as_weft_child, &child, &options) == WEFT_OK);
    weft_status status;
    do {
        int64_t deadline_ns = some_deadline(self, 500 * US);
        status = weft_thread_join_until(thread, deadline_ns);
        EXPECT(status != WEFT_TIMEDOUT || weft_clock_now() >= deadline_ns);
    } while (was_interrupted(self, status) || status == WEFT_TIMEDOUT);
    EXPECT(!weft_thread_is_alive(thread) && atomic_load(&child.ran) == 1);
    weft_thread_release(thread);
}
