/* The interpreter's lock.
 *
 * What always holds: at most one thread has the lock. The holder hands the lock to a waiter, so no
 * other thread can take it in between. The holder gives the lock up when it blocks, or at a branch
 * of its bytecode after a slice, if another thread waits. The waiters measure slices: without a
 * waiter no clock is read.
 *
 * Threads that come back from a wait go before threads that have used up a slice: what they waited
 * for has happened, and they mostly wait again soon. But only a few go in a row, so nobody starves.
 * Within each kind the order is first come, first served.
 *
 * The main thread goes before all of them if a callback or an exception is pending: it gets the
 * lock at the holder's next branch. Then its slice is short: callbacks that come every millisecond
 * leave half of the time or more to the others. The main thread has a whole slice once each of the
 * others has had two turns: so its program goes on however often callbacks come. A callback that
 * comes at the end of the main thread's slice runs before the lock is passed on. While a callback
 * waits (for a lock, say), the slices of the others are short too: one of them has to run to end
 * the wait. Then the callback goes on at once.
 *
 * In a collection of garbage the lock does not change hands. All data but `wanted` are changed in
 * an atomic section only. A wait for the lock is not interrupted: Ctrl-C is for the wait that the
 * program made.
 */
#include "port.h"

#define SLICE_NS 4000000
#define URGENT_SLICE_NS 500000

enum { MOST_IN_A_ROW = 4 };

/* Values of `told`; a waiter waits for a change. Others change it in an atomic section, and the
 * waiter looks around in one: so the waiter misses nothing that happens before its wait begins. */
enum { TOLD_NOTHING, LOOK_AGAIN, GRANTED };

typedef struct waiter {
    struct waiter *next;
    port_thread *thread;
    weft_word told; /* partners: the release in tell, the acquire in wait_for_turn */
} waiter;

typedef struct {
    waiter *first, *last; /* last counts only if there is a first */
} queue;

struct _mp_state_thread_t *volatile weft_port_state;
volatile bool weft_gil_wanted; /* a hint: the holder's slice is over */

static port_thread *holder;
static queue urgent, after_wait, after_slice; /* in `urgent`, the main thread or nobody */
static bool callback_waits;
static uint32_t waiting;         /* in all queues */
static uint32_t turns_of_others; /* since the main thread's last whole slice */
static uint32_t in_a_row;        /* from after_wait, while others were in after_slice */
static int64_t slice_end;        /* while somebody waits */

void weft_gil_init(void) {
    holder = NULL;
    weft_gil_forget_waiters();
}

void weft_gil_stop_others(void) {
    weft_kernel_stop_others();
}

/* The caller is the only thread that is left. It has the lock, or nobody has. */
void weft_gil_forget_waiters(void) {
    urgent.first = after_wait.first = after_slice.first = NULL;
    callback_waits = false;
    waiting = 0;
    weft_gil_wanted = false;
}

bool weft_gil_is_held(void) {
    return holder == port_self();
}

/* The queue that has the next holder as its first; empty if nobody waits. */
static queue *next_queue(void) {
    if (urgent.first != NULL) {
        return &urgent;
    }
    bool slice_over_first =
        after_slice.first != NULL && (after_wait.first == NULL || in_a_row >= MOST_IN_A_ROW);
    return slice_over_first ? &after_slice : &after_wait;
}

static void append(queue *to, waiter *own) {
    if (to->first == NULL) {
        to->first = own;
    } else {
        to->last->next = own;
    }
    to->last = own;
}

static void tell(waiter *whom, uint32_t what) {
    atomic_store_explicit(&whom->told, what, memory_order_release);
    weft_kernel_wake_from_isr(&whom->told);
}

/* Takes a thread out of a queue; NULL if it is not there. */
static waiter *take_out(queue *from, const port_thread *thread) {
    waiter *before = NULL, *at = from->first;
    while (at != NULL && at->thread != thread) {
        before = at;
        at = at->next;
    }
    if (at != NULL && before == NULL) {
        from->first = at->next;
    } else if (at != NULL) {
        before->next = at->next;
        from->last = from->last == at ? before : from->last;
    }
    return at;
}

