/* Waiting for the locks of the parallel interpreter, and giving C up for a wait.
 *
 * A waiter stands in the lock's queue. The thread that frees the lock tells the first waiter to
 * look, once. Any thread may take the lock before that waiter comes: otherwise each would have to
 * wait for a switch of threads. But a waiter that looks in vain for PATIENCE_NS is given the lock:
 * the thread that frees it takes it again for that waiter. So nobody starves, and this is rare.
 *
 * Why no wake-up is lost: the first waiter LOOKS, or it WAITS and a call is set. A waiter sets the
 * call and then tries the lock; a thread frees the lock and then looks for a call. A wait for a
 * lock is not interrupted: Ctrl-C is for the wait that the program made.
 */
#include "operations.h"
#include "port.h"

enum { SPINS = 1000 }; /* about 60 us: longer than most C functions */
#define PATIENCE_NS 2000000

enum { WAITS, LOOKS, HAS_IT };

typedef struct waiter {
    struct waiter *next;
    int64_t patient_until;
    weft_word told; /* changed in atomic sections; kernel_wait looks at it */
} waiter;

/* Guarded by atomic sections. */
static struct {
    waiter *first, *last; /* last counts only if there is a first */
} queues[WEFT_INTERP_LOCKS];

weft_interp_word weft_interp_calls[WEFT_INTERP_LOCKS]; /* set and cleared in atomic sections */

static bool spin(enum weft_interp_id id, const waiter *own) {
    for (int i = 0; i < SPINS; i++) {
        if (weft_interp_try(id)) {
            return true;
        }
        if (own != NULL && atomic_load_explicit(&own->told, memory_order_acquire) == HAS_IT) {
            return false;
        }
    }
    return false;
}

static void append(enum weft_interp_id id, waiter *own) {
    uint32_t state = weft_kernel_begin_atomic();
    if (queues[id].first == NULL) {
        queues[id].first = own;
    } else {
        queues[id].last->next = own;
    }
    queues[id].last = own;
    weft_kernel_end_atomic(state);
}

/* In an atomic section. Sets the call if a waiter is left: that one is to be told. */
static void take_out(enum weft_interp_id id, waiter *own) {
    waiter *before = NULL;
    for (waiter *at = queues[id].first; at != own; at = at->next) {
        before = at;
    }
    if (before == NULL) {
        queues[id].first = own->next;
    } else {
        before->next = own->next;
        queues[id].last = queues[id].last == own ? before : queues[id].last;
    }
    weft_interp_calls[id] = queues[id].first != NULL;
}

static void leave_queue(enum weft_interp_id id, waiter *own) {
    uint32_t state = weft_kernel_begin_atomic();
    take_out(id, own);
    weft_kernel_end_atomic(state);
}

/* Whether the waiter has the lock. Then the waiter is no longer in the queue. */
static bool has_got(enum weft_interp_id id, waiter *own) {
    if (spin(id, own)) {
        leave_queue(id, own);
        return true;
    }
    uint32_t state = weft_kernel_begin_atomic();
    bool given = atomic_load_explicit(&own->told, memory_order_relaxed) == HAS_IT;
    if (!given) {
        atomic_store_explicit(&own->told, WAITS, memory_order_relaxed);
        weft_interp_calls[id] = true;
    }
    weft_kernel_end_atomic(state);
    if (!given && weft_interp_try(id)) {
        leave_queue(id, own);
        return true;
    }
    return given;
}

void weft_interp_wait(enum weft_interp_id id) {
    if (spin(id, NULL)) {
        return;
    }
    if (!weft_kernel_may_wait()) {
        while (!weft_interp_try(id)) {
        }
        return;
    }
    bool held = weft_kernel_hold_interrupts(true);
    waiter own = {.patient_until = weft_clock_deadline(PATIENCE_NS), .told = LOOKS};
    append(id, &own);
    while (!has_got(id, &own)) {
        weft_kernel_wait(&own.told, WAITS, WEFT_FOREVER);
    }
    weft_kernel_hold_interrupts(held);
}

void weft_interp_wake(enum weft_interp_id id) {
    int64_t now = weft_clock_now();
    uint32_t state = weft_kernel_begin_atomic();
    waiter *first = queues[id].first;
    uint32_t tells = LOOKS;
    weft_interp_calls[id] = false;
    if (first != NULL && now >= first->patient_until && weft_interp_try(id)) {
        take_out(id, first);
        tells = HAS_IT;
    }
    if (first != NULL && atomic_load_explicit(&first->told, memory_order_relaxed) != tells) {
        atomic_store_explicit(&first->told, tells, memory_order_release);
        weft_kernel_wake_from_isr(&first->told);
    }
    weft_kernel_end_atomic(state);
}

void weft_gil_init(void) {
    weft_interp_init_locks();
    weft_set_depth(0);
    port_self()->depth = 1; /* the main thread enters next, in C */
    weft_operations_init();
}

void weft_gil_stop_others(void) {
    weft_interp_take(WEFT_INTERP_HEAP);
    weft_kernel_stop_others();
}

/* The waiters have ended: so none of them is given HEAP. */
void weft_gil_forget_waiters(void) {
    for (unsigned id = 0; id < WEFT_INTERP_LOCKS; id++) {
        queues[id].first = NULL;
        weft_interp_calls[id] = false;
    }
    weft_interp_free(WEFT_INTERP_HEAP);
}

bool weft_gil_is_held(void) {
    return weft_depth() != 0;
}

void weft_gil_hurry_main_from_isr(void) {
    /* Nothing to do: no thread holds the lock for long. */
}

void weft_gil_exit(void) {
    if (weft_depth() < WEFT_DEPTH_PINNED) {
        port_self()->depth = (uint16_t)weft_depth();
        if (weft_depth() != 0) {
            weft_c_give_up();
        }
    }
}

void weft_gil_enter(void) {
    if (weft_depth() < WEFT_DEPTH_PINNED) {
        uint32_t depth = port_self()->depth;
        if (depth != 0) {
            weft_c_take_back(depth);
        }
    }
}
