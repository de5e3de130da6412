/* Lock: one holder at a time, and nobody is left asleep. */
#include "harness.h"

static void is_held_or_free(void) {
    weft_lock lock = WEFT_LOCK_INIT;
    EXPECT(!weft_lock_is_held(&lock));
    EXPECT_IS(WEFT_NOT_HELD, weft_lock_release(&lock));
    EXPECT(weft_lock_try(&lock));
    EXPECT(weft_lock_is_held(&lock));
    EXPECT(!weft_lock_try(&lock));
    EXPECT_IS(WEFT_OK, weft_lock_release(&lock));
    EXPECT(!weft_lock_is_held(&lock));
    EXPECT_IS(WEFT_OK, weft_lock_acquire_until(&lock, LOWEST));
    EXPECT_IS(WEFT_OK, weft_lock_release(&lock));
    EXPECT_IS(WEFT_NOT_HELD, weft_lock_release(&lock));
}

static void a_wait_ends_at_its_deadline(void) {
    weft_lock lock = WEFT_LOCK_INIT;
    EXPECT(weft_lock_try(&lock));
    int64_t soon = SOON;
    EXPECT_IS(WEFT_TIMEDOUT, weft_lock_acquire_until(&lock, PAST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_lock_acquire_until(&lock, LOWEST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_lock_acquire_until(&lock, soon));
    EXPECT(weft_clock_now() >= soon);
    EXPECT(weft_lock_is_held(&lock));
    EXPECT_IS(WEFT_OK, weft_lock_release(&lock));
    EXPECT(weft_lock_try(&lock));
}

static void release_lock(void *lock) {
    EXPECT_IS(WEFT_OK, weft_lock_release(lock));
}

static void any_thread_may_release(void) {
    weft_lock lock = WEFT_LOCK_INIT;
    EXPECT(weft_lock_try(&lock));
    test_run_threads(1, release_lock, &lock);
    EXPECT(!weft_lock_is_held(&lock));
}

typedef struct {
    weft_lock lock;
    int rounds;
    int inside;  /* guarded by lock, and not atomic on purpose */
    int64_t sum; /* guarded by lock */
    _Atomic(uint64_t) lanes;
} counter;

static void acquire_and_release(void *argument) {
    counter *shared = argument;
    EXPECT_IS(WEFT_OK, weft_lock_acquire_until(&shared->lock, WEFT_FOREVER));
    shared->sum++;
    EXPECT_IS(WEFT_OK, weft_lock_release(&shared->lock));
}

static void a_release_wakes_who_waits(void) {
    counter shared = {.lock = WEFT_LOCK_INIT};
    for (int i = 0; i < test_stress(500); i++) {
        EXPECT(weft_lock_try(&shared.lock));
        weft_thread *thread = test_start(acquire_and_release, &shared);
        AWAIT(weft_lock_has_waiters(&shared.lock));
        EXPECT_IS(i, shared.sum);
        EXPECT_IS(WEFT_OK, weft_lock_release(&shared.lock));
        test_join(thread);
    }
}

/* However it gets in: by a try, a short wait or a long one. */
static void enter(counter *shared, test_random *random) {
    for (;;) {
        switch (test_random_below(random, 3)) {
        case 0:
            if (weft_lock_try(&shared->lock)) {
                return;
            }
            break;
        case 1:
            if (weft_lock_acquire_until(&shared->lock, test_random_deadline(random, 5000)) ==
                WEFT_OK) {
                return;
            }
            break;
        default:
            EXPECT_IS(WEFT_OK, weft_lock_acquire_until(&shared->lock, WEFT_FOREVER));
            return;
        }
    }
}

static void count_up(void *argument) {
    counter *shared = argument;
    test_random random = test_random_lane(atomic_fetch_add(&shared->lanes, 1));
    for (int i = 0; i < shared->rounds; i++) {
        enter(shared, &random);
        EXPECT_IS(0, shared->inside);
        shared->inside = 1;
        shared->sum++;
        shared->inside = 0;
        EXPECT_IS(WEFT_OK, weft_lock_release(&shared->lock));
    }
}

static void one_holder_at_a_time(void) {
    counter shared = {.lock = WEFT_LOCK_INIT, .rounds = test_stress(20000)};
    test_run_threads(4, count_up, &shared);
    EXPECT_IS(4 * (int64_t)shared.rounds, shared.sum);
    EXPECT(!weft_lock_is_held(&shared.lock));
}

static void try_for_a_moment(void *argument) {
    counter *shared = argument;
    test_random random = test_random_lane(atomic_fetch_add(&shared->lanes, 1));
    if (weft_lock_acquire_until(
            &shared->lock, weft_clock_deadline(test_random_below(&random, 100000))) == WEFT_OK) {
        shared->sum++;
        EXPECT_IS(WEFT_OK, weft_lock_release(&shared->lock));
    }
}

/* Two wait for ever and two give up, some of them just when the lock is released: the wake-up must
 * reach those who stay. A hang is the failure. */
static void who_gives_up_leaves_nobody_asleep(void) {
    counter shared = {.lock = WEFT_LOCK_INIT};
    for (int i = 0; i < test_stress(500); i++) {
        int64_t before = shared.sum;
        EXPECT(weft_lock_try(&shared.lock));
        weft_thread *threads[4];
        for (int t = 0; t < 4; t++) {
            threads[t] = test_start(t % 2 ? acquire_and_release : try_for_a_moment, &shared);
        }
        AWAIT(weft_lock_has_waiters(&shared.lock));
        test_random random = test_random_lane((uint64_t)i);
        weft_sleep_until(test_random_deadline(&random, 100000));
        EXPECT_IS(WEFT_OK, weft_lock_release(&shared.lock));
        for (int t = 0; t < 4; t++) {
            test_join(threads[t]);
        }
        EXPECT(shared.sum >= before + 2);
    }
}

const test_case lock_tests[] = {
    {"is_held_or_free", is_held_or_free},
    {"a_wait_ends_at_its_deadline", a_wait_ends_at_its_deadline},
    {"any_thread_may_release", any_thread_may_release},
    {"a_release_wakes_who_waits", a_release_wakes_who_waits},
    {"one_holder_at_a_time", one_holder_at_a_time},
    {"who_gives_up_leaves_nobody_asleep", who_gives_up_leaves_nobody_asleep},
    {NULL, NULL},
};
