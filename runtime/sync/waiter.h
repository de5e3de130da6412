/* A waiter: one thread's place in a queue, and how its wait ends.
 *
 *   QUEUED    in a condition's queue; the condition's lock guards it
 *   NOTIFIED  taken out of the queue: in a lock's `deferred` stack, or held by a thread that
 *             signals it next, and waits for nothing before
 *   SIGNALED  its wait ends; the memory is its owner's again, and may be gone
 */
#ifndef WEFT_SYNC_WAITER_H
#define WEFT_SYNC_WAITER_H

#include "weft.h"

enum { WAITER_QUEUED = 0, WAITER_NOTIFIED = 1, WAITER_SIGNALED = 2 };

void weft_waiter_signal(weft_waiter *waiter);

/* Signals every waiter of a stack that no other thread can reach, in the order of their pushes. */
void weft_waiter_signal_stack(weft_waiter *top);

/* Leaves a notified waiter to the next release of the lock; signals it here if the lock is free. */
void weft_lock_defer(weft_lock *lock, weft_waiter *waiter);

/* Signals all waiters that were left to the next release of the lock. */
void weft_lock_signal_deferred(weft_lock *lock);

#endif
