/* The interpreter's lock.
 *
 * What always holds: one thread has it or nobody; whoever waits gets it in the order of asking, by
 * being handed it, so nobody can take it in between and nobody starves. The holder gives it up when
 * it blocks, or at a branch of its bytecode after a slice, if somebody waits. Slices are measured
 * by those who wait: without them no clock is read.
 *
 * All but `wanted` is changed in an atomic section only. Waits for the lock are not interrupted:
 * Ctrl-C is for the wait that the program made. A thread that has it to come goes to the front.
 */
#include "port.h"

#define SLICE_NS 4000000

typedef struct waiter {
    struct waiter *next;
    port_thread *thread;
    weft_word granted; /* partner of its release: the acquire in wait_for_turn */
} waiter;

struct _mp_state_thread_t *volatile weft_port_state;
volatile bool weft_gil_wanted; /* a hint: the holder's slice is over */

static port_thread *holder;
static waiter *first, *last;
static int64_t slice_end; /* while somebody waits */

void weft_gil_init(void) {
    holder = NULL;
    first = last = NULL;
    weft_gil_wanted = false;
}

/* The caller is the only thread that is left and has the lock: forgets those who waited. */
void weft_gil_forget_waiters(void) {
    first = last = NULL;
    weft_gil_wanted = false;
}

bool weft_gil_is_held(void) {
    return holder == port_self();
}

static void enqueue(waiter *own, bool in_front) {
    if (first == NULL) {
        first = last = own;
        slice_end = weft_clock_deadline(SLICE_NS);
    } else if (in_front) {
        own->next = first;
        first = own;
    } else {
        last->next = own;
        last = own;
    }
}

/* Only who is first measures the slice: whoever hands the lock over wakes the next first one for
 * it. */
static void wait_for_turn(waiter *own) {
    weft_status status = WEFT_OK;
    int64_t deadline = WEFT_FOREVER;
    bool held = weft_kernel_hold_interrupts(true);
    while (atomic_load_explicit(&own->granted, memory_order_acquire) == 0) {
        uint32_t state = weft_kernel_begin_atomic();
        bool over = status == WEFT_TIMEDOUT && slice_end <= deadline;
        weft_gil_wanted |= over;
        deadline = first == own && !weft_gil_wanted ? slice_end : WEFT_FOREVER;
        weft_kernel_end_atomic(state);
        status = weft_kernel_wait(&own->granted, 0, deadline);
    }
    weft_kernel_hold_interrupts(held);
}

void weft_gil_enter(void) {
    port_thread *self = port_self();
    waiter own = {.thread = self};
    uint32_t state = weft_kernel_begin_atomic();
    bool is_free = holder == NULL;
    if (is_free) {
        holder = self;
    } else if (holder != self) {
        enqueue(&own, self == &weft_port_main && MP_STATE_MAIN_THREAD(mp_pending_exception));
    }
    bool waits = holder != self;
    weft_kernel_end_atomic(state);
    if (waits) {
        wait_for_turn(&own);
    }
    weft_port_state = self->state;
}

void weft_gil_exit(void) {
    uint32_t state = weft_kernel_begin_atomic();
    waiter *next = first;
    holder = NULL;
    weft_gil_wanted = false;
    if (next != NULL) {
        holder = next->thread;
        first = next->next;
        if (first != NULL) {
            slice_end = weft_clock_deadline(SLICE_NS);
            weft_kernel_wake_from_isr(&first->granted);
        }
        atomic_store_explicit(&next->granted, 1, memory_order_release);
        weft_kernel_wake_from_isr(&next->granted);
    }
    weft_kernel_end_atomic(state);
}

void weft_gil_hurry_from_isr(port_thread *thread) {
    uint32_t state = weft_kernel_begin_atomic();
    waiter *before = NULL, *at = first;
    while (at != NULL && at->thread != thread) {
        before = at;
        at = at->next;
    }
    if (at != NULL) {
        if (before != NULL) {
            before->next = at->next;
            last = last == at ? before : last;
            at->next = first;
            first = at;
        }
        weft_gil_wanted = true;
    }
    weft_kernel_end_atomic(state);
}

void weft_gil_pass_on(void) {
    if (weft_kernel_may_wait()) {
        weft_gil_exit();
        weft_gil_enter();
    }
}
