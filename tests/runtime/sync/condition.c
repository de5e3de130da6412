/* Condition: first come, first notified; no notification is lost, none is counted twice. */
#include "harness.h"

typedef struct {
    weft_lock lock;
    weft_condition changed;
    int order[8]; /* guarded by lock, as all below */
    int left;
    int arrived;
} queue;

static void enter(weft_lock *lock) {
    EXPECT_IS(WEFT_OK, weft_lock_acquire_until(lock, WEFT_FOREVER));
}

static void leave(weft_lock *lock) {
    EXPECT_IS(WEFT_OK, weft_lock_release(lock));
}

static uint32_t waiting(queue *shared) {
    enter(&shared->lock);
    uint32_t count = shared->changed.waiting;
    leave(&shared->lock);
    return count;
}

static uint32_t notify(queue *shared, uint32_t count) {
    enter(&shared->lock);
    uint32_t notified = weft_condition_notify(&shared->changed, &shared->lock, count);
    leave(&shared->lock);
    return notified;
}

static void wait_in_order(void *argument) {
    queue *shared = argument;
    enter(&shared->lock);
    int number = shared->arrived++;
    EXPECT_IS(WEFT_OK, weft_condition_wait_until(&shared->changed, &shared->lock, WEFT_FOREVER));
    EXPECT(weft_lock_is_held(&shared->lock));
    shared->order[shared->left++] = number;
    leave(&shared->lock);
}

static void fill(queue *shared, weft_thread **threads, int count) {
    for (int t = 0; t < count; t++) {
        threads[t] = test_start(wait_in_order, shared);
        AWAIT(waiting(shared) == (uint32_t)t + 1);
    }
}

static int left(queue *shared) {
    enter(&shared->lock);
    int count = shared->left;
    leave(&shared->lock);
    return count;
}

static void first_come_first_notified(void) {
    queue shared = {.lock = WEFT_LOCK_INIT, .changed = WEFT_CONDITION_INIT};
    weft_thread *threads[8];
    fill(&shared, threads, 8);
    for (int i = 0; i < 8; i++) {
        EXPECT_IS(1, notify(&shared, 1));
        EXPECT_IS(7 - i, waiting(&shared));
        AWAIT(left(&shared) == i + 1);
        EXPECT_IS(i, shared.order[i]);
    }
    EXPECT_IS(0, notify(&shared, 1));
    for (int t = 0; t < 8; t++) {
        test_join(threads[t]);
    }
}

static void notify_tells_how_many(void) {
    queue shared = {.lock = WEFT_LOCK_INIT, .changed = WEFT_CONDITION_INIT};
    weft_thread *threads[6];
    EXPECT_IS(0, notify(&shared, WEFT_ALL));
    fill(&shared, threads, 6);
    EXPECT_IS(0, notify(&shared, 0));
    EXPECT_IS(2, notify(&shared, 2));
    AWAIT(left(&shared) == 2);
    EXPECT_IS(4, waiting(&shared));
    EXPECT_IS(4, notify(&shared, WEFT_ALL));
    for (int t = 0; t < 6; t++) {
        test_join(threads[t]);
    }
    EXPECT_IS(6, shared.left);
    EXPECT_IS(0, notify(&shared, WEFT_ALL));
}

static void a_wait_ends_at_its_deadline(void) {
    queue shared = {.lock = WEFT_LOCK_INIT, .changed = WEFT_CONDITION_INIT};
    int64_t deadlines[] = {PAST, LOWEST, SOON};
    enter(&shared.lock);
    for (int i = 0; i < 3; i++) {
        EXPECT_IS(WEFT_TIMEDOUT,
                  weft_condition_wait_until(&shared.changed, &shared.lock, deadlines[i]));
        EXPECT(weft_clock_now() >= deadlines[i]);
        EXPECT(weft_lock_is_held(&shared.lock));
        EXPECT_IS(0, shared.changed.waiting);
    }
    leave(&shared.lock);
}

