/* weft: threads and the ways they wait for each other, the same on every platform.
 *
 * What always holds:
 *  - Time is monotonic, in nanoseconds since an arbitrary start (weft_clock_now). A deadline is a
 *    point of that time. WEFT_FOREVER never comes. With a deadline that has passed, a call of an
 *    `_until` function is a try: it does not block. Changes of the wall clock have no effect.
 *  - No wake-up is lost. A wait ends as done (WEFT_OK), as WEFT_TIMEDOUT, or as WEFT_INTERRUPTED:
 *    then a signal (on a board: Ctrl-C) reached the waiting thread, and the caller may call again
 *    with the same deadline. There are no spurious wake-ups.
 *  - Only functions named `_until`, and those that say so, block. No function may be called in a
 *    signal handler or an interrupt unless its name ends in `_from_isr`.
 *  - A function returns a weft_status; 0 means success. Misuse that no caller can handle stops the
 *    program with a message.
 *  - All objects are plain memory: WEFT_*_INIT (or zero bytes, where that is what it is) makes one,
 *    nothing destroys one, and none may be moved or copied while in use. An object has to outlive
 *    every call on it, with one exception: the memory of an event may be used for something else as
 *    soon as a wait on it has returned, even if the set() that ended the wait has not returned yet.
 *    So an event on the stack can stand for the completion of a job.
 */
#ifndef WEFT_H
#define WEFT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    WEFT_OK = 0,
    WEFT_TIMEDOUT = 1,    /* the deadline came first */
    WEFT_INTERRUPTED = 2, /* a signal came first */
    WEFT_NOT_HELD = 3,    /* release of a lock that is not held, or held by another thread */
    WEFT_OVERFLOW = 4,    /* a count would pass its limit; nothing was changed */
    WEFT_NO_MEMORY = 5,
    WEFT_NO_THREAD = 6, /* the system has no room for another thread */
    WEFT_DEADLOCK = 7,  /* a thread would wait for itself */
} weft_status;

#define WEFT_FOREVER INT64_MAX
#define WEFT_ALL UINT32_MAX

/* The unit of waiting: 32 bits that threads change atomically and sleep on. */
typedef _Atomic(uint32_t) weft_word;

/* Clock */

/* Now, in monotonic nanoseconds. Never negative, never goes back. */
int64_t weft_clock_now(void);

/* The deadline that is timeout_ns from now: WEFT_FOREVER if that is past the end of time, now if
 * timeout_ns is negative. */
int64_t weft_clock_deadline(int64_t timeout_ns);

/* Blocks until the deadline: WEFT_OK once it has come, or WEFT_INTERRUPTED. */
weft_status weft_sleep_until(int64_t deadline_ns);

/* Whether a signal ends a wait here, if its handler was installed without SA_RESTART. Where it does
 * not, a caller that has to react to signals limits each of its waits. */
bool weft_signals_end_waits(void);

/* Event: a flag that threads wait for */

typedef struct weft_event {
    weft_word state;   /* event.c says what its bits are */
    weft_word waiting; /* threads inside a wait that has to block; for observers only */
} weft_event;

#define WEFT_EVENT_INIT                                                                            \
    { 0, 0 }

bool weft_event_is_set(const weft_event *event);

/* Sets the flag and releases every thread that waits, even if clear() follows at once. A thread
 * that finds the flag set sees what the caller did before. So does a thread that clears the flag,
 * even if it was set before this call: a thread that clears it and then looks for work misses none.
 */
void weft_event_set(weft_event *event);

/* Clears the flag. The caller sees what the callers of every set() before it did. */
void weft_event_clear(weft_event *event);

/* Blocks until the flag is set, or was set at any moment since the call. */
weft_status weft_event_wait_until(weft_event *event, int64_t deadline_ns);

/* A wait in two steps, for a caller that resumes the same wait after WEFT_INTERRUPTED.
 * weft_event_observe begins it; each weft_event_resume_until with that observation returns WEFT_OK
 * if the flag was set at any moment since. */
