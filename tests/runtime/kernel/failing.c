/* Cases that the simulator has to find wrong: they prove that it does. */
#include "cases.h"

static weft_lock taken;

static void acquire(void *unused) {
    (void)unused;
    weft_lock_acquire_until(&taken, WEFT_FOREVER);
}

static void deadlock(void) {
    checker_name(&taken, sizeof taken, "the lock that nobody releases");
    EXPECT(weft_lock_try(&taken));
    start(0, acquire, "patient");
    acquire(NULL);
}

static weft_semaphore units = WEFT_SEMAPHORE_INIT(0, 1);

static void take_unit(void *unused) {
    (void)unused;
    weft_semaphore_acquire_until(&units, WEFT_FOREVER);
}

/* As if a wake-up had been lost: the word changes, and nobody wakes who waits on it. */
static void lost_wake_up(void) {
    checker_name(&units, sizeof units, "units");
    start(0, take_unit, "sleeper");
    while (weft_semaphore_waiting(&units) == 0) {
        weft_kernel_yield();
    }
    weft_sleep_until(weft_clock_now() + 1 * MS);
    atomic_store(&units.count, 1);
    weft_sleep_until(weft_clock_now() + 1 * MS);
}

static void stay_atomic(void *unused) {
    (void)unused;
    weft_kernel_begin_atomic();
}

static void no_way_out(void) {
    start(0, stay_atomic, "locked out");
    stay_atomic(NULL);
    for (;;) {
        weft_sim_point();
    }
}

static volatile int shared;

static void write_shared(void *unused) {
    (void)unused;
    for (int i = 0; i < 1000; i++) {
        shared++;
    }
}

/* In a build with WEFT_CHECK_ACCESSES. */
static void data_race(void) {
    checker_name((const void *)&shared, sizeof shared, "shared");
    start(0, write_shared, "writer");
    write_shared(NULL);
    finish(&helpers[0]);
}

const test_case failing_cases[] = {
    {"deadlock", deadlock, NULL},
    {"lost_wake_up", lost_wake_up, NULL},
    {"no_way_out", no_way_out, NULL},
    {"data_race", data_race, NULL},
    {NULL, NULL, NULL},
};
