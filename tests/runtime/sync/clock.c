/* Clock and sleep: time goes forward, deadlines hold their limits, a sleep never ends early. */
#include "harness.h"

static void never_goes_back(void) {
    int64_t before = weft_clock_now();
    EXPECT(before >= 0);
    for (int i = 0; i < test_stress(100000); i++) {
        int64_t now = weft_clock_now();
        EXPECT(now >= before);
        before = now;
    }
}

static void deadlines_hold_their_limits(void) {
    EXPECT_IS(WEFT_FOREVER, weft_clock_deadline(WEFT_FOREVER));
    EXPECT_IS(WEFT_FOREVER, weft_clock_deadline(WEFT_FOREVER - 1));
    int64_t before = weft_clock_now();
    int64_t negative = weft_clock_deadline(INT64_MIN);
    int64_t hour = weft_clock_deadline(INT64_C(3600000000000));
    int64_t after = weft_clock_now();
    EXPECT(negative >= before && negative <= after);
    EXPECT(hour - INT64_C(3600000000000) >= before);
    EXPECT(hour - INT64_C(3600000000000) <= after);
}

static void a_sleep_until_the_past_ends_at_once(void) {
    EXPECT_IS(WEFT_OK, weft_sleep_until(PAST));
    EXPECT_IS(WEFT_OK, weft_sleep_until(LOWEST));
    EXPECT_IS(WEFT_OK, weft_sleep_until(-1));
    EXPECT_IS(WEFT_OK, weft_sleep_until(weft_clock_now()));
}

static void a_sleep_never_ends_early(void) {
    test_random random = test_random_lane(0);
    for (int i = 0; i < test_stress(200); i++) {
        int64_t deadline = weft_clock_deadline(test_random_below(&random, 300000));
        EXPECT_IS(WEFT_OK, weft_sleep_until(deadline));
        EXPECT(weft_clock_now() >= deadline);
    }
}

static void wait_far_away(void *argument) {
    weft_event *event = argument;
    int64_t far_away[] = {WEFT_FOREVER - 1, INT64_C(3000000000000000000)};
    for (int i = 0; i < 2; i++) {
        EXPECT_IS(WEFT_OK, weft_event_wait_until(&event[i], far_away[i]));
    }
}

/* A time that the system's own type can't hold must not become one that has passed. */
static void a_deadline_in_a_hundred_years_is_no_error(void) {
    weft_event event[2] = {WEFT_EVENT_INIT, WEFT_EVENT_INIT};
    weft_thread *thread = test_start(wait_far_away, event);
    for (int i = 0; i < 2; i++) {
        AWAIT(weft_event_waiting(&event[i]) == 1);
        weft_event_set(&event[i]);
    }
    test_join(thread);
}

const test_case clock_tests[] = {
    {"never_goes_back", never_goes_back},
    {"deadlines_hold_their_limits", deadlines_hold_their_limits},
    {"a_sleep_until_the_past_ends_at_once", a_sleep_until_the_past_ends_at_once},
    {"a_sleep_never_ends_early", a_sleep_never_ends_early},
    {"a_deadline_in_a_hundred_years_is_no_error", a_deadline_in_a_hundred_years_is_no_error},
    {NULL, NULL},
};
