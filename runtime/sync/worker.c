/* Workers: see worker.h.
 *
 * idle_lock guards the list of idle workers and each worker's `next` and `job` while it is in that
 * list. A worker that was taken out belongs to the taker until its `called` word is set.
 * idle_lock is taken last: no other lock is taken under it.
 */
#include "sync/worker.h"

#include <stdlib.h>

enum { IDLE_MAX = 32 };
static const int64_t IDLE_NS = 5000000000; /* after this, an idle worker ends */

typedef struct worker {
    struct worker *next;
    worker_job *job;
    weft_word called; /* 1 from the time it is given a job until it has seen the job */
    uintptr_t ident;  /* fixed before it is first idle */
    size_t stack_bytes;
    uint32_t generation; /* of the process it was made in */
} worker;

static weft_lock idle_lock = WEFT_LOCK_INIT;
static worker *idle_first;
static uint32_t idle_count;
static uint32_t fork_generation; /* changed in a forked child, while it has one thread */

static void lock_idle(void) {
    while (weft_lock_acquire_until(&idle_lock, WEFT_FOREVER) != WEFT_OK) {
    }
}

static void unlock_idle(void) {
    weft_lock_release(&idle_lock);
}

/* Takes out the first idle worker that `wanted` accepts; NULL if there is none. */
static worker *take_idle(bool (*wanted)(const worker *, const void *), const void *context) {
    lock_idle();
    worker **link = &idle_first;
    while (*link != NULL && !wanted(*link, context)) {
        link = &(*link)->next;
    }
    worker *taken = *link;
    if (taken != NULL) {
        *link = taken->next;
        idle_count--;
    }
    unlock_idle();
    return taken;
}

static bool has_stack(const worker *candidate, const void *stack_bytes) {
    return candidate->stack_bytes == *(const size_t *)stack_bytes;
}

static bool is_same(const worker *candidate, const void *self) {
    return candidate == self;
}

/* Whether it was put on the idle list; otherwise it has to end. */
static bool become_idle(worker *self) {
    lock_idle();
    bool room = idle_count < IDLE_MAX && self->generation == fork_generation;
    if (room) {
        self->next = idle_first;
        idle_first = self;
        idle_count++;
    }
    unlock_idle();
    return room;
}

/* Whether a job came. If not, the worker is off the list and has to end. */
static bool wait_for_job(worker *self) {
    int64_t deadline = weft_clock_deadline(IDLE_NS);
    /* Partner: the release in weft_worker_run. */
    while (atomic_load_explicit(&self->called, memory_order_acquire) == 0) {
        weft_status status = weft_platform_wait(&self->called, 0, deadline);
        if (status == WEFT_TIMEDOUT) {
            if (take_idle(is_same, self) == self) {
                return false;
            }
            deadline = WEFT_FOREVER; /* another thread has taken it out: a job comes */
        }
    }
    atomic_store_explicit(&self->called, 0, memory_order_relaxed);
    weft_platform_adopt(&self->job->inheritance);
    return true;
}

static void worker_main(void *argument) {
    worker *self = argument;
    self->ident = weft_platform_thread_ident();
    bool stays;
    do {
        worker_job *job = self->job;
        job->run(job);
        stays = become_idle(self);
        job->ended(job);
    } while (stays && wait_for_job(self));
    free(self);
}

weft_status weft_worker_run(worker_job *job, uintptr_t *ident) {
    worker *chosen = take_idle(has_stack, &job->stack_bytes);
    if (chosen != NULL) {
        weft_platform_capture(&job->inheritance);
        chosen->job = job;
        *ident = chosen->ident;
        /* Partner: the acquire in wait_for_job. */
        atomic_store_explicit(&chosen->called, 1, memory_order_release);
        weft_platform_wake_one(&chosen->called);
        return WEFT_OK;
    }
    chosen = calloc(1, sizeof *chosen);
    if (chosen == NULL) {
        return WEFT_NO_MEMORY;
    }
    chosen->job = job;
    chosen->stack_bytes = job->stack_bytes;
    chosen->generation = fork_generation;
    /* Once started, the worker may be gone at any moment. */
    weft_status status = weft_platform_thread_start(worker_main, chosen, job->stack_bytes, ident);
    if (status != WEFT_OK) {
        free(chosen);
    }
    return status;
}

void weft_worker_fork_prepare(void) {
    lock_idle();
}

void weft_worker_fork_parent(void) {
    unlock_idle();
}

void weft_worker_fork_child(void) {
    /* The idle workers are not in this process; their memory is left behind with their stacks. */
    idle_first = NULL;
    idle_count = 0;
    fork_generation++;
    unlock_idle();
}