/* Only the next holder measures the slice. The thread that hands the lock over tells it to look. */
static void wait_for_turn(waiter *own) {
    weft_status status = WEFT_OK;
    int64_t deadline = WEFT_FOREVER;
    bool held = weft_kernel_hold_interrupts(true);
    while (atomic_load_explicit(&own->told, memory_order_acquire) != GRANTED) {
        uint32_t state = weft_kernel_begin_atomic();
        if (atomic_load_explicit(&own->told, memory_order_relaxed) == LOOK_AGAIN) {
            atomic_store_explicit(&own->told, TOLD_NOTHING, memory_order_relaxed);
        }
        bool over = status == WEFT_TIMEDOUT && slice_end <= deadline;
        weft_gil_wanted |= over;
        bool measures = next_queue()->first == own && !weft_gil_wanted;
        deadline = measures ? slice_end : WEFT_FOREVER;
        weft_kernel_end_atomic(state);
        status = weft_kernel_wait(&own->told, TOLD_NOTHING, deadline);
    }
    weft_kernel_hold_interrupts(held);
}

/* Whether the main thread has something to do that can't wait for its turn. */
static bool main_is_urgent(void) {
    return MP_STATE_MAIN_THREAD(mp_pending_exception) != MP_OBJ_NULL ||
           MP_STATE_VM(sched_state) == MP_SCHED_PENDING;
}

/* Whether the main thread runs a callback, or keeps callbacks out for a few statements. */
static bool main_is_in_callback(void) {
    return MP_STATE_VM(sched_state) < 0;
}

static void enter(queue *way) {
    port_thread *self = port_self();
    waiter own = {.thread = self};
    uint32_t state = weft_kernel_begin_atomic();
    bool waits = holder != NULL && holder != self;
    callback_waits = callback_waits && self != &weft_port_main;
    if (!waits) {
        holder = self;
    } else {
        if (next_queue()->first == NULL) {
            slice_end = weft_clock_deadline(SLICE_NS);
        }
        bool is_urgent = self == &weft_port_main &&
                         (main_is_urgent() || (way == &after_wait && main_is_in_callback()));
        append(is_urgent ? &urgent : way, &own);
        waiting++;
        weft_gil_wanted |= is_urgent;
    }
    weft_kernel_end_atomic(state);
    if (waits) {
        wait_for_turn(&own);
    }
    weft_port_state = self->kernel.owner;
}

void weft_gil_enter(void) {
    enter(&after_wait);
}

static void leave(bool to_wait) {
    /* In a collection only finalisers get here. Another thread would find half of the heap swept.
     * So a finaliser waits with the lock held; to enter the lock again changes nothing. */
    if (MP_STATE_THREAD(gc_lock_depth) & GC_COLLECT_FLAG) {
        return;
    }
    uint32_t state = weft_kernel_begin_atomic();
    queue *from = next_queue();
    waiter *next = from->first;
    callback_waits |= to_wait && holder == &weft_port_main && main_is_in_callback();
    holder = NULL;
    weft_gil_wanted = false;
    if (next != NULL) {
        holder = next->thread;
        from->first = next->next;
        waiting--;
        if (from != &urgent) {
            in_a_row = from == &after_wait && after_slice.first != NULL ? in_a_row + 1 : 0;
        }
        bool is_short = callback_waits || (from == &urgent && turns_of_others < 2 * waiting);
        if (holder != &weft_port_main) {
            turns_of_others++;
        } else if (!is_short) {
            turns_of_others = 0;
        }
        waiter *after_that = next_queue()->first;
        if (after_that != NULL) {
            slice_end = weft_clock_deadline(is_short ? URGENT_SLICE_NS : SLICE_NS);
            tell(after_that, LOOK_AGAIN);
        }
        tell(next, GRANTED);
    }
    weft_kernel_end_atomic(state);
}

void weft_gil_exit(void) {
    leave(true);
}

void weft_gil_hurry_main_from_isr(void) {
    uint32_t state = weft_kernel_begin_atomic();
    waiter *own = take_out(&after_wait, &weft_port_main);
    if (own == NULL) {
        own = take_out(&after_slice, &weft_port_main);
    }
    if (own != NULL) {
        own->next = NULL;
        append(&urgent, own);
        weft_gil_wanted = true;
    }
    weft_kernel_end_atomic(state);
}

void weft_gil_pass_on(void) {
    static bool put_off;
    put_off = !put_off && port_self() == &weft_port_main && main_is_urgent();
    if (put_off) {
        return; /* else the main thread comes back at once, and the next one loses its slice */
    }
    if (weft_kernel_may_wait()) {
        leave(false);
        enter(&after_slice); /* returns at once if leave() kept the lock */
    }
}
