/* Steps over cores: pinning, stopping the others, parking, atomic sections. */
#include "program.h"

/* Cores */

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

void enter_atomic(const void *who, uint32_t *state) {
    *state = weft_kernel_begin_atomic();
    EXPECT(all.atomic_inside == NULL);
    all.atomic_inside = who;
    weft_sim_point();
}

void leave_atomic(const void *who, uint32_t state) {
    EXPECT(all.atomic_inside == who);
    all.atomic_inside = NULL;
    weft_kernel_end_atomic(state);
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

/* With interrupts masked a wait returns at once. */
void step_masked(worker *self) {
    uint32_t state;
    weft_word word = 0;
    enter_atomic(self, &state);
    EXPECT(weft_kernel_wait(&word, 0, WEFT_FOREVER) == WEFT_OK);
    leave_atomic(self, state);
}
