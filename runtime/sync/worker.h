/* Workers: native threads that run one job after the other.
 *
 * Starting a native thread costs ten times as much as waking one. So a worker whose job has ended
 * waits for the next one for a while.
 */
#ifndef WEFT_SYNC_WORKER_H
#define WEFT_SYNC_WORKER_H

#include "platform/platform.h"
#include "weft.h"

typedef struct worker_job {
    void (*run)(struct worker_job *job);
    /* Called when the worker may already be given its next job; the last use of this one. */
    void (*ended)(struct worker_job *job);
    size_t stack_bytes;
    weft_platform_inheritance inheritance; /* from the starter, for a worker that already runs */
} worker_job;

/* Runs the job in an idle worker with the same stack size, or in a new one. *ident becomes that of
 * its thread. WEFT_OK, WEFT_NO_MEMORY or WEFT_NO_THREAD. */
weft_status weft_worker_run(worker_job *job, uintptr_t *ident);

void weft_worker_fork_prepare(void);
void weft_worker_fork_parent(void);
void weft_worker_fork_child(void);

#endif
