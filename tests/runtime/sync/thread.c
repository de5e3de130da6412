/* Thread: starts, ends, and is counted right in between. */
#include <string.h>

#ifdef SHOWS_NAMES
#include <sys/prctl.h>
#endif

#include "harness.h"

static void set_event(void *event) {
    weft_event_set(event);
}

static void wait_for_event(void *event) {
    EXPECT_IS(WEFT_OK, weft_event_wait_until(event, WEFT_FOREVER));
}

static void add_one(void *argument) {
    *(int *)argument += 1;
}

static void what_it_did_is_seen_after_join(void) {
    int sum = 0; /* not atomic: start and join order it */
    for (int i = 0; i < test_stress(3000); i++) {
        weft_thread *thread = test_start(add_one, &sum);
        test_join(thread);
        EXPECT_IS(i + 1, sum);
    }
}

static void join_has_a_deadline(void) {
    weft_event go = WEFT_EVENT_INIT;
    weft_thread *thread = test_start(wait_for_event, &go);
    int64_t soon = SOON;
    EXPECT(weft_thread_is_alive(thread));
    EXPECT_IS(WEFT_TIMEDOUT, weft_thread_join_until(thread, PAST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_thread_join_until(thread, LOWEST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_thread_join_until(thread, soon));
    EXPECT(weft_clock_now() >= soon);
    EXPECT(weft_thread_is_alive(thread));
    weft_event_set(&go);
    EXPECT_IS(WEFT_OK, weft_thread_join_until(thread, WEFT_FOREVER));
    EXPECT(!weft_thread_is_alive(thread));
    EXPECT_IS(WEFT_OK, weft_thread_join_until(thread, LOWEST));
    weft_thread_release(thread);
}

static void join_other(void *thread) {
    EXPECT_IS(WEFT_OK, weft_thread_join_until(thread, WEFT_FOREVER));
    EXPECT(!weft_thread_is_alive(thread));
}

static void several_may_join_one(void) {
    for (int i = 0; i < test_stress(200); i++) {
        weft_event go = WEFT_EVENT_INIT;
        weft_thread *thread = test_start(wait_for_event, &go);
        weft_thread *joiners[3];
        for (int j = 0; j < 3; j++) {
            joiners[j] = test_start(join_other, thread);
        }
        weft_event_set(&go);
        for (int j = 0; j < 3; j++) {
            test_join(joiners[j]);
        }
        weft_thread_release(thread);
    }
}

/* The handle may be given up while the thread runs. */
static void release_does_not_end_it(void) {
    for (int i = 0; i < test_stress(1000); i++) {
        weft_event ran = WEFT_EVENT_INIT;
        weft_thread_release(test_start(set_event, &ran));
        EXPECT_IS(WEFT_OK, weft_event_wait_until(&ran, WEFT_FOREVER));
    }
    AWAIT(weft_thread_count() == 0);
}

static void join_self(void *unused) {
    (void)unused;
    EXPECT_IS(WEFT_DEADLOCK, weft_thread_join_until(weft_thread_self(), WEFT_FOREVER));
    EXPECT_IS(WEFT_DEADLOCK, weft_thread_join_until(weft_thread_self(), PAST));
}

static void a_join_of_itself_is_refused(void) {
    test_run_threads(1, join_self, NULL);
    EXPECT(weft_thread_self() == NULL);
}

static void exit_deep_inside(int depth);
static void (*volatile deeper)(int) =
    exit_deep_inside; /* hides from compilers that it never ends */

static void exit_deep_inside(int depth) {
    volatile char frame[64] = {0};
    if (depth == 0) {
        weft_thread_exit();
    }
    deeper(depth - 1);
    EXPECT_IS(1, frame[0]); /* never reached; keeps the frame on the stack */
}

static void go_deep(void *reached) {
    *(int *)reached = 1;
    exit_deep_inside(100);
    *(int *)reached = 2;
}

static void exit_ends_it_from_deep_inside(void) {
    for (int i = 0; i < 50; i++) {
        int reached = 0;
        test_run_threads(1, go_deep, &reached);
        EXPECT_IS(1, reached);
    }
}

static void compare_ident(void *ident) {
    *(uintptr_t *)ident = weft_thread_self_ident();
    EXPECT_IS(weft_thread_self_ident(), weft_thread_ident(weft_thread_self()));
}

static void idents_are_its_own(void) {
    uintptr_t ident = 0;
    weft_event go = WEFT_EVENT_INIT;
    weft_thread *waiter = test_start(wait_for_event, &go);
    weft_thread *thread = test_start(compare_ident, &ident);
    EXPECT_IS(WEFT_OK, weft_thread_join_until(thread, WEFT_FOREVER));
    EXPECT(ident != 0);
    EXPECT_IS(ident, weft_thread_ident(thread));
    EXPECT(ident != weft_thread_ident(waiter));
    EXPECT(ident != weft_thread_self_ident());
    weft_thread_release(thread);
    weft_event_set(&go);
    test_join(waiter);
}

/* What the system's tools show for the calling thread. */
static void read_name(void *shown) {
#ifdef SHOWS_NAMES
    prctl(PR_GET_NAME, shown);
#else
    (void)shown;
#endif
}

static void run_named(const char *name, char *shown) {
    weft_thread *thread = NULL;
    weft_thread_options options = {.name = name};
    EXPECT_IS(WEFT_OK, weft_thread_start(&thread, read_name, shown, &options));
    char cut[32] = "";
    strncpy(cut, name != NULL ? name : "", sizeof cut - 1);
    EXPECT_TEXT(cut, weft_thread_name(thread));
    test_join(thread);
}

static void has_a_name(void) {
    char shown[3][16] = {"", "", ""};
    run_named("heartbeat", shown[0]);
    run_named("a name that is longer than any system takes for a thread", shown[1]);
    run_named(NULL, shown[2]);
#ifdef SHOWS_NAMES
    EXPECT_TEXT("heartbeat", shown[0]);
    EXPECT_TEXT("a name that is ", shown[1]);
    EXPECT_TEXT("weft", shown[2]);
#endif
}

static void fill_stack(void *bytes) {
    size_t size = *(size_t *)bytes;
    volatile char frame[4096];
    frame[0] = 1;
    if (size > 8192) {
        size_t rest = size - 4096 - 512; /* the frame, and what the call itself takes */
        fill_stack(&rest);
    }
    EXPECT_IS(1, frame[0]);
}

static void has_the_stack_it_asks_for(void) {
    size_t sizes[] = {1, 256 * 1024, 64 * 1024 * 1024};
    for (int i = 0; i < 3; i++) {
        weft_thread *thread = NULL;
        weft_thread_options options = {.stack_bytes = sizes[i]};
        size_t used = sizes[i] / 2;
        EXPECT_IS(WEFT_OK,
                  weft_thread_start(&thread, i == 0 ? add_one : fill_stack, &used, &options));
        test_join(thread);
    }
}

static void an_impossible_stack_is_refused(void) {
    weft_thread *thread = NULL;
    /* Half of 32 bits can be had, and more than half of 64 stops wine. */
    size_t most = sizeof(size_t) > 4 ? SIZE_MAX / 2 : SIZE_MAX - 1000000;
    weft_thread_options options = {.stack_bytes = most};
    int ignored = 0;
    EXPECT_IS(WEFT_NO_THREAD, weft_thread_start(&thread, add_one, &ignored, &options));
    EXPECT(thread == NULL);
    EXPECT_IS(0, weft_thread_count());
    EXPECT_IS(WEFT_OK, weft_thread_join_all_until(PAST));
}

static void join_the_others(void *unused) {
    (void)unused;
    EXPECT_IS(WEFT_OK, weft_thread_join_all_until(WEFT_FOREVER));
}

static void join_all_waits_for_all_but_daemons(void) {
    weft_event go = WEFT_EVENT_INIT, stay = WEFT_EVENT_INIT;
    weft_thread_options daemon = {.daemon = true};
    weft_thread *background = NULL;
    EXPECT_IS(WEFT_OK, weft_thread_start(&background, wait_for_event, &stay, &daemon));
    EXPECT_IS(WEFT_OK, weft_thread_join_all_until(WEFT_FOREVER));
    weft_thread *thread = test_start(wait_for_event, &go);
    EXPECT_IS(2, weft_thread_count());
    EXPECT_IS(WEFT_TIMEDOUT, weft_thread_join_all_until(PAST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_thread_join_all_until(LOWEST));
    EXPECT_IS(WEFT_TIMEDOUT, weft_thread_join_all_until(SOON));
    weft_event_set(&go);
    EXPECT_IS(WEFT_OK, weft_thread_join_all_until(WEFT_FOREVER));
    EXPECT(!weft_thread_is_alive(thread));
    EXPECT(weft_thread_is_alive(background));
    EXPECT_IS(1, weft_thread_count());
    test_run_threads(1, join_the_others, NULL); /* does not wait for itself */
    weft_event_set(&stay);
    test_join(background);
    weft_thread_release(thread);
}

const test_case thread_tests[] = {
    {"what_it_did_is_seen_after_join", what_it_did_is_seen_after_join},
    {"join_has_a_deadline", join_has_a_deadline},
    {"several_may_join_one", several_may_join_one},
    {"release_does_not_end_it", release_does_not_end_it},
    {"a_join_of_itself_is_refused", a_join_of_itself_is_refused},
    {"exit_ends_it_from_deep_inside", exit_ends_it_from_deep_inside},
    {"idents_are_its_own", idents_are_its_own},
    {"has_a_name", has_a_name},
    {"has_the_stack_it_asks_for", has_the_stack_it_asks_for},
    {"an_impossible_stack_is_refused", an_impossible_stack_is_refused},
    {"join_all_waits_for_all_but_daemons", join_all_waits_for_all_but_daemons},
    {NULL, NULL},
};
