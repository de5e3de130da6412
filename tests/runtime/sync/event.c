/* Event: no set() is lost, whatever follows it. */
#include <stdlib.h>

#include "harness.h"

static void is_a_flag(void) {
    weft_event event = WEFT_EVENT_INIT;
    EXPECT(!weft_event_is_set(&event));
    weft_event_set(&event);
    EXPECT(weft_event_is_set(&event));
    weft_event_set(&event);
    EXPECT(weft_event_is_set(&event));
    EXPECT_IS(WEFT_OK, weft_event_wait_until(&event, WEFT_FOREVER));
    EXPECT_IS(WEFT_OK, weft_event_wait_until(&event, LOWEST));
    weft_event_clear(&event);
    EXPECT(!weft_event_is_set(&event));
    weft_event_clear(&event);
    EXPECT(!weft_event_is_set(&event));
}

static void a_wait_ends_at_its_deadline(void) {
    weft_event event = WEFT_EVENT_INIT;
    int64_t soon = SOON;
    EXPECT_IS(WEFT_TIMEDOUT, weft_event_wait_until(&event, PAST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_event_wait_until(&event, LOWEST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_event_wait_until(&event, soon));
    EXPECT(weft_clock_now() >= soon);
    EXPECT_IS(0, weft_event_waiting(&event));
    weft_event_set(&event);
    EXPECT_IS(WEFT_OK, weft_event_wait_until(&event, PAST));
}

static void an_observation_remembers_a_set(void) {
    weft_event event = WEFT_EVENT_INIT;
    uint32_t observation = weft_event_observe(&event);
    EXPECT_IS(WEFT_TIMEDOUT, weft_event_resume_until(&event, observation, PAST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_event_resume_until(&event, observation, SOON));
    weft_event_set(&event);
    weft_event_clear(&event);
    EXPECT_IS(WEFT_OK, weft_event_resume_until(&event, observation, PAST));
    EXPECT_IS(WEFT_OK, weft_event_resume_until(&event, observation, WEFT_FOREVER));
    EXPECT_IS(WEFT_TIMEDOUT, weft_event_wait_until(&event, PAST));
}

static void an_observation_of_a_set_flag_outlives_clear(void) {
    weft_event event = WEFT_EVENT_INIT;
    weft_event_set(&event);
    uint32_t observation = weft_event_observe(&event);
    weft_event_clear(&event);
    EXPECT_IS(WEFT_OK, weft_event_resume_until(&event, observation, PAST));
}

typedef struct {
    weft_event event;
    _Atomic(int) released;
} crowd;

static void wait_in_crowd(void *argument) {
    crowd *all = argument;
    EXPECT_IS(WEFT_OK, weft_event_wait_until(&all->event, WEFT_FOREVER));
    atomic_fetch_add(&all->released, 1);
}

static void set_then_clear(crowd *all, int count) {
    weft_thread *threads[8];
    for (int i = 0; i < count; i++) {
        threads[i] = test_start(wait_in_crowd, all);
    }
    AWAIT(weft_event_waiting(&all->event) == (uint32_t)count);
    weft_event_set(&all->event);
    weft_event_clear(&all->event);
    for (int i = 0; i < count; i++) {
        test_join(threads[i]);
    }
    EXPECT(!weft_event_is_set(&all->event));
    EXPECT_IS(0, weft_event_waiting(&all->event));
}

static void set_directly_followed_by_clear_releases_all(void) {
    crowd all = {WEFT_EVENT_INIT, 0};
    for (int i = 0; i < test_stress(500); i++) {
        set_then_clear(&all, 1 + i % 8);
    }
}

/* The last epoch before the counter starts again from zero. */
static void the_epoch_wraps(void) {
    crowd all = {{0xFFFFFFF8, 0}, 0};
    for (int i = 0; i < 4; i++) {
        uint32_t observation = weft_event_observe(&all.event);
        EXPECT_IS(WEFT_TIMEDOUT, weft_event_resume_until(&all.event, observation, PAST));
        set_then_clear(&all, 3);
        EXPECT_IS(WEFT_OK, weft_event_resume_until(&all.event, observation, PAST));
    }
    EXPECT_IS(12, all.released);
}

typedef struct {
    weft_event there, back;
    int ball; /* not atomic: the events order it */
    int rounds;
} game;

static void return_balls(void *argument) {
    game *both = argument;
    for (int i = 0; i < both->rounds; i++) {
        EXPECT_IS(WEFT_OK, weft_event_wait_until(&both->there, WEFT_FOREVER));
        weft_event_clear(&both->there);
        EXPECT_IS(2 * i + 1, both->ball);
        both->ball++;
        weft_event_set(&both->back);
    }
}

static void orders_what_comes_before_and_after(void) {
    game both = {WEFT_EVENT_INIT, WEFT_EVENT_INIT, 0, test_stress(20000)};
    weft_thread *thread = test_start(return_balls, &both);
    for (int i = 0; i < both.rounds; i++) {
        both.ball++;
        weft_event_set(&both.there);
        EXPECT_IS(WEFT_OK, weft_event_wait_until(&both.back, WEFT_FOREVER));
        weft_event_clear(&both.back);
        EXPECT_IS(2 * i + 2, both.ball);
    }
    test_join(thread);
}

/* One that completes, again and again, whatever event it is handed. */
typedef struct {
    _Atomic(weft_event *) wanted;
    _Atomic(bool) closed;
} completer;

static void complete(void *argument) {
    completer *desk = argument;
    while (!atomic_load(&desk->closed)) {
        weft_event *event = atomic_exchange(&desk->wanted, NULL);
        if (event != NULL) {
            weft_event_set(event);
        }
    }
}

/* The event goes as soon as the wait returns, while set() may still be on its way out. On the heap,
 * so that the address sanitizer sees a late use. */
static void goes_away_while_set_returns(void) {
    completer desk = {NULL, false};
    weft_thread *thread = test_start(complete, &desk);
    for (int i = 0; i < test_stress(20000); i++) {
        weft_event *event = malloc(sizeof *event);
        EXPECT(event != NULL);
        *event = (weft_event)WEFT_EVENT_INIT;
        atomic_store(&desk.wanted, event);
        EXPECT_IS(WEFT_OK, weft_event_wait_until(event, WEFT_FOREVER));
        free(event);
    }
    atomic_store(&desk.closed, true);
    test_join(thread);
}

/* Waits time out around the very moment of the set. */
static void race_deadlines(void *argument) {
    crowd *all = argument;
    test_random random = test_random_lane(1);
    weft_status status;
    do {
        status = weft_event_wait_until(&all->event, test_random_deadline(&random, 20000));
        EXPECT(status == WEFT_OK || status == WEFT_TIMEDOUT);
    } while (status != WEFT_OK);
    EXPECT_IS(WEFT_OK, weft_event_wait_until(&all->event, WEFT_FOREVER));
    atomic_fetch_add(&all->released, 1);
}

static void deadlines_race_with_set(void) {
    test_random random = test_random_lane(0);
    for (int i = 0; i < test_stress(300); i++) {
        crowd all = {WEFT_EVENT_INIT, 0};
        weft_thread *first = test_start(race_deadlines, &all);
        weft_thread *second = test_start(race_deadlines, &all);
        weft_sleep_until(test_random_deadline(&random, 40000));
        weft_event_set(&all.event);
        test_join(first);
        test_join(second);
        EXPECT_IS(2, all.released);
        EXPECT_IS(0, weft_event_waiting(&all.event));
    }
}

const test_case event_tests[] = {
    {"is_a_flag", is_a_flag},
    {"a_wait_ends_at_its_deadline", a_wait_ends_at_its_deadline},
    {"an_observation_remembers_a_set", an_observation_remembers_a_set},
    {"an_observation_of_a_set_flag_outlives_clear", an_observation_of_a_set_flag_outlives_clear},
    {"set_directly_followed_by_clear_releases_all", set_directly_followed_by_clear_releases_all},
    {"the_epoch_wraps", the_epoch_wraps},
    {"orders_what_comes_before_and_after", orders_what_comes_before_and_after},
    {"goes_away_while_set_returns", goes_away_while_set_returns},
    {"deadlines_race_with_set", deadlines_race_with_set},
    {NULL, NULL},
};
