/* Condition: notified by threads that do not hold its lock, as Python programs may. It neither
 * hangs nor loses a notification. */
#include "harness.h"

static void enter(weft_lock *lock) {
    EXPECT_IS(WEFT_OK, weft_lock_acquire_until(lock, WEFT_FOREVER));
}

static void leave(weft_lock *lock) {
    EXPECT_IS(WEFT_OK, weft_lock_release(lock));
}

/* The lock is found held by a waiter that gives up: it can not wait for its own release. */
static void cancel_under_the_lock_that_would_signal(void) {
    weft_lock lock = WEFT_LOCK_INIT;
    weft_condition condition = WEFT_CONDITION_INIT;
    weft_waiter waiters[3];
    enter(&lock);
    for (int w = 0; w < 3; w++) {
        weft_condition_enqueue_locked(&condition, &waiters[w]);
    }
    EXPECT_IS(2, weft_condition_notify(&condition, &lock, 2));
    EXPECT(weft_condition_cancel_locked(&condition, &lock, &waiters[1]));
    EXPECT_IS(WEFT_OK, weft_waiter_wait_until(&waiters[0], PAST));
    EXPECT(weft_condition_cancel_locked(&condition, &lock, &waiters[0]));
    EXPECT(!weft_condition_cancel_locked(&condition, &lock, &waiters[2]));
    EXPECT(weft_lock_is_held(&lock));
    leave(&lock);
    EXPECT_IS(0, condition.waiting);
}

static void notify_under_a_free_lock_wakes_at_once(void) {
    weft_lock lock = WEFT_LOCK_INIT;
    weft_condition condition = WEFT_CONDITION_INIT;
    weft_waiter waiter;
    weft_condition_enqueue_locked(&condition, &waiter);
    EXPECT_IS(1, weft_condition_notify(&condition, &lock, 1));
    EXPECT_IS(WEFT_OK, weft_waiter_wait_until(&waiter, PAST));
    EXPECT(!weft_lock_is_held(&lock));
}

/* `queue` stands for the interpreter's lock, which guards the condition's queue there. */
typedef struct {
    weft_lock lock, queue;
    weft_condition changed; /* guarded by queue */
    _Atomic(uint32_t) met;  /* how often one of the three has called meet */
    int rounds, running;    /* running is guarded by queue, as notified and woken */
    int64_t notified, woken;
    _Atomic(uint64_t) lanes;
} misuse;

static uint32_t notify_if_held(misuse *shared) {
    enter(&shared->queue);
    uint32_t notified = weft_lock_is_held(&shared->lock)
                            ? weft_condition_notify(&shared->changed, &shared->lock, 1)
                            : 0;
    shared->notified += notified;
    leave(&shared->queue);
    return notified;
}

/* Returns once all three threads have come to this round. */
static void meet(misuse *shared, int round) {
    atomic_fetch_add(&shared->met, 1);
    AWAIT(atomic_load(&shared->met) >= 3 * ((uint32_t)round + 1));
}

static void wait_for_one_notification(void *argument) {
    misuse *shared = argument;
    for (int i = 0; i < shared->rounds; i++) {
        weft_waiter waiter;
        enter(&shared->queue);
        weft_condition_enqueue_locked(&shared->changed, &waiter);
        leave(&shared->queue);
        meet(shared, i);
        EXPECT_IS(WEFT_OK, weft_waiter_wait_until(&waiter, WEFT_FOREVER));
    }
}

static void hold_once(void *argument) {
    misuse *shared = argument;
    for (int i = 0; i < shared->rounds; i++) {
        meet(shared, i);
        enter(&shared->lock);
        leave(&shared->lock);
    }
}

/* Each release is the last of its round: a waiter that is left to a release that has been stays for
 * ever. */
static void notify_races_with_the_last_release(void) {
    misuse shared = {.lock = WEFT_LOCK_INIT, .queue = WEFT_LOCK_INIT, .rounds = test_stress(5000)};
    weft_thread *threads[] = {test_start(wait_for_one_notification, &shared),
                              test_start(hold_once, &shared)};
    for (int i = 0; i < shared.rounds; i++) {
        uint32_t notified = 0;
        meet(&shared, i);
        for (int looks = 0; looks < 50 && notified == 0; looks++) {
            notified = notify_if_held(&shared);
        }
        if (notified == 0) {
            enter(&shared.queue);
            EXPECT_IS(1, weft_condition_notify(&shared.changed, &shared.lock, 1));
            leave(&shared.queue);
        }
    }
    test_join(threads[0]);
    test_join(threads[1]);
}

static void give_up_soon(void *argument) {
    misuse *shared = argument;
    test_random random = test_random_lane(atomic_fetch_add(&shared->lanes, 1));
    for (int i = 0; i < shared->rounds; i++) {
        weft_waiter waiter;
        enter(&shared->lock);
        enter(&shared->queue);
        weft_condition_enqueue_locked(&shared->changed, &waiter);
        leave(&shared->queue);
        leave(&shared->lock);
        weft_status status = weft_waiter_wait_until(&waiter, test_random_deadline(&random, 5000));
        enter(&shared->lock);
        enter(&shared->queue);
        shared->woken += status == WEFT_OK ||
                         weft_condition_cancel_locked(&shared->changed, &shared->lock, &waiter);
        leave(&shared->queue);
        leave(&shared->lock);
    }
    enter(&shared->queue);
    shared->running--;
    leave(&shared->queue);
}

static void notify_without_the_lock_while_others_give_up(void) {
    misuse shared = {
        .lock = WEFT_LOCK_INIT, .queue = WEFT_LOCK_INIT, .rounds = test_stress(5000), .running = 3};
    weft_thread *threads[3];
    for (int t = 0; t < 3; t++) {
        threads[t] = test_start(give_up_soon, &shared);
    }
    for (bool running = true; running;) {
        notify_if_held(&shared);
        enter(&shared.queue);
        running = shared.running > 0;
        leave(&shared.queue);
    }
    for (int t = 0; t < 3; t++) {
        test_join(threads[t]);
    }
    EXPECT_IS(shared.notified, shared.woken);
    EXPECT_IS(0, shared.changed.waiting);
}

const test_case condition_misuse_tests[] = {
    {"cancel_under_the_lock_that_would_signal", cancel_under_the_lock_that_would_signal},
    {"notify_under_a_free_lock_wakes_at_once", notify_under_a_free_lock_wakes_at_once},
    {"notify_races_with_the_last_release", notify_races_with_the_last_release},
    {"notify_without_the_lock_while_others_give_up", notify_without_the_lock_while_others_give_up},
    {NULL, NULL},
};
