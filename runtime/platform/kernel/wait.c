/* Waiting on words: queues of waiters, deadlines, and interrupting a wait.
 *
 * A waiter stands in the queue that its word's address hashes to. Waiters of one word keep their
 * order there. No wake-up is lost: a waker changes the word before it takes the kernel's lock; a
 * waiter compares the word and joins the queue under one hold of that lock. So either the waiter
 * sees the change, or it is in the queue when the waker looks.
 *
 * The alarm is set to the earliest deadline or tick, and never set to a later time. If the deadline
 * of an alarm is gone, the alarm finds nothing and is set again. That is cheaper than a change with
 * every wake.
 */
#include "platform/kernel/wait.h"
#include "platform/platform.h"

/* All guarded by the kernel's lock. */
weft_list weft_wait_queues[WEFT_WAIT_QUEUES];
static weft_list deadlines; /* the earliest first */
static int64_t armed = WEFT_FOREVER;

void weft_wait_init(void) {
    for (int i = 0; i < WEFT_WAIT_QUEUES; i++) {
        weft_list_init(&weft_wait_queues[i]);
    }
    weft_list_init(&deadlines);
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

static void set_deadline_locked(weft_kernel_thread *thread, int64_t deadline_ns) {
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

int weft_wait_begin_locked(weft_kernel_thread *self, int64_t deadline_ns) {
    bool timed = weft_wait_is_timed(deadline_ns);
    if (timed && deadline_ns <= weft_chip_now()) {
        /* This check comes before the check for an interrupt, and the interrupt stays pending:
         * otherwise frequent interrupts would keep the caller from ever reaching its deadline. */
        weft_kernel_unlock(WEFT_ARCH_IRQ_ENABLED);
        return WEFT_TIMEDOUT;
    }
    if (self->interrupted && !self->holds_interrupts) {
        self->interrupted = false;
        weft_kernel_unlock(WEFT_ARCH_IRQ_ENABLED);
        return WEFT_INTERRUPTED;
    }
    if (timed) {
        set_deadline_locked(self, deadline_ns);
    }
    return WEFT_WAITS;
}

weft_status weft_wait_without_blocking(int64_t deadline_ns) {
    if (weft_wait_is_timed(deadline_ns) && deadline_ns <= weft_chip_now()) {
        return WEFT_TIMEDOUT;
    }
    if (weft_arch_interrupt() != 0) {
        weft_platform_panic("a wait in an interrupt; only a try is legal there");
    }
    return WEFT_OK;
}

weft_status weft_platform_wait(weft_word *word, uint32_t expected, int64_t deadline_ns) {
    if (!weft_wait_lock()) {
        bool changed = atomic_load_explicit(word, memory_order_relaxed) != expected;
        return changed ? WEFT_OK : weft_wait_without_blocking(deadline_ns);
    }
    if (atomic_load_explicit(word, memory_order_relaxed) != expected) {
        weft_kernel_unlock(WEFT_ARCH_IRQ_ENABLED);
        return WEFT_OK;
    }
    return weft_wait_locked(word, deadline_ns);
}

weft_status weft_kernel_wait(weft_word *word, uint32_t expected, int64_t deadline_ns) {
    return weft_platform_wait(word, expected, deadline_ns);
}

uint32_t weft_wait_count_locked(const weft_word *word) {
    uint32_t count = 0;
    weft_list *queue = weft_wait_queue_of(word);
    for (weft_kernel_link *link = queue->next; link != queue; link = link->next) {
        count += WEFT_THREAD_OF(link, queue)->word == word;
    }
    return count;
}

void weft_platform_wake_one(weft_word *word) {
    uint32_t state = weft_kernel_lock();
    weft_list *queue = weft_wait_queue_of(word);
    for (weft_kernel_link *link = queue->next; link != queue; link = link->next) {
        weft_kernel_thread *thread = WEFT_THREAD_OF(link, queue);
        if (thread->word == word) {
            weft_wait_end_locked(thread, WEFT_OK);
            break;
        }
    }
    weft_kernel_unlock(state);
}

void weft_platform_wake_all(weft_word *word) {
    uint32_t state = weft_kernel_lock();
    weft_wait_wake_all_locked(word);
    weft_kernel_unlock(state);
}

void weft_kernel_wake_from_isr(weft_word *word) {
    weft_platform_wake_all(word);
}

void weft_event_set_from_isr(weft_event *event) {
    weft_event_set(event); /* one hold of the kernel's lock: legal in an interrupt */
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
    return (weft_wait_lists){weft_wait_queues, WEFT_WAIT_QUEUES, &deadlines};
}

#endif
