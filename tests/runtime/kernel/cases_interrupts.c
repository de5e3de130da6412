/* Cases: tries and waits in an interrupt, and with interrupts masked. */
#include "cases.h"

static weft_event never_set;
static weft_lock taken;
static weft_semaphore none = WEFT_SEMAPHORE_INIT(0, 1);
static _Atomic(bool) interrupt_over;

static int64_t passed(void) {
    return weft_clock_deadline(0);
}

static void try_everything(void) {
    EXPECT(weft_event_wait_until(&never_set, passed()) == WEFT_TIMEDOUT);
    uint32_t observation = weft_event_observe(&never_set);
    EXPECT(weft_event_resume_until(&never_set, observation, passed()) == WEFT_TIMEDOUT);
    EXPECT(weft_lock_acquire_until(&taken, passed()) == WEFT_TIMEDOUT);
    EXPECT(weft_semaphore_acquire_until(&none, passed()) == WEFT_TIMEDOUT);
    weft_word word = 0;
    EXPECT(weft_kernel_wait(&word, 1, WEFT_FOREVER) == WEFT_OK);
    EXPECT(weft_kernel_wait(&word, 0, passed()) == WEFT_TIMEDOUT);
}

static void try_in_interrupt(void *argument) {
    (void)argument;
    try_everything();
    atomic_store(&interrupt_over, true);
}

static void await_interrupt(void (*handler)(void *)) {
    atomic_store(&interrupt_over, false);
    weft_sim_interrupt_at(weft_clock_now() + 20 * US, handler, NULL);
    while (!atomic_load(&interrupt_over)) {
        weft_sleep_until(weft_clock_now() + 10 * US);
    }
}

void a_try_in_an_interrupt_answers(void) {
    EXPECT(weft_lock_try(&taken));
    for (int round = 0; round < 5; round++) {
        await_interrupt(try_in_interrupt);
    }
    weft_lock_release(&taken);
}

/* An event that is set from another core ends it, else the deadline does. */
void a_wait_with_interrupts_masked_ends_at_its_deadline(void) {
    uint32_t state = weft_kernel_begin_atomic();
    int64_t deadline_ns = weft_clock_deadline(20 * US);
    EXPECT(weft_event_wait_until(&never_set, deadline_ns) == WEFT_TIMEDOUT);
    EXPECT(weft_clock_now() >= deadline_ns);
    weft_kernel_end_atomic(state);
}

static void wait_in_interrupt(void *argument) {
    (void)argument;
    weft_event_wait_until(&never_set, WEFT_FOREVER);
}

void a_wait_in_an_interrupt_is_misuse(void) {
    await_interrupt(wait_in_interrupt);
}
