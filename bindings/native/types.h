/* The C types, and what they use of one another. */
#ifndef NATIVE_TYPES_H
#define NATIVE_TYPES_H

#include <Python.h>

#include "weft.h"

extern PyType_Spec native_condition_type, native_event_type, native_lock_type, native_rlock_type,
    native_semaphore_type, native_simple_queue_type, native_thread_type;

/* The lock in an object of LockBase's or RLockBase's. */
weft_lock *native_lock_of(PyObject *self);
weft_rlock *native_rlock_of(PyObject *self);

/* False if the lock is not held (for an RLock, by this thread). */
bool native_lock_release(weft_lock *lock);
bool native_rlock_release(weft_rlock *rlock);

/* Around a fork: between them no thread makes its Python state. The first blocks briefly. */
void native_thread_before_fork(void);
void native_thread_after_fork(bool in_child);

/* The status of the wait; WEFT_INTERRUPTED with the exception set if a handler raised. */
int native_semaphore_acquire(weft_semaphore *semaphore, int64_t deadline_ns);

/* WEFT_OVERFLOW if the count would pass its limit. */
int native_semaphore_release(weft_semaphore *semaphore, uint32_t count);

#endif
