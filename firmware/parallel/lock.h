/* The locks of the parallel interpreter, in line.
 *
 * C code holds `C`, bytecode never does. So C code has the guarantees of a lock of the whole
 * interpreter, and bytecode runs on both cores. C code gives `C` up while it waits, and while it
 * calls bytecode. `HEAP` guards the tables of the heap.
 *
 * What always holds: the holder may be preempted, and may wait for memory, but for nothing else. A
 * thread that finds a lock taken spins for a moment, then waits in the kernel (lock.c).
 *
 * Each thread has a depth: how deep it holds C (0: not at all, it is in bytecode). An exception
 * brings back the depth of its handler (exceptions.c). Each thread has a state (interpreter.h).
 * lock_port.h says where both lie, and what a lock is.
 *
 * The order: C, HEAP, stopping the other threads, the kernel's own lock.
 */
#ifndef WEFT_INTERP_LOCK_H
#define WEFT_INTERP_LOCK_H

#include <stdbool.h>
#include <stdint.h>

enum weft_interp_id { WEFT_INTERP_C, WEFT_INTERP_HEAP, WEFT_INTERP_LOCKS };

/* Added to the depth while the lock must not be given up: in a collection of garbage, and in an
 * interrupt's handler. A handler has no lock, and needs none: all others stand still. */
#define WEFT_DEPTH_PINNED 0x1000u
/* The same while Python has disabled interrupts: the lock is taken before the atomic section. */
#define WEFT_DEPTH_MASKED 0x2000u

#include "lock_port.h"

/* Whether the thread that frees the lock must tell a waiter. */
extern weft_interp_word weft_interp_calls[WEFT_INTERP_LOCKS];

/* Takes a lock that was found taken. */
void weft_interp_wait(enum weft_interp_id id);

/* Tells the waiter. The caller has just freed the lock. */
void weft_interp_wake(enum weft_interp_id id);

/* The caller does not hold the lock. */
static inline __attribute__((always_inline)) void weft_interp_take(enum weft_interp_id id) {
    if (__builtin_expect(!weft_interp_try(id), 0)) {
        weft_interp_wait(id);
    }
}

static inline __attribute__((always_inline)) void weft_interp_drop(enum weft_interp_id id) {
    weft_interp_free(id);
    if (__builtin_expect(weft_interp_calls[id] != 0, 0)) {
        weft_interp_wake(id);
    }
}

/* Gives C up for a while, and takes it back. The caller holds C, however deep. */
static inline __attribute__((always_inline)) void weft_c_give_up(void) {
    weft_set_depth(0);
    weft_interp_drop(WEFT_INTERP_C);
}

static inline __attribute__((always_inline)) void weft_c_take_back(uint32_t depth) {
    weft_interp_take(WEFT_INTERP_C);
    weft_set_depth(depth);
}

/* C code begins, and ends. The pairs nest. */
static inline __attribute__((always_inline)) void weft_c_enter(void) {
    if (weft_depth() == 0) {
        weft_interp_take(WEFT_INTERP_C);
    }
    weft_set_depth(weft_depth() + 1);
}

static inline __attribute__((always_inline)) void weft_c_leave(void) {
    uint32_t depth = weft_depth() - 1;
    weft_set_depth(depth);
    if (depth == 0) {
        weft_interp_drop(WEFT_INTERP_C);
    }
}

#endif
