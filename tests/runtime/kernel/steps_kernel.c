/* Steps over what weft_kernel.h has, sleep and interrupts of devices. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

/* ---- Time -------------------------------------------------------------------------------------
 */

void step_sleep(worker *self) {
    int64_t deadline_ns = soon(self, below(self, 2) ? 100 * US : 3 * MS);
    weft_status status;
    do {
        status = weft_sleep_until(deadline_ns);
    } while (goes_on(self, status));
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

/* ---- Interrupts of devices --------------------------------------------------------------------
 */

static void enter_atomic(const void *who, uint32_t *state) {
    *state = weft_kernel_begin_atomic();
    EXPECT(all.atomic_inside == NULL);
    all.atomic_inside = who;
    weft_sim_point();
}

static void leave_atomic(const void *who, uint32_t state) {
    EXPECT(all.atomic_inside == who);
    all.atomic_inside = NULL;
    weft_kernel_end_atomic(state);
}

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
    } while (goes_on(self, status) || status == WEFT_TIMEDOUT);
    expect_soon(own.came_ns);
}

void step_word(worker *self) {
    device own = new_device(self);
    weft_sim_interrupt_at(soon(self, 800 * US), wake_word, &own);
    while (atomic_load(&own.word) == 0) {
        int64_t deadline_ns = some_deadline(self, 800 * US);
        weft_status status = weft_kernel_wait(&own.word, 0, deadline_ns);
        EXPECT(status != WEFT_TIMEDOUT || weft_clock_now() >= deadline_ns);
        goes_on(self, status);
    }
    expect_soon(own.came_ns);
}

/* ---- Interrupting waits -----------------------------------------------------------------------
 */

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

/* ---- Cores ------------------------------------------------------------------------------------
 */

void step_pin(worker *self) {
    int before = self->core;
    int core = below(self, 3) == 0 ? WEFT_KERNEL_ANY_CORE : (int)below(self, CORES);
    self->core = WEFT_KERNEL_ANY_CORE;
    EXPECT(weft_kernel_pin(core) == before);
    self->core = core;
    EXPECT(core == WEFT_KERNEL_ANY_CORE || core == (int)weft_sim_core());
}

/* What the others have done so far. */
static uint64_t moves_of_others(const worker *self) {
    uint64_t moves = 0;
    for (int i = 0; i < WORKERS_MOST; i++) {
        moves += &all.workers[i] != self ? atomic_load(&all.workers[i].moves) : 0;
    }
    return moves;
}

static uint64_t interrupts_of_others(void) {
    uint64_t interrupts = 0;
    for (unsigned core = 0; core < CORES; core++) {
        interrupts += core != weft_sim_core() ? atomic_load(&all.interrupts[core]) : 0;
    }
    return interrupts;
}

/* Sanitizers would see here that this reads what others are in the middle of. */
#define AS_A_COLLECTOR __attribute__((noinline, no_sanitize_address, no_sanitize_thread))

AS_A_COLLECTOR static bool has_on_stack(const weft_kernel_thread *thread, uint64_t magic) {
    void *from, *to;
    weft_kernel_stack_in_use(thread, &from, &to);
    EXPECT((char *)from >= (char *)thread->stack_low && from < to);
    for (const uint64_t *at = from; (const void *)at < to; at++) {
        if (*at == magic) {
            return true;
        }
    }
    return false;
}

AS_A_COLLECTOR static void look_at_stopped(const worker *self) {
    for (weft_kernel_thread *at = NULL; (at = weft_kernel_next(at)) != NULL;) {
        for (int i = 0; i < WORKERS_MOST; i++) {
            const worker *other = &all.workers[i];
            if (at == &other->thread && other != self && other->moves > 0 && other->steps > 0) {
                EXPECT(has_on_stack(at, other->magic));
            }
        }
    }
}

/* A collector of garbage: nobody moves, and what they have is found. */
void step_stop(worker *self) {
    int times = 1 + (int)below(self, 2);
    for (int i = 0; i < times; i++) {
        weft_kernel_stop_others();
    }
    uint64_t moves = moves_of_others(self);
    for (uint32_t points = below(self, 60); points > 0; points--) {
        weft_sim_point();
    }
    look_at_stopped(self);
    EXPECT(moves == moves_of_others(self));
    for (int i = 0; i < times; i++) {
        weft_kernel_resume_others();
    }
}

/* A write to the flash: besides, no other core takes an interrupt. */
void step_park(worker *self) {
    if (atomic_exchange(&all.parks, true)) {
        return;
    }
    weft_kernel_park_cores();
    uint64_t moves = moves_of_others(self), interrupts = interrupts_of_others();
    for (uint32_t points = below(self, 60); points > 0; points--) {
        weft_sim_point();
    }
    EXPECT(moves == moves_of_others(self) && interrupts == interrupts_of_others());
    weft_kernel_unpark_cores();
    atomic_store(&all.parks, false);
}

void step_atomic(worker *self) {
    uint32_t state, inner;
    enter_atomic(self, &state);
    unsigned core = weft_sim_core();
    if (below(self, 2) == 0) {
        inner = weft_kernel_begin_atomic();
        weft_sim_point();
        weft_kernel_end_atomic(inner);
    }
    if (below(self, 2) == 0) {
        weft_event_set_from_isr(&all.flag);
    }
    EXPECT(core == weft_sim_core() && !weft_kernel_may_wait());
    leave_atomic(self, state);
}

/* With interrupts masked a wait returns at once, and a yield does nothing. */
void step_masked(worker *self) {
    uint32_t state;
    weft_word word = 0;
    enter_atomic(self, &state);
    EXPECT(weft_kernel_wait(&word, 0, WEFT_FOREVER) == WEFT_OK);
    weft_kernel_yield();
    leave_atomic(self, state);
}

/* ---- Threads ----------------------------------------------------------------------------------
 */

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
    } while (goes_on(self, status) || status == WEFT_TIMEDOUT);
    EXPECT(!weft_thread_is_alive(thread) && atomic_load(&child.ran) == 1);
    weft_thread_release(thread);
}