/* Waiters that give up leave the queue whole, from whichever place. */
static void cancel_leaves_the_queue_whole(void) {
    for (int gone = 0; gone < 3; gone++) {
        weft_condition condition = WEFT_CONDITION_INIT;
        weft_waiter waiters[3];
        for (int w = 0; w < 3; w++) {
            weft_condition_enqueue_locked(&condition, &waiters[w]);
        }
        EXPECT_IS(3, condition.waiting);
        EXPECT(!weft_condition_cancel_locked(&condition, NULL, &waiters[gone]));
        EXPECT_IS(2, condition.waiting);
        weft_condition_enqueue_locked(&condition, &waiters[gone]);
        for (int w = 0; w < 3; w++) {
            int next = w == 2 ? gone : w + (w >= gone);
            EXPECT_IS(WEFT_TIMEDOUT, weft_waiter_wait_until(&waiters[next], PAST));
            EXPECT_IS(1, weft_condition_notify(&condition, NULL, 1));
            EXPECT_IS(WEFT_OK, weft_waiter_wait_until(&waiters[next], PAST));
        }
        EXPECT_IS(0, condition.waiting);
        EXPECT(condition.first == NULL && condition.last == NULL);
    }
}

static void cancel_after_notify_says_so(void) {
    weft_condition condition = WEFT_CONDITION_INIT;
    weft_waiter waiter;
    weft_condition_enqueue_locked(&condition, &waiter);
    EXPECT_IS(1, weft_condition_notify(&condition, NULL, WEFT_ALL));
    EXPECT(weft_condition_cancel_locked(&condition, NULL, &waiter));
    weft_condition_enqueue_locked(&condition, &waiter);
    EXPECT_IS(WEFT_TIMEDOUT, weft_waiter_wait_until(&waiter, LOWEST));
    EXPECT(!weft_condition_cancel_locked(&condition, NULL, &waiter));
}

/* With a lock given, notify leaves the wake to its release, for whichever condition it was. */
static void the_release_wakes_for_all_conditions(void) {
    weft_lock lock = WEFT_LOCK_INIT;
    weft_condition conditions[3] = {WEFT_CONDITION_INIT, WEFT_CONDITION_INIT, WEFT_CONDITION_INIT};
    weft_waiter waiters[6];
    enter(&lock);
    for (int w = 0; w < 6; w++) {
        weft_condition_enqueue_locked(&conditions[w % 3], &waiters[w]);
    }
    EXPECT_IS(2, weft_condition_notify(&conditions[0], &lock, WEFT_ALL));
    EXPECT_IS(1, weft_condition_notify(&conditions[1], &lock, 1));
    EXPECT_IS(0, weft_condition_notify(&conditions[0], &lock, WEFT_ALL));
    EXPECT_IS(1, weft_condition_notify(&conditions[2], NULL, 1));
    int after_notify[] = {WEFT_TIMEDOUT, WEFT_TIMEDOUT, WEFT_OK,
                          WEFT_TIMEDOUT, WEFT_TIMEDOUT, WEFT_TIMEDOUT};
    int after_release[] = {WEFT_OK, WEFT_OK, WEFT_OK, WEFT_OK, WEFT_TIMEDOUT, WEFT_TIMEDOUT};
    for (int w = 0; w < 6; w++) {
        EXPECT_IS(after_notify[w], weft_waiter_wait_until(&waiters[w], PAST));
    }
    leave(&lock);
    for (int w = 0; w < 6; w++) {
        EXPECT_IS(after_release[w], weft_waiter_wait_until(&waiters[w], PAST));
    }
}

enum { ROOM = 3 };

/* A bounded buffer: two conditions under one lock. */
typedef struct {
    weft_lock lock;
    weft_condition room, goods; /* all below is guarded by lock */
    int count, rounds;
    int64_t made, used;
} buffer;

