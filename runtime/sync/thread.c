/* Threads: a control block each, a registry of those alive, and who waits for their end.
 *
 * registry_lock guards the registry (the list and its links) and the counts of its threads. A
 * thread is in the registry from before it starts until it has ended, and holds its own reference
 * meanwhile. It leaves the registry and becomes `ended` under one hold of the lock. So every other
 * thread, above all one that forks, finds it in the registry or ended. Lock order: registry_lock,
 * then worker.c's idle_lock (only weft_fork_prepare holds both).
 */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "platform/platform.h"
#include "sync/worker.h"
#include "weft.h"

enum { NAME_BYTES = 32 };

struct weft_thread {
    worker_job job; /* first: a job is converted to its thread */
    weft_thread_entry entry;
    void *argument;
    weft_word ended;              /* 1 once it has ended */
    weft_word joining;            /* threads that wait for that */
    _Atomic(uint32_t) references; /* one for each handle and one while in the registry */
    _Atomic(uintptr_t) ident;     /* written by the starter and by the thread: the same value */
    weft_thread *next, *previous; /* guarded by registry_lock */
    bool daemon;
    char name[NAME_BYTES];
    jmp_buf exit; /* where weft_thread_exit goes */
};

static weft_lock registry_lock = WEFT_LOCK_INIT;
static weft_thread *registry_first; /* guarded by registry_lock */
static uint32_t registry_count;     /* guarded by registry_lock */

static weft_word
    non_daemons; /* threads in the registry that are not daemons; written under its lock */
static weft_word non_daemon_waiters; /* threads that wait for a change of non_daemons */

static void lock_registry(void) {
    while (weft_lock_acquire_until(&registry_lock, WEFT_FOREVER) != WEFT_OK) {
    }
}

static void unlock_registry(void) {
    weft_lock_release(&registry_lock);
}

static void enter_registry(weft_thread *thread) {
    lock_registry();
    thread->next = registry_first;
    if (registry_first != NULL) {
        registry_first->previous = thread;
    }
    registry_first = thread;
    registry_count++;
    if (!thread->daemon) {
        atomic_fetch_add(&non_daemons, 1);
    }
    unlock_registry();
}

static void unlink_locked(weft_thread *thread) {
    if (thread->previous != NULL) {
        thread->previous->next = thread->next;
    } else {
        registry_first = thread->next;
    }
    if (thread->next != NULL) {
        thread->next->previous = thread->previous;
    }
    registry_count--;
}

static void leave_registry(weft_thread *thread) {
    lock_registry();
    unlink_locked(thread);
    atomic_store(&thread->ended, 1);
    if (!thread->daemon) {
        atomic_fetch_sub(&non_daemons, 1);
    }
    unlock_registry();
    if (atomic_load(&thread->joining) > 0) { /* partner: the add in wait_while */
        weft_platform_wake_all(&thread->ended);
    }
    if (!thread->daemon && atomic_load(&non_daemon_waiters) > 0) { /* partner: the same */
        weft_platform_wake_all(&non_daemons);
    }
}

void weft_thread_release(weft_thread *thread) {
    /* Release: this owner's uses come before the free. Acquire: the free comes after all of them.
     */
    if (atomic_fetch_sub_explicit(&thread->references, 1, memory_order_acq_rel) == 1) {
        free(thread);
    }
}

static void run(worker_job *job) {
    weft_thread *thread = (weft_thread *)job;
    atomic_store_explicit(&thread->ident, weft_platform_thread_ident(), memory_order_relaxed);
    weft_platform_local_set(thread);
    /* Even without a name: the worker may still have that of its last thread. */
    weft_platform_thread_set_name(thread->name[0] != '\0' ? thread->name : "weft");
    if (setjmp(thread->exit) == 0) {
        thread->entry(thread->argument);
    }
    weft_platform_local_set(NULL);
}

static void ended(worker_job *job) {
    weft_thread *thread = (weft_thread *)job;
    leave_registry(thread);
    weft_thread_release(thread);
}

