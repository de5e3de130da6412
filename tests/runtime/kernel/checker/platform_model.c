/* A model of platform/platform.h. The linker puts these functions between sync/ and the kernel
 * (--wrap).
 *
 *  - A wait does not time out before its deadline.
 *  - wake_all leaves nobody asleep who slept before.
 *  - When all cores sleep, each word that a thread waits on has the value that the thread expects.
 *    Else whoever changed it has forgotten the wake. (Programs here do not wait between the change
 *    and the wake. A condition's notify changes, the release of its lock wakes.)
 */
#include "checks.h"
#include "platform/kernel/inspect.h"
#include "platform/kernel/wait.h"
#include "platform/platform.h"

#include <stdio.h>

enum { MOST_WAITS = 2048 };

typedef struct {
    const weft_kernel_thread *thread; /* NULL: not in use */
    weft_word *word;
    uint32_t expected;
    uint64_t passed_by; /* the last wake_all of its word that has seen it asleep */
} wait;

static wait waits[MOST_WAITS];
static unsigned high; /* beyond it, none is in use */
static uint64_t wakes;

weft_status __real_weft_platform_wait(weft_word *word, uint32_t expected, int64_t deadline_ns);
void __real_weft_platform_wake_all(weft_word *word);
weft_status __wrap_weft_platform_wait(weft_word *word, uint32_t expected, int64_t deadline_ns);
void __wrap_weft_platform_wake_all(weft_word *word);

static wait *wait_of(const weft_kernel_thread *thread) {
    for (wait *at = waits; at < waits + high; at++) {
        if (at->thread == thread) {
            return at;
        }
    }
    return NULL;
}

static wait *new_wait(const weft_kernel_thread *thread) {
    wait *at = wait_of(thread); /* of one that was ended, in the same memory */
    at = at != NULL ? at : wait_of(NULL);
    if (at == NULL) {
        SIM_EXPECT(high < MOST_WAITS, "too many threads wait");
        at = &waits[high++];
    }
    return at;
}

weft_status __wrap_weft_platform_wait(weft_word *word, uint32_t expected, int64_t deadline_ns) {
    const weft_kernel_thread *self = weft_kernel_cores[sim.core].current;
    if (!weft_arch_may_block()) {
        return __real_weft_platform_wait(word, expected, deadline_ns);
    }
    *new_wait(self) = (wait){self, word, expected, 0};
    weft_status status = __real_weft_platform_wait(word, expected, deadline_ns);
    SIM_EXPECT(status != WEFT_TIMEDOUT || sim_now() >= deadline_ns, "a wait timed out too early");
    SIM_EXPECT(status <= WEFT_INTERRUPTED, "a wait ended with status %d", status);
    wait_of(self)->thread = NULL;
    return status;
}

void __wrap_weft_platform_wake_all(weft_word *word) {
    uint64_t wake = ++wakes;
    checker_reads_kernel = true;
    const weft_list *queue = weft_wait_queue_of(word);
    checker_reads_kernel = false;
    if (!sim.kernel_lock.held) { /* or the queue is not whole */
        for (const weft_kernel_link *link = queue->next; link != queue; link = link->next) {
            const weft_kernel_thread *thread = WEFT_THREAD_OF(link, queue);
            wait *at = thread->word == word ? wait_of(thread) : NULL;
            if (at != NULL && at->word == word) {
                at->passed_by = wake;
            }
        }
    }
    __real_weft_platform_wake_all(word);
    for (const wait *at = waits; at < waits + high; at++) {
        SIM_EXPECT(at->thread == NULL || at->passed_by != wake ||
                       at->thread->state != THREAD_WAITING,
                   "thread %s still waits on %s after a wake", sim_thread_name(at->thread),
                   checker_name_of(word));
    }
}

static bool waits_now(const wait *at) {
    for (const weft_kernel_thread *thread = NULL; (thread = checker_next_thread(thread)) != NULL;) {
        if (thread == at->thread) {
            return thread->state == THREAD_WAITING && thread->word == at->word;
        }
    }
    return false;
}

void checker_check_waits(void) {
    for (const wait *at = waits; at < waits + high; at++) {
        if (at->thread != NULL && waits_now(at)) {
            uint32_t value = *at->word;
            SIM_EXPECT(value == at->expected,
                       "lost wake-up: all cores sleep, and thread %s waits on %s, which has "
                       "changed from %" PRIu32 " to %" PRIu32,
                       sim_thread_name(at->thread), checker_name_of(at->word), at->expected, value);
        }
    }
}

void checker_print_wait(const weft_kernel_thread *thread) {
    const wait *at = wait_of(thread);
    if (at != NULL && waits_now(at)) {
        printf(" while it is %" PRIu32 " (it is %" PRIu32 ")", at->expected, *at->word);
    }
}
