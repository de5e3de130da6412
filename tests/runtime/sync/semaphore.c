/* Semaphore: every unit that is released is taken once, and wakes somebody who waits. */
#include "harness.h"

static void counts(void) {
    weft_semaphore semaphore = WEFT_SEMAPHORE_INIT(2, WEFT_SEMAPHORE_LIMIT);
    EXPECT_IS(2, weft_semaphore_count(&semaphore));
    EXPECT(weft_semaphore_try(&semaphore));
    EXPECT_IS(WEFT_OK, weft_semaphore_acquire_until(&semaphore, LOWEST));
    EXPECT(!weft_semaphore_try(&semaphore));
    EXPECT_IS(WEFT_OK, weft_semaphore_release(&semaphore, 0));
    EXPECT_IS(0, weft_semaphore_count(&semaphore));
    EXPECT_IS(WEFT_OK, weft_semaphore_release(&semaphore, 3));
    EXPECT_IS(3, weft_semaphore_count(&semaphore));
}

static void never_passes_its_limit(void) {
    weft_semaphore bounded = WEFT_SEMAPHORE_INIT(1, 3);
    EXPECT_IS(WEFT_OVERFLOW, weft_semaphore_release(&bounded, 3));
    EXPECT_IS(1, weft_semaphore_count(&bounded));
    EXPECT_IS(WEFT_OK, weft_semaphore_release(&bounded, 2));
    EXPECT_IS(WEFT_OVERFLOW, weft_semaphore_release(&bounded, 1));
    EXPECT_IS(WEFT_OVERFLOW, weft_semaphore_release(&bounded, UINT32_MAX));
    EXPECT_IS(3, weft_semaphore_count(&bounded));

    weft_semaphore widest = WEFT_SEMAPHORE_INIT(1, WEFT_SEMAPHORE_LIMIT);
    EXPECT_IS(WEFT_OVERFLOW, weft_semaphore_release(&widest, UINT32_MAX));
    EXPECT_IS(WEFT_OK, weft_semaphore_release(&widest, UINT32_MAX - 1));
    EXPECT_IS(UINT32_MAX, weft_semaphore_count(&widest));
}

static void a_wait_ends_at_its_deadline(void) {
    weft_semaphore semaphore = WEFT_SEMAPHORE_INIT(0, 1);
    int64_t soon = SOON;
    EXPECT_IS(WEFT_TIMEDOUT, weft_semaphore_acquire_until(&semaphore, PAST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_semaphore_acquire_until(&semaphore, LOWEST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_semaphore_acquire_until(&semaphore, soon));
    EXPECT(weft_clock_now() >= soon);
    EXPECT_IS(0, weft_semaphore_waiting(&semaphore));
}

static void acquire(void *semaphore) {
    EXPECT_IS(WEFT_OK, weft_semaphore_acquire_until(semaphore, WEFT_FOREVER));
}

static void one_release_wakes_several(void) {
    weft_semaphore semaphore = WEFT_SEMAPHORE_INIT(0, WEFT_SEMAPHORE_LIMIT);
    for (int i = 0; i < test_stress(300); i++) {
        weft_thread *threads[5];
        for (int t = 0; t < 5; t++) {
            threads[t] = test_start(acquire, &semaphore);
        }
        AWAIT(weft_semaphore_waiting(&semaphore) == 5);
        EXPECT_IS(WEFT_OK, weft_semaphore_release(&semaphore, 3));
        AWAIT(weft_semaphore_waiting(&semaphore) == 2);
        EXPECT_IS(0, weft_semaphore_count(&semaphore));
        EXPECT_IS(WEFT_OK, weft_semaphore_release(&semaphore, 1));
        EXPECT_IS(WEFT_OK, weft_semaphore_release(&semaphore, 1));
        for (int t = 0; t < 5; t++) {
            test_join(threads[t]);
        }
        EXPECT_IS(0, weft_semaphore_count(&semaphore));
        EXPECT_IS(0, weft_semaphore_waiting(&semaphore));
    }
}

enum { ROOM = 4 };

/* A ring that one thread fills and another empties: the semaphores order its slots. */
typedef struct {
    weft_semaphore room, goods;
    int ring[ROOM];
    int rounds;
} market;

static void produce(void *argument) {
    market *both = argument;
    for (int i = 0; i < both->rounds; i++) {
        EXPECT_IS(WEFT_OK, weft_semaphore_acquire_until(&both->room, WEFT_FOREVER));
        both->ring[i % ROOM] = i;
        EXPECT_IS(WEFT_OK, weft_semaphore_release(&both->goods, 1));
    }
}

static void producer_and_consumer(void) {
    market both = {
        WEFT_SEMAPHORE_INIT(ROOM, ROOM), WEFT_SEMAPHORE_INIT(0, ROOM), {0}, test_stress(30000)};
    weft_thread *producer = test_start(produce, &both);
    for (int i = 0; i < both.rounds; i++) {
        EXPECT_IS(WEFT_OK, weft_semaphore_acquire_until(&both.goods, WEFT_FOREVER));
        EXPECT_IS(i, both.ring[i % ROOM]);
        EXPECT_IS(WEFT_OK, weft_semaphore_release(&both.room, 1));
    }
    test_join(producer);
    EXPECT_IS(ROOM, weft_semaphore_count(&both.room));
}

typedef struct {
    weft_semaphore units;
    int rounds;
    _Atomic(uint64_t) lanes;
    _Atomic(int64_t) taken;
} race;

/* Takes its share in the end, however often its short waits time out. */
static void take_share(void *argument) {
    race *shared = argument;
    test_random random = test_random_lane(atomic_fetch_add(&shared->lanes, 1));
    for (int i = 0; i < shared->rounds; i++) {
        while (
            weft_semaphore_acquire_until(&shared->units, i % 4 ? test_random_deadline(&random, 5000)
                                                               : WEFT_FOREVER) != WEFT_OK) {
        }
        atomic_fetch_add(&shared->taken, 1);
    }
}

static void deadlines_race_with_releases(void) {
    race shared = {WEFT_SEMAPHORE_INIT(0, WEFT_SEMAPHORE_LIMIT), test_stress(5000), 0, 0};
    weft_thread *takers[3];
    for (int t = 0; t < 3; t++) {
        takers[t] = test_start(take_share, &shared);
    }
    test_random random = test_random_lane(100);
    int64_t left = 3 * (int64_t)shared.rounds;
    while (left > 0) {
        uint32_t units = 1 + test_random_below(&random, 3);
        units = units > left ? (uint32_t)left : units;
        EXPECT_IS(WEFT_OK, weft_semaphore_release(&shared.units, units));
        left -= units;
        if (test_random_below(&random, 16) == 0) {
            AWAIT(weft_semaphore_count(&shared.units) == 0);
        }
    }
    for (int t = 0; t < 3; t++) {
        test_join(takers[t]);
    }
    EXPECT_IS(3 * (int64_t)shared.rounds, shared.taken);
    EXPECT_IS(0, weft_semaphore_count(&shared.units));
    EXPECT_IS(0, weft_semaphore_waiting(&shared.units));
}

const test_case semaphore_tests[] = {
    {"counts", counts},
    {"never_passes_its_limit", never_passes_its_limit},
    {"a_wait_ends_at_its_deadline", a_wait_ends_at_its_deadline},
    {"one_release_wakes_several", one_release_wakes_several},
    {"producer_and_consumer", producer_and_consumer},
    {"deadlines_race_with_releases", deadlines_race_with_releases},
    {NULL, NULL},
};
