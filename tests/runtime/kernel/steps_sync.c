/* Steps over what weft.h has: locks, semaphores, conditions, events. */
#include "program.h"

/* Locks */

/* Takes the lock, however it gets in. */
static void enter(worker *self, weft_lock *lock) {
    for (;;) {
        int64_t deadline_ns = some_deadline(self, 500 * US);
        if (below(self, 4) == 0 && weft_lock_try(lock)) {
            return;
        }
        weft_status status;
        do {
            status = weft_lock_acquire_until(lock, deadline_ns);
        } while (was_interrupted(self, status));
        if (status == WEFT_OK) {
            return;
        }
        EXPECT(status == WEFT_TIMEDOUT && weft_clock_now() >= deadline_ns);
    }
}

static void leave(weft_lock *lock) {
    EXPECT(weft_lock_release(lock) == WEFT_OK);
}

void step_lock(worker *self) {
    int first = (int)below(self, LOCKS);
    int last = first + (int)below(self, (uint32_t)(LOCKS - first));
    for (int i = first; i <= last; i++) { /* always in this order */
        enter(self, &all.locks[i]);
        EXPECT(all.inside[i] == NULL);
        all.inside[i] = self;
        move(self);
    }
    for (int i = last; i >= first; i--) {
        EXPECT(all.inside[i] == self);
        all.inside[i] = NULL;
        leave(&all.locks[i]);
        move(self);
    }
}

void step_rlock(worker *self) {
    uint32_t depth = 1 + below(self, 3);
    for (uint32_t at = 0; at < depth; at++) {
        weft_status status;
        do {
            status = weft_rlock_acquire_until(&all.rlock, some_deadline(self, 500 * US));
        } while (status != WEFT_OK);
        EXPECT(at == 0 ? all.owner == NULL : all.owner == self);
        all.owner = self;
        move(self);
    }
    EXPECT(weft_rlock_depth(&all.rlock) == depth && all.owner == self);
    all.owner = NULL;
    if (below(self, 2) == 0) {
        EXPECT(weft_rlock_release_all(&all.rlock) == depth);
    } else {
        while (depth-- > 0) {
            EXPECT(weft_rlock_release(&all.rlock) == WEFT_OK);
        }
    }
}

/* Semaphore and condition */

void step_units(worker *self) {
    weft_status status;
    do {
        status = weft_semaphore_acquire_until(&all.units, some_deadline(self, 500 * US));
    } while (status != WEFT_OK);
    EXPECT(atomic_fetch_add(&all.taken, 1) < UNITS);
    move(self);
    EXPECT(atomic_fetch_sub(&all.taken, 1) > 0);
    EXPECT(weft_semaphore_release(&all.units, 1) == WEFT_OK);
}

static void await(worker *self, weft_condition *condition, const int *items, int unwanted) {
    while (*items == unwanted) {
        int64_t deadline_ns = some_deadline(self, 500 * US);
        weft_status status = weft_condition_wait_until(condition, &all.buffer, deadline_ns);
        EXPECT(status != WEFT_TIMEDOUT || weft_clock_now() >= deadline_ns);
        was_interrupted(self, status);
    }
}

static void notify(worker *self, weft_condition *condition) {
    weft_condition_notify(condition, below(self, 2) ? &all.buffer : NULL, 1);
}

/* Puts an item into a buffer and takes one out: whoever has put finds one. */
void step_buffer(worker *self) {
    enter(self, &all.buffer);
    await(self, &all.room, &all.items, ROOM);
    all.items++;
    EXPECT(all.items <= ROOM);
    notify(self, &all.goods);
    leave(&all.buffer);
    move(self);
    enter(self, &all.buffer);
    await(self, &all.goods, &all.items, 0);
    all.items--;
    EXPECT(all.items >= 0);
    notify(self, &all.room);
    leave(&all.buffer);
}

/* Events */

/* Whether a set that began after `begun` others was done before the deadline. */
static bool was_set_between(uint32_t begun, int64_t deadline_ns) {
    for (int i = 0; i < WORKERS_MOST; i++) {
        const worker *at = &all.workers[i];
        uint32_t number = atomic_load(&at->last_set);
        bool in_time = atomic_load(&at->last_set_ns) < deadline_ns;
        /* If it is another by now, that may be the time of a worker that has just begun. */
        if (number > begun && in_time && atomic_load(&at->last_set) == number) {
            return true;
        }
    }
    return false;
}

static void wait_for_flag(worker *self) {
    int64_t deadline_ns = soon(self, 1 * MS);
    uint32_t observation = weft_event_observe(&all.flag);
    uint32_t begun = atomic_load(&all.flag_sets);
    weft_status status;
    do {
        status = weft_event_resume_until(&all.flag, observation, deadline_ns);
    } while (was_interrupted(self, status));
    if (status == WEFT_TIMEDOUT) {
        EXPECT(weft_clock_now() >= deadline_ns);
        EXPECT(!was_set_between(begun, deadline_ns));
    }
}

/* A flag that anybody sets and clears: a set during a wait ends it, whatever comes after. */
void step_flag(worker *self) {
    switch (below(self, 3)) {
    case 0: {
        uint32_t number = atomic_fetch_add(&all.flag_sets, 1) + 1;
        weft_event_set(&all.flag);
        atomic_store(&self->last_set_ns, weft_clock_now());
        atomic_store(&self->last_set, number);
        break;
    }
    case 1:
        weft_event_clear(&all.flag);
        break;
    default:
        wait_for_flag(self);
    }
}

typedef struct request {
    weft_event answer;
    int64_t answered_ns;
    struct request *next;
} request;

/* Answers requests until the program ends. */
void serve(void *argument) {
    worker *self = argument;
    for (;;) {
        while (weft_semaphore_acquire_until(&all.requested, WEFT_FOREVER) != WEFT_OK) {
        }
        if (all.stopping) {
            break;
        }
        move(self);
        enter(self, &all.requests_lock);
        request *first = all.requests;
        EXPECT(first != NULL);
        all.requests = first->next;
        leave(&all.requests_lock);
        if (below(self, 4) == 0) {
            weft_sleep_until(soon(self, 300 * US));
        }
        first->answered_ns = weft_clock_now();
        weft_event_set(&first->answer);
    }
    weft_event_set(&self->ended);
}

void step_server(worker *self) {
    request own = {.answer = WEFT_EVENT_INIT};
    enter(self, &all.requests_lock);
    own.next = all.requests;
    all.requests = &own;
    leave(&all.requests_lock);
    EXPECT(weft_semaphore_release(&all.requested, 1) == WEFT_OK);
    move(self);
    weft_status status;
    do {
        int64_t deadline_ns = some_deadline(self, 500 * US);
        status = weft_event_wait_until(&own.answer, deadline_ns);
        EXPECT(status != WEFT_TIMEDOUT || weft_clock_now() >= deadline_ns);
    } while (was_interrupted(self, status) || status == WEFT_TIMEDOUT);
    EXPECT(weft_event_is_set(&own.answer));
    expect_soon(own.answered_ns);
}
