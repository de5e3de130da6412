/* Any Unix with POSIX threads and no wait on a word: a parking lot. The rest of the seam is
 * platform/posix.
 *
 * A word hashes to one of SLOTS slots. A waiter holds the slot's mutex from its read of the word
 * until it sleeps; a waker takes the mutex before it signals. So no wake falls in between. Words
 * that share a slot wake each other (callers loop), and therefore every wake is a broadcast.
 *
 * A signal does not end pthread_cond_wait.
 */
#include <errno.h>
#include <pthread.h>

#include "platform/platform.h"
#include "platform/posix/deadline.h"

const bool weft_platform_signals_end_waits = false;

enum { SLOTS = 64 };

static struct slot {
    pthread_mutex_t mutex;
    pthread_cond_t woken;
} slots[SLOTS];
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;

/* Also for a forked child: other threads may have held the mutexes and conditions. A slot keeps
 * nothing between two calls, and the child's only thread is in no call. */
static void init_slots(void) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    for (int i = 0; i < SLOTS; i++) {
        pthread_mutex_init(&slots[i].mutex, NULL);
        pthread_cond_init(&slots[i].woken, &attributes);
    }
    pthread_condattr_destroy(&attributes);
}

static void make_slots(void) {
    init_slots();
    pthread_atfork(NULL, NULL, init_slots);
}

static struct slot *slot_of(const weft_word *word) {
    pthread_once(&slots_once, make_slots);
    uintptr_t hash = (uintptr_t)word >> 2;
    hash ^= hash >> 6 ^ hash >> 12;
    return &slots[hash % SLOTS];
}

int64_t weft_platform_now(void) {
    return weft_posix_now(CLOCK_MONOTONIC);
}

weft_status weft_platform_wait(weft_word *word, uint32_t expected, int64_t deadline_ns) {
    struct slot *slot = slot_of(word);
    int error = 0;
    pthread_mutex_lock(&slot->mutex);
    if (atomic_load(word) == expected) {
        if (deadline_ns == WEFT_FOREVER) {
            error = pthread_cond_wait(&slot->woken, &slot->mutex);
        } else {
            struct timespec deadline = weft_posix_deadline(deadline_ns);
            error = pthread_cond_timedwait(&slot->woken, &slot->mutex, &deadline);
        }
    }
    pthread_mutex_unlock(&slot->mutex);
    switch (error) {
    case 0:
        return WEFT_OK;
    case ETIMEDOUT:
        return WEFT_TIMEDOUT;
    default: /* as a wake-up it would make each wait a busy loop */
        weft_platform_panic("the system refuses a wait on a condition variable");
    }
}

void weft_platform_wake_all(weft_word *word) {
    struct slot *slot = slot_of(word);
    pthread_mutex_lock(&slot->mutex);
    pthread_cond_broadcast(&slot->woken);
    pthread_mutex_unlock(&slot->mutex);
}

void weft_platform_wake_one(weft_word *word) {
    weft_platform_wake_all(word);
}

void weft_platform_thread_set_name(const char *name) {
    (void)name; /* POSIX has no call for it */
}