weft_status weft_thread_start(weft_thread **handle, weft_thread_entry entry, void *argument,
                              const weft_thread_options *options) {
    weft_thread *thread = calloc(1, sizeof *thread);
    if (thread == NULL) {
        return WEFT_NO_MEMORY;
    }
    thread->job.run = run;
    thread->job.ended = ended;
    thread->entry = entry;
    thread->argument = argument;
    thread->references = 2;
    if (options != NULL) {
        thread->job.stack_bytes = options->stack_bytes;
        thread->daemon = options->daemon;
        if (options->name != NULL) {
            strncpy(thread->name, options->name, NAME_BYTES - 1);
        }
    }
    enter_registry(thread);
    uintptr_t ident = 0;
    weft_status status = weft_worker_run(&thread->job, &ident);
    if (status != WEFT_OK) {
        leave_registry(thread);
        free(thread);
        return status;
    }
    atomic_store_explicit(&thread->ident, ident, memory_order_relaxed);
    *handle = thread;
    return WEFT_OK;
}

/* Blocks while *word is `value`. Returns WEFT_OK, or what ended the wait, even if the word has
 * changed meanwhile. `waiting` counts the waiters: a waiter adds to it and then reads the word;
 * whoever changes the word then reads `waiting`. In sequentially consistent order one of the two
 * sees the other. */
static weft_status wait_while(weft_word *word, uint32_t value, weft_word *waiting,
                              int64_t deadline_ns) {
    weft_status status = WEFT_OK;
    atomic_fetch_add(waiting, 1);
    while (status == WEFT_OK && atomic_load(word) == value) {
        status = weft_platform_wait(word, value, deadline_ns);
    }
    atomic_fetch_sub(waiting, 1);
    return status;
}

weft_status weft_thread_join_until(weft_thread *thread, int64_t deadline_ns) {
    if (!weft_thread_is_alive(thread)) {
        return WEFT_OK;
    }
    if (thread == weft_thread_self()) {
        return WEFT_DEADLOCK;
    }
    weft_status status = wait_while(&thread->ended, 0, &thread->joining, deadline_ns);
    return weft_thread_is_alive(thread) ? status : WEFT_OK;
}

/* Under the lock: a thread that was seen to have ended must not be counted. */
static uint32_t count_non_daemons(void) {
    lock_registry();
    uint32_t count = atomic_load(&non_daemons);
    unlock_registry();
    return count;
}

weft_status weft_thread_join_all_until(int64_t deadline_ns) {
    const weft_thread *self = weft_thread_self();
    uint32_t own = self != NULL && !self->daemon;
    uint32_t alive;
    weft_status status = WEFT_OK;
    while ((alive = count_non_daemons()) > own && status == WEFT_OK) {
        status = wait_while(&non_daemons, alive, &non_daemon_waiters, deadline_ns);
    }
    return alive > own ? status : WEFT_OK;
}

bool weft_thread_is_alive(const weft_thread *thread) {
    /* Partner: the store in leave_registry. A caller that sees the end sees all that the thread
     * did. */
    return atomic_load_explicit(&thread->ended, memory_order_acquire) == 0;
}

const char *weft_thread_name(const weft_thread *thread) {
    return thread->name;
}

uintptr_t weft_thread_ident(const weft_thread *thread) {
    return atomic_load_explicit(&thread->ident, memory_order_relaxed);
}

weft_thread *weft_thread_self(void) {
    return weft_platform_local_get();
}

uintptr_t weft_thread_self_ident(void) {
    return weft_platform_thread_ident();
}

_Noreturn void weft_thread_exit(void) {
    weft_thread *self = weft_thread_self();
    if (self == NULL) {
        weft_platform_panic("weft_thread_exit: weft did not start the calling thread");
    }
    longjmp(self->exit, 1);
}

uint32_t weft_thread_count(void) {
    lock_registry();
    uint32_t count = registry_count;
    unlock_registry();
    return count;
}

void weft_fork_prepare(void) {
    lock_registry();
    weft_worker_fork_prepare();
}

void weft_fork_parent(void) {
    weft_worker_fork_parent();
    unlock_registry();
}

void weft_fork_child(void) {
    weft_worker_fork_child();
    weft_thread *self = weft_thread_self();
    for (weft_thread *at = registry_first, *next; at != NULL; at = next) {
        next = at->next;
        if (at != self) {
            unlink_locked(at);
            atomic_store(&at->ended, 1);
            weft_thread_release(at);
        }
    }
    atomic_store(&non_daemons, self != NULL && !self->daemon);
    atomic_store(&non_daemon_waiters, 0);
    unlock_registry();
}