uint32_t weft_event_observe(const weft_event *event);
weft_status weft_event_resume_until(weft_event *event, uint32_t observation, int64_t deadline_ns);

/* How many threads are blocked in a wait, or about to block or to return. A set() from now on
 * releases all that are counted. */
uint32_t weft_event_waiting(const weft_event *event);

/* Lock */

typedef struct weft_waiter weft_waiter;

typedef struct weft_lock {
    weft_word state;                 /* lock.c says what its values are */
    _Atomic(weft_waiter *) deferred; /* waiters that its release will wake, the last one first */
} weft_lock;

#define WEFT_LOCK_INIT                                                                             \
    { 0, NULL }

bool weft_lock_try(weft_lock *lock);
weft_status weft_lock_acquire_until(weft_lock *lock, int64_t deadline_ns);

/* Any thread may release. WEFT_NOT_HELD if the lock is free. */
weft_status weft_lock_release(weft_lock *lock);

bool weft_lock_is_held(const weft_lock *lock);

/* Whether a release would wake somebody: a thread that waits for the lock, or was notified under
 * it. (It may still be true when they have just left.) */
bool weft_lock_has_waiters(const weft_lock *lock);

/* RLock: a lock that its owner may acquire again */

typedef struct weft_rlock {
    weft_lock lock;
    _Atomic(uintptr_t) owner; /* ident of the holder, 0 when free; written by the holder only */
    uint32_t depth;           /* guarded by lock: how often the owner has acquired it */
} weft_rlock;

#define WEFT_RLOCK_INIT                                                                            \
    { WEFT_LOCK_INIT, 0, 0 }

/* Both return WEFT_OVERFLOW at a depth of UINT32_MAX. */
weft_status weft_rlock_try(weft_rlock *rlock); /* WEFT_TIMEDOUT if another thread holds it */
weft_status weft_rlock_acquire_until(weft_rlock *rlock, int64_t deadline_ns);

/* WEFT_NOT_HELD unless the calling thread is the owner. */
weft_status weft_rlock_release(weft_rlock *rlock);

bool weft_rlock_is_owned(const weft_rlock *rlock);  /* by the calling thread */
uint32_t weft_rlock_depth(const weft_rlock *rlock); /* of the calling thread; 0 if not the owner */
uint32_t weft_rlock_release_all(weft_rlock *rlock); /* by the owner; returns the depth it had */
weft_status weft_rlock_restore_until(weft_rlock *rlock, uint32_t depth, int64_t deadline_ns);

/* Condition: wait for a change of what a lock guards */

/* One thread's place in the queue of a condition. It lies on the stack of the thread that waits (or
 * wherever that thread keeps it) from enqueue until a wait returned WEFT_OK or cancel returned. */
struct weft_waiter {
    weft_waiter *next; /* guarded by the condition's lock, then by whoever signals */
    weft_word state;   /* waiter.h says what its values are */
};

typedef struct weft_condition {
    weft_waiter *first; /* all guarded by the condition's lock */
    weft_waiter *last;
    uint32_t waiting; /* length of the queue */
} weft_condition;

#define WEFT_CONDITION_INIT                                                                        \
    { NULL, NULL, 0 }

/* Releases the lock, blocks until notified, and takes the lock again whatever the result. The
 * caller holds the lock. First come, first notified. */
weft_status weft_condition_wait_until(weft_condition *condition, weft_lock *lock,
                                      int64_t deadline_ns);

/* Notifies up to `count` waiters (WEFT_ALL for all); the caller holds the condition's lock. With
 * `lock` given, its release wakes them, since they need it; with NULL they are woken here. Returns
 * how many were notified. */
uint32_t weft_condition_notify(weft_condition *condition, weft_lock *lock, uint32_t count);

/* The steps of a wait, for a caller with a lock of its own:
 *  - enqueue, with the lock held; then release the lock
 *  - wait; again after WEFT_INTERRUPTED
 *  - after any result but WEFT_OK, with the lock held again: cancel, with the same `lock` as
 *    notify. True: the waiter was notified meanwhile, and the wait counts as WEFT_OK. */