static void produce(void *argument) {
    buffer *both = argument;
    for (int i = 0; i < both->rounds; i++) {
        enter(&both->lock);
        while (both->count == ROOM) {
            weft_condition_wait_until(&both->room, &both->lock, WEFT_FOREVER);
        }
        both->count++;
        both->made++;
        weft_condition_notify(&both->goods, &both->lock, 1);
        leave(&both->lock);
    }
}

static void consume(void *argument) {
    buffer *both = argument;
    for (int i = 0; i < both->rounds; i++) {
        enter(&both->lock);
        while (both->count == 0) {
            weft_condition_wait_until(&both->goods, &both->lock, WEFT_FOREVER);
        }
        both->count--;
        both->used++;
        weft_condition_notify(&both->room, &both->lock, 1);
        leave(&both->lock);
    }
}

static void producers_and_consumers(void) {
    buffer both = {.lock = WEFT_LOCK_INIT, .rounds = test_stress(5000)};
    weft_thread *threads[6];
    for (int t = 0; t < 6; t++) {
        threads[t] = test_start(t % 2 ? produce : consume, &both);
    }
    for (int t = 0; t < 6; t++) {
        test_join(threads[t]);
    }
    EXPECT_IS(3 * (int64_t)both.rounds, both.made);
    EXPECT_IS(both.made, both.used);
    EXPECT_IS(0, both.count);
}

typedef struct {
    weft_lock lock;
    weft_condition changed; /* all below is guarded by lock */
    int64_t notified, woken;
    int rounds, running;
    _Atomic(uint64_t) lanes;
} race;

static void race_deadlines(void *argument) {
    race *shared = argument;
    test_random random = test_random_lane(atomic_fetch_add(&shared->lanes, 1));
    enter(&shared->lock);
    for (int i = 0; i < shared->rounds; i++) {
        weft_status status = weft_condition_wait_until(&shared->changed, &shared->lock,
                                                       test_random_deadline(&random, 20000));
        EXPECT(status == WEFT_OK || status == WEFT_TIMEDOUT);
        shared->woken += status == WEFT_OK;
    }
    shared->running--;
    leave(&shared->lock);
}

/* Whether each notification ends just one wait, although deadlines come at the same moment. With
 * the lock given and without it, by turns. */
static void deadlines_race_with_notify(void) {
    race shared = {.lock = WEFT_LOCK_INIT, .rounds = test_stress(3000), .running = 3};
    test_random random = test_random_lane(100);
    weft_thread *threads[3];
    for (int t = 0; t < 3; t++) {
        threads[t] = test_start(race_deadlines, &shared);
    }
    for (bool running = true; running;) {
        enter(&shared.lock);
        shared.notified += weft_condition_notify(
            &shared.changed, test_random_below(&random, 2) ? &shared.lock : NULL,
            1 + test_random_below(&random, 3));
        running = shared.running > 0;
        leave(&shared.lock);
        weft_sleep_until(test_random_deadline(&random, 10000));
    }
    for (int t = 0; t < 3; t++) {
        test_join(threads[t]);
    }
    EXPECT_IS(shared.notified, shared.woken);
    EXPECT_IS(0, shared.changed.waiting);
}

const test_case condition_tests[] = {
    {"first_come_first_notified", first_come_first_notified},
    {"notify_tells_how_many", notify_tells_how_many},
    {"a_wait_ends_at_its_deadline", a_wait_ends_at_its_deadline},
    {"cancel_leaves_the_queue_whole", cancel_leaves_the_queue_whole},
    {"cancel_after_notify_says_so", cancel_after_notify_says_so},
    {"the_release_wakes_for_all_conditions", the_release_wakes_for_all_conditions},
    {"producers_and_consumers", producers_and_consumers},
    {"deadlines_race_with_notify", deadlines_race_with_notify},
    {NULL, NULL},
};
