/* RLock: its owner may take it again, and nobody else may touch it. */
#include "harness.h"

static void counts_its_depth(void) {
    weft_rlock rlock = WEFT_RLOCK_INIT;
    EXPECT(!weft_rlock_is_owned(&rlock));
    EXPECT_IS(0, weft_rlock_depth(&rlock));
    EXPECT_IS(WEFT_NOT_HELD, weft_rlock_release(&rlock));
    EXPECT_IS(WEFT_OK, weft_rlock_try(&rlock));
    EXPECT_IS(WEFT_OK, weft_rlock_acquire_until(&rlock, WEFT_FOREVER));
    EXPECT_IS(WEFT_OK, weft_rlock_acquire_until(&rlock, LOWEST));
    EXPECT_IS(3, weft_rlock_depth(&rlock));
    for (uint32_t depth = 3; depth > 0; depth--) {
        EXPECT(weft_rlock_is_owned(&rlock));
        EXPECT_IS(depth, weft_rlock_depth(&rlock));
        EXPECT_IS(WEFT_OK, weft_rlock_release(&rlock));
    }
    EXPECT(!weft_rlock_is_owned(&rlock));
    EXPECT_IS(WEFT_NOT_HELD, weft_rlock_release(&rlock));
}

static void refuses_to_overflow(void) {
    weft_rlock rlock = WEFT_RLOCK_INIT;
    EXPECT_IS(WEFT_OK, weft_rlock_restore_until(&rlock, UINT32_MAX, WEFT_FOREVER));
    EXPECT_IS(WEFT_OVERFLOW, weft_rlock_try(&rlock));
    EXPECT_IS(WEFT_OVERFLOW, weft_rlock_acquire_until(&rlock, WEFT_FOREVER));
    EXPECT_IS(UINT32_MAX, weft_rlock_depth(&rlock));
    EXPECT_IS(UINT32_MAX, weft_rlock_release_all(&rlock));
    EXPECT(!weft_rlock_is_owned(&rlock));
    EXPECT_IS(0, weft_rlock_release_all(&rlock));
}

static void find_it_taken(void *argument) {
    weft_rlock *rlock = argument;
    EXPECT(!weft_rlock_is_owned(rlock));
    EXPECT_IS(0, weft_rlock_depth(rlock));
    EXPECT_IS(WEFT_NOT_HELD, weft_rlock_release(rlock));
    EXPECT_IS(0, weft_rlock_release_all(rlock));
    EXPECT_IS(WEFT_TIMEDOUT, weft_rlock_try(rlock));
    EXPECT_IS(WEFT_TIMEDOUT, weft_rlock_acquire_until(rlock, PAST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_rlock_acquire_until(rlock, LOWEST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_rlock_acquire_until(rlock, SOON));
}

static void belongs_to_its_owner(void) {
    weft_rlock rlock = WEFT_RLOCK_INIT;
    EXPECT_IS(WEFT_OK, weft_rlock_try(&rlock));
    EXPECT_IS(WEFT_OK, weft_rlock_try(&rlock));
    test_run_threads(1, find_it_taken, &rlock);
    EXPECT_IS(2, weft_rlock_release_all(&rlock));
}

typedef struct {
    weft_rlock rlock;
    int rounds;
    int64_t sum; /* guarded by rlock */
} counter;

static void count_nested(void *argument) {
    counter *shared = argument;
    for (int i = 0; i < shared->rounds; i++) {
        uint32_t depth = 1 + (uint32_t)i % 3;
        for (uint32_t d = 0; d < depth; d++) {
            EXPECT_IS(WEFT_OK, weft_rlock_acquire_until(&shared->rlock, WEFT_FOREVER));
        }
        shared->sum++;
        EXPECT_IS(depth, weft_rlock_release_all(&shared->rlock));
        EXPECT(!weft_rlock_is_owned(&shared->rlock));
        EXPECT_IS(WEFT_OK, weft_rlock_restore_until(&shared->rlock, depth, WEFT_FOREVER));
        shared->sum++;
        for (uint32_t d = 0; d < depth; d++) {
            EXPECT_IS(WEFT_OK, weft_rlock_release(&shared->rlock));
        }
    }
}

static void one_owner_at_a_time(void) {
    counter shared = {WEFT_RLOCK_INIT, test_stress(10000), 0};
    test_run_threads(4, count_nested, &shared);
    EXPECT_IS(8 * (int64_t)shared.rounds, shared.sum);
    EXPECT_IS(WEFT_OK, weft_rlock_try(&shared.rlock));
}

const test_case rlock_tests[] = {
    {"counts_its_depth", counts_its_depth},
    {"refuses_to_overflow", refuses_to_overflow},
    {"belongs_to_its_owner", belongs_to_its_owner},
    {"one_owner_at_a_time", one_owner_at_a_time},
    {NULL, NULL},
};