void weft_condition_enqueue_locked(weft_condition *condition, weft_waiter *waiter);
weft_status weft_waiter_wait_until(weft_waiter *waiter, int64_t deadline_ns);
bool weft_condition_cancel_locked(weft_condition *condition, weft_lock *lock, weft_waiter *waiter);

/* Semaphore */

typedef struct weft_semaphore {
    weft_word count;
    weft_word waiting; /* threads inside a wait that has to block */
    uint32_t limit;    /* the count never passes it; fixed */
} weft_semaphore;

#define WEFT_SEMAPHORE_LIMIT UINT32_MAX
#define WEFT_SEMAPHORE_INIT(count_, limit_)                                                        \
    { (count_), 0, (limit_) }

bool weft_semaphore_try(weft_semaphore *semaphore);
weft_status weft_semaphore_acquire_until(weft_semaphore *semaphore, int64_t deadline_ns);

/* Adds `count`. WEFT_OVERFLOW if that would pass the limit. */
weft_status weft_semaphore_release(weft_semaphore *semaphore, uint32_t count);

uint32_t weft_semaphore_count(const weft_semaphore *semaphore);
uint32_t weft_semaphore_waiting(const weft_semaphore *semaphore);

/* Thread */

/* A started thread. Reference counted: weft_thread_start hands one reference to its caller, and the
 * thread keeps one of its own while it runs. */
typedef struct weft_thread weft_thread;

typedef void (*weft_thread_entry)(void *argument);

typedef struct weft_thread_options {
    const char *name;   /* shown by the system's tools, cut to what it allows; NULL for "weft" */
    size_t stack_bytes; /* 0 for the system's default */
    bool daemon;        /* weft_thread_join_all_until does not wait for it */
} weft_thread_options;

/* Starts entry(argument) in a thread; options may be NULL. The thread may run before this returns.
 * Native threads are reused: what a program changed on one by its own system calls (affinity,
 * priority) stays, except the signal mask, which is the starter's. A thread ends by returning or by
 * weft_thread_exit; one that ends itself by a system call (pthread_exit) never counts as ended.
 * WEFT_NO_MEMORY or WEFT_NO_THREAD if it can't be started. */
weft_status weft_thread_start(weft_thread **thread, weft_thread_entry entry, void *argument,
                              const weft_thread_options *options);

/* Blocks until the thread has ended. WEFT_DEADLOCK if it is the calling thread. */
weft_status weft_thread_join_until(weft_thread *thread, int64_t deadline_ns);

bool weft_thread_is_alive(const weft_thread *thread);
const char *weft_thread_name(const weft_thread *thread);

/* Equal to weft_thread_self_ident() in that thread. Another thread may get it after the end. */
uintptr_t weft_thread_ident(const weft_thread *thread);

/* Gives up the caller's reference. */
void weft_thread_release(weft_thread *thread);

/* The calling thread, NULL if weft did not start it. Borrowed: no reference is added. */
weft_thread *weft_thread_self(void);

/* The calling thread's ident, whoever started it: never 0, and no other live thread's. */
uintptr_t weft_thread_self_ident(void);

/* Ends the calling thread, which weft must have started, as if its entry had returned. */
_Noreturn void weft_thread_exit(void);

/* Blocks until every thread but the calling one has ended, daemons excepted. */
weft_status weft_thread_join_all_until(int64_t deadline_ns);

uint32_t weft_thread_count(void); /* threads that weft started and that have not ended */

/* Fork (systems that have one) */

/* Call the first before fork() and one of the others after it. The child has the calling thread
 * only: every other thread counts as ended there. Locks and events that others held or waited for
 * stay as they were; initialise them again (WEFT_*_INIT). */
void weft_fork_prepare(void);
void weft_fork_parent(void);
void weft_fork_child(void);

#endif
