/* Crowds of threads: many at once, and very many one after the other, without growth. */
#include "harness.h"

enum { CROWD = 1000, IDLE_MOST = 32 }; /* IDLE_MOST: worker.c's IDLE_MAX */

typedef struct {
    weft_semaphore arrived;
    weft_event go;
    _Atomic(int) done;
} party;

static void come_and_go(void *argument) {
    party *all = argument;
    EXPECT_IS(WEFT_OK, weft_semaphore_release(&all->arrived, 1));
    EXPECT_IS(WEFT_OK, weft_event_wait_until(&all->go, WEFT_FOREVER));
    atomic_fetch_add(&all->done, 1);
}

static void a_thousand_alive_at_once(void) {
    static weft_thread *threads[CROWD];
    party all = {WEFT_SEMAPHORE_INIT(0, CROWD), WEFT_EVENT_INIT, 0};
    int64_t natives = host_native_threads();
    for (int t = 0; t < CROWD; t++) {
        weft_thread_options options = {.stack_bytes = 131072}; /* for 32-bit address spaces */
        EXPECT_IS(WEFT_OK, weft_thread_start(&threads[t], come_and_go, &all, &options));
    }
    AWAIT(weft_semaphore_count(&all.arrived) == CROWD);
    EXPECT_IS(CROWD, weft_thread_count());
    weft_event_set(&all.go);
    for (int t = 0; t < CROWD; t++) {
        test_join(threads[t]);
    }
    EXPECT_IS(CROWD, all.done);
    EXPECT_IS(0, weft_thread_count());
    AWAIT(host_native_threads() <= natives + IDLE_MOST);
}

static void do_little(void *sum) {
    *(int64_t *)sum += 1;
}

/* `kinds` different stack sizes: with one, a pooled native thread runs them all; with more than the
 * pool holds, native threads start and end all the time. */
static void run_in_a_row(int count, int kinds) {
    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        weft_thread_options options = {.stack_bytes = 262144 + 65536 * (size_t)(i % kinds)};
        weft_thread *thread = NULL;
        EXPECT_IS(WEFT_OK, weft_thread_start(&thread, do_little, &sum, &options));
        test_join(thread);
    }
    EXPECT_IS(count, sum);
}

/* One MiB is allowed for what the system keeps by itself; a leak of 64 bytes a thread in 20,000
 * threads would be more. */
static void expect_no_growth(int count, int kinds) {
    const int64_t slack_bytes = 1 << 20;
    run_in_a_row(count / 10 + 2 * IDLE_MOST, kinds);
    AWAIT(host_native_threads() <= IDLE_MOST + 2);
    int64_t memory = host_memory_bytes();
    int64_t handles = host_handles();
    run_in_a_row(count, kinds);
    AWAIT(host_native_threads() <= IDLE_MOST + 2);
    int64_t grown = host_memory_bytes() - memory;
    test_note("%d threads of %d kinds: %" PRId64 " bytes more in use, %" PRId64 " handles more",
              count, kinds, grown, host_handles() - handles);
    EXPECT(host_handles() <= handles + 2);
    if (test_checks_memory()) {
        EXPECT(grown <= slack_bytes);
    }
}

static void one_after_the_other_in_the_pool(void) {
    expect_no_growth(test_stress(20000), 1);
}

static void one_after_the_other_in_new_native_threads(void) {
    expect_no_growth(test_stress(5000), 3 * IDLE_MOST);
}

static void start_more(void *depth) {
    int next = *(int *)depth - 1;
    if (next > 0) {
        weft_thread *left = test_start(start_more, &next);
        weft_thread *right = test_start(start_more, &next);
        test_join(left);
        test_join(right);
    }
}

static void threads_start_threads(void) {
    for (int i = 0; i < test_stress(30); i++) {
        int depth = 6;
        test_run_threads(1, start_more, &depth);
    }
    EXPECT_IS(0, weft_thread_count());
}

const test_case thread_crowd_tests[] = {
    {"a_thousand_alive_at_once", a_thousand_alive_at_once},
    {"one_after_the_other_in_the_pool", one_after_the_other_in_the_pool},
    {"one_after_the_other_in_new_native_threads", one_after_the_other_in_new_native_threads},
    {"threads_start_threads", threads_start_threads},
    {NULL, NULL},
};
