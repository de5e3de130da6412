/* Waiting on words: queues of waiters, deadlines, and interrupting a wait.
 *
 * A waiter stands in the queue that its word's address hashes to; waiters of one word keep their
 * order there. Why no wake-up is lost: who wakes has changed the word before it takes the kernel's
 * lock; a waiter compares the word and joins the queue under one hold of that lock. So either it
 * sees the change, or it is in the queue when the waker looks.
 *
 * The alarm is set to the earliest deadline or tick, and never set back: an alarm that has lost its
 * reason comes, finds nothing, and is set anew. That is cheaper than a change with every wake.
 */
#include "platform/kernel/schedule.h"
#include "platform/platform.h"

enum { QUEUES = 16 }; /* a power of two */

/* All guarded by the kernel's lock. */
static weft_list queues[QUEUES];
static weft_list deadlines; /* the earliest first */
static int64_t armed = WEFT_FOREVER;

void weft_wait_init(void) {
    for (int i = 0; i < QUEUES; i++) {
        weft_list_init(&queues[i]);
    }
    weft_list_init(&deadlines);
}

static weft_list *queue_of(const weft_word *word) {
    return &queues[((uintptr_t)word >> 4) % QUEUES];
}

void weft_wait_arm_locked(void) {
    int64_t due = weft_schedule_tick_due_locked();
    if (!weft_list_is_empty(&deadlines)) {
        int64_t deadline = WEFT_THREAD_OF(deadlines.next, timer)->deadline;
        due = deadline < due ? deadline : due;
    }
    if (due < armed) {
        armed = due;
        weft_chip_set_alarm(due);
    }
}

/* As weft_kernel_lock, if the caller may block: a thread, with interrupts not masked. */
static inline bool lock_to_block(void) {
    uint32_t state = weft_arch_mask();
    if (state != WEFT_ARCH_UNMASKED || weft_arch_in_interrupt()) {
        weft_arch_unmask(state);
        return false;
    }
    weft_chip_lock();
    return true;
}

__attribute__((noinline)) static void set_deadline_locked(weft_kernel_thread *thread,
                                                          int64_t deadline_ns) {
    thread->deadline = deadline_ns;
    thread->timed = true;
    weft_kernel_link *place = deadlines.next;
    while (place != &deadlines && WEFT_THREAD_OF(place, timer)->deadline <= deadline_ns) {
        place = place->next;
    }
    weft_list_insert(place, &thread->timer);
    if (deadline_ns < armed) {
        weft_wait_arm_locked();
    }
}

void weft_wait_forget_locked(weft_kernel_thread *thread) {
    weft_list_remove(&thread->queue);
    if (thread->timed) {
        thread->timed = false;
        weft_list_remove(&thread->timer);
    }
}

void weft_wait_end_locked(weft_kernel_thread *thread, weft_status result) {
    weft_wait_forget_locked(thread);
    thread->result = (uint8_t)result;
    weft_schedule_ready_locked(thread);
}

weft_status weft_platform_wait(weft_word *word, uint32_t expected, int64_t deadline_ns) {
    if (!lock_to_block()) {
        return WEFT_OK; /* callers loop: with interrupts masked a wait is a spin */
    }
    weft_kernel_thread *self = weft_kernel_current_locked();
    if (atomic_load_explicit(word, memory_order_relaxed) != expected) {
        weft_kernel_unlock(WEFT_ARCH_UNMASKED);
        return WEFT_OK;
    }
    bool timed = deadline_ns != WEFT_FOREVER;
    if (timed && deadline_ns <= weft_chip_now()) {
        /* Before the interrupt, which stays: else interrupts that come faster than the caller does
         * would keep it from ever reaching its deadline. */
        weft_kernel_unlock(WEFT_ARCH_UNMASKED);
        return WEFT_TIMEDOUT;
    }
    if (self->interrupted && !self->holds_interrupts) {
        self->interrupted = false;
        weft_kernel_unlock(WEFT_ARCH_UNMASKED);
        return WEFT_INTERRUPTED;
    }
    if (timed) {
        set_deadline_locked(self, deadline_ns);
    }
    self->state = THREAD_WAITING;
    self->word = word;
    weft_list_insert(queue_of(word), &self->queue);
    weft_schedule_leave_locked(self, false); /* and here it waits */
    return (weft_status) * (volatile uint8_t *)&self->result;
}

weft_status weft_kernel_wait(weft_word *word, uint32_t expected, int64_t deadline_ns) {
    return weft_platform_wait(word, expected, deadline_ns);
}

/* Wakes up to `count` waiters of the word, the first first. */
static void wake(const weft_word *word, uint32_t count) {
    uint32_t state = weft_kernel_lock();
    weft_list *queue = queue_of(word);
    for (weft_kernel_link *link = queue->next, *next; link != queue && count > 0; link = next) {
        next = link->next;
        weft_kernel_thread *thread = WEFT_THREAD_OF(link, queue);
        if (thread->word == word) {
            weft_wait_end_locked(thread, WEFT_OK);
            count--;
        }
    }
    weft_kernel_unlock(state);
}

void weft_platform_wake_one(weft_word *word) {
    wake(word, 1);
}

void weft_platform_wake_all(weft_word *word) {
    wake(word, WEFT_ALL);
}

void weft_kernel_wake_from_isr(weft_word *word) {
    wake(word, WEFT_ALL);
}

void weft_event_set_from_isr(weft_event *event) {
    weft_event_set(event); /* atomic steps and a wake: on this platform legal anywhere */
}

void weft_wait_alarm_from_isr(void) {
    uint32_t state = weft_kernel_lock();
    int64_t now = weft_chip_now();
    weft_kernel_counted.alarms++;
    armed = WEFT_FOREVER;
    while (!weft_list_is_empty(&deadlines)) {
        weft_kernel_thread *first = WEFT_THREAD_OF(deadlines.next, timer);
        if (first->deadline > now) {
            break;
        }
        weft_wait_end_locked(first, WEFT_TIMEDOUT);
    }
    weft_schedule_tick_locked(now);
    weft_wait_arm_locked();
    weft_kernel_unlock(state);
}

void weft_kernel_interrupt(weft_kernel_thread *thread) {
    uint32_t state = weft_kernel_lock();
    if (thread->state == THREAD_WAITING && !thread->holds_interrupts) {
        weft_wait_end_locked(thread, WEFT_INTERRUPTED);
    } else {
        thread->interrupted = true;
    }
    weft_kernel_unlock(state);
}

bool weft_kernel_hold_interrupts(bool hold) {
    weft_kernel_thread *self = weft_kernel_self();
    bool held = self->holds_interrupts; /* changed by its own thread only */
    self->holds_interrupts = hold;
    return held;
}

#ifdef WEFT_CHIP_SIM
#include "platform/kernel/inspect.h"

weft_wait_lists weft_wait_inspect(void) {
    return (weft_wait_lists){queues, QUEUES, &deadlines};
}

const weft_list *weft_wait_queue_of(const weft_word *word) {
    return queue_of(word);
}
#endif
