/* Barrier: nobody leaves a round before all have come, and everybody learns how it ended. */
#include "harness.h"

enum { PARTIES = 4 };

typedef struct {
    weft_barrier barrier;
    int rounds;
    int marks[PARTIES]; /* each written by one thread, between two rounds */
    _Atomic(int) lanes;
    _Atomic(int) firsts;
} meeting;

static void meet(void *argument) {
    meeting *shared = argument;
    int self = atomic_fetch_add(&shared->lanes, 1);
    for (int round = 1; round <= shared->rounds; round++) {
        uint32_t order = PARTIES;
        shared->marks[self] = round;
        EXPECT_IS(WEFT_OK, weft_barrier_wait_until(&shared->barrier, WEFT_FOREVER, &order));
        EXPECT(order < PARTIES);
        atomic_fetch_add(&shared->firsts, order == 0);
        for (int other = 0; other < PARTIES; other++) {
            EXPECT_IS(round, shared->marks[other]);
        }
        EXPECT_IS(WEFT_OK, weft_barrier_wait_until(&shared->barrier, WEFT_FOREVER, NULL));
    }
}

static void nobody_leaves_before_all_have_come(void) {
    meeting shared = {.barrier = WEFT_BARRIER_INIT(PARTIES), .rounds = test_stress(1500)};
    test_run_threads(PARTIES, meet, &shared);
    EXPECT_IS(shared.rounds, shared.firsts);
    EXPECT_IS(0, weft_barrier_waiting(&shared.barrier));
    EXPECT(!weft_barrier_is_broken(&shared.barrier));
}

static void one_party_never_blocks(void) {
    weft_barrier barrier = WEFT_BARRIER_INIT(1);
    for (int i = 0; i < 3; i++) {
        uint32_t order = 7;
        EXPECT_IS(WEFT_OK, weft_barrier_wait_until(&barrier, LOWEST, &order));
        EXPECT_IS(0, order);
    }
}

typedef struct {
    weft_barrier barrier;
    _Atomic(int) ended[WEFT_DEADLOCK + 1]; /* how many waits ended with each status */
} outcome;

static void count_outcome(void *argument) {
    outcome *shared = argument;
    weft_status status = weft_barrier_wait_until(&shared->barrier, WEFT_FOREVER, NULL);
    atomic_fetch_add(&shared->ended[status], 1);
}

/* Starts `count` threads that wait at the barrier, and returns when they do. */
static void gather(outcome *shared, weft_thread **threads, int count) {
    for (int t = 0; t < count; t++) {
        threads[t] = test_start(count_outcome, shared);
    }
    AWAIT(weft_barrier_waiting(&shared->barrier) == (uint32_t)count);
}

static void part(weft_thread **threads, int count) {
    for (int t = 0; t < count; t++) {
        test_join(threads[t]);
    }
}

/* The barrier has to be whole and empty. */
static void expect_usable(outcome *shared) {
    weft_thread *threads[2];
    int before = shared->ended[WEFT_OK];
    EXPECT(!weft_barrier_is_broken(&shared->barrier));
    gather(shared, threads, 2);
    EXPECT_IS(WEFT_OK, weft_barrier_wait_until(&shared->barrier, WEFT_FOREVER, NULL));
    part(threads, 2);
    EXPECT_IS(before + 2, shared->ended[WEFT_OK]);
}

static void a_timeout_breaks_it_for_all(void) {
    int64_t deadlines[] = {PAST, LOWEST, SOON};
    for (int i = 0; i < 3; i++) {
        outcome shared = {.barrier = WEFT_BARRIER_INIT(3)};
        weft_thread *threads[1];
        gather(&shared, threads, 1);
        EXPECT_IS(WEFT_TIMEDOUT, weft_barrier_wait_until(&shared.barrier, deadlines[i], NULL));
        part(threads, 1);
        EXPECT_IS(1, shared.ended[WEFT_BROKEN]);
        EXPECT(weft_barrier_is_broken(&shared.barrier));
        EXPECT_IS(WEFT_BROKEN, weft_barrier_wait_until(&shared.barrier, WEFT_FOREVER, NULL));
        weft_barrier_reset(&shared.barrier);
        expect_usable(&shared);
    }
}

static void abort_breaks_it_until_reset(void) {
    outcome shared = {.barrier = WEFT_BARRIER_INIT(3)};
    weft_thread *threads[2];
    gather(&shared, threads, 2);
    weft_barrier_abort(&shared.barrier);
    weft_barrier_abort(&shared.barrier);
    part(threads, 2);
    EXPECT_IS(2, shared.ended[WEFT_BROKEN]);
    EXPECT(weft_barrier_is_broken(&shared.barrier));
    EXPECT_IS(0, weft_barrier_waiting(&shared.barrier));
    EXPECT_IS(WEFT_BROKEN, weft_barrier_wait_until(&shared.barrier, WEFT_FOREVER, NULL));
    weft_barrier_reset(&shared.barrier);
    expect_usable(&shared);
}

static void reset_turns_away_who_waits(void) {
    outcome shared = {.barrier = WEFT_BARRIER_INIT(3)};
    for (int i = 0; i < test_stress(300); i++) {
        weft_thread *threads[2];
        gather(&shared, threads, 2);
        weft_barrier_reset(&shared.barrier);
        /* Somebody comes while those still leave: he belongs to the next round. */
        weft_thread *next[2];
        gather(&shared, next, 2);
        EXPECT_IS(WEFT_OK, weft_barrier_wait_until(&shared.barrier, WEFT_FOREVER, NULL));
        part(threads, 2);
        part(next, 2);
        EXPECT_IS(2 * (i + 1), shared.ended[WEFT_BROKEN]);
        EXPECT_IS(2 * (i + 1), shared.ended[WEFT_OK]);
    }
}

static void a_reset_of_an_empty_one_changes_nothing(void) {
    outcome shared = {.barrier = WEFT_BARRIER_INIT(3)};
    weft_barrier_reset(&shared.barrier);
    expect_usable(&shared);
    weft_barrier_reset(&shared.barrier);
    expect_usable(&shared);
}

const test_case barrier_tests[] = {
    {"nobody_leaves_before_all_have_come", nobody_leaves_before_all_have_come},
    {"one_party_never_blocks", one_party_never_blocks},
    {"a_timeout_breaks_it_for_all", a_timeout_breaks_it_for_all},
    {"abort_breaks_it_until_reset", abort_breaks_it_until_reset},
    {"reset_turns_away_who_waits", reset_turns_away_who_waits},
    {"a_reset_of_an_empty_one_changes_nothing", a_reset_of_an_empty_one_changes_nothing},
    {NULL, NULL},
};
