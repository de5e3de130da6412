/* weft_tests: runs the runtime's tests, all or those named.
 *
 *   weft_tests [--stress PERCENT] [--seed NUMBER] [--no-memory-check] [--list]
 *              [GROUP | GROUP.TEST]...
 *
 * --no-memory-check is for sanitizers and emulators, which keep memory of their own for threads
 * that have ended: growth is printed and not judged.
 * Prints a line for each test. Ends with 0, or with 1 at the first test that fails or hangs.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

enum { LIMIT_SECONDS = 300 }; /* for one test; the slowest takes some five */

extern const test_case clock_tests[], event_tests[], lock_tests[], rlock_tests[], condition_tests[],
    condition_misuse_tests[], semaphore_tests[], thread_tests[], thread_crowd_tests[];
#if !defined(_WIN32) && !defined(WEFT_CHIP_SIM)
#define IS_UNIX
extern const test_case signal_tests[], fork_tests[];
#endif

static const test_group groups[] = {
    {"clock", clock_tests},
    {"event", event_tests},
    {"lock", lock_tests},
    {"rlock", rlock_tests},
    {"condition", condition_tests},
    {"condition_misuse", condition_misuse_tests},
    {"semaphore", semaphore_tests},
    {"thread", thread_tests},
    {"thread_crowd", thread_crowd_tests},
#ifdef IS_UNIX
    {"signal", signal_tests},
    {"fork", fork_tests},
#endif
};

static const char *program;
static const char *group_name = "", *case_name = "";
static int stress_percent = 100;
static uint64_t seed = 1;
static bool checks_memory = true;

static void print_again(void) {
    printf("  see it again: %s --stress %d --seed %" PRIu64 " %s.%s\n", program, stress_percent,
           seed, group_name, case_name);
    fflush(stdout);
}

void test_fail(const char *file, int line, const char *what, const char *message) {
    printf("FAILED %s.%s\n  %s:%d: %s: %s\n", group_name, case_name, file, line, what, message);
    print_again();
    _Exit(1);
}

void test_expect(const char *file, int line, const char *what, int64_t expected, int64_t came) {
    if (expected != came) {
        char message[80];
        snprintf(message, sizeof message, "expected %" PRId64 ", came %" PRId64, expected, came);
        test_fail(file, line, what, message);
    }
}

void test_expect_text(const char *file, int line, const char *what, const char *expected,
                      const char *came) {
    if (strcmp(expected, came) != 0) {
        char message[300];
        snprintf(message, sizeof message, "expected \"%s\", came \"%s\"", expected, came);
        test_fail(file, line, what, message);
    }
}

void test_hangs(void) {
    printf("HANGS %s.%s\n  expected an end within %d s, came none\n", group_name, case_name,
           LIMIT_SECONDS);
    print_again();
    _Exit(1);
}

void test_note(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("  ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

void test_pause(int looks) {
    if (looks > 100) {
        weft_sleep_until(weft_clock_deadline(20000));
    }
}

int test_stress(int count) {
    int64_t scaled = (int64_t)count * stress_percent / 100;
    return scaled < 1 ? 1 : (int)scaled;
}

bool test_checks_memory(void) {
    return checks_memory;
}

test_random test_random_lane(uint64_t lane) {
    return (test_random){(seed * 1000003 + lane + 1) * UINT64_C(0x9E3779B97F4A7C15)};
}

uint32_t test_random_below(test_random *random, uint32_t limit) {
    /* xorshift64: Marsaglia, "Xorshift RNGs", 2003 */
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return (uint32_t)(random->state >> 32) % limit;
}

int64_t test_random_deadline(test_random *random, uint32_t limit_ns) {
    return test_random_below(random, 4) == 0
               ? PAST
               : weft_clock_deadline(test_random_below(random, limit_ns));
}

weft_thread *test_start(weft_thread_entry entry, void *argument) {
    weft_thread *thread = NULL;
    EXPECT_IS(WEFT_OK, weft_thread_start(&thread, entry, argument, NULL));
    return thread;
}

void test_join(weft_thread *thread) {
    EXPECT_IS(WEFT_OK, weft_thread_join_until(thread, WEFT_FOREVER));
    weft_thread_release(thread);
}

void test_run_threads(int count, weft_thread_entry entry, void *argument) {
    weft_thread **threads = calloc((size_t)count, sizeof *threads);
    EXPECT(threads != NULL);
    for (int i = 0; i < count; i++) {
        threads[i] = test_start(entry, argument);
    }
    for (int i = 0; i < count; i++) {
        test_join(threads[i]);
    }
    free(threads);
}

/* Whether the wish is this group, or this test of it. */
static bool is_named(const char *wish, const char *group, const char *name) {
    size_t length = strlen(group);
    if (strncmp(wish, group, length) != 0) {
        return false;
    }
    return wish[length] == '\0' || (wish[length] == '.' && strcmp(wish + length + 1, name) == 0);
}

static bool is_wanted(int wishes, char **wish, const char *group, const char *name) {
    for (int i = 0; i < wishes; i++) {
        if (is_named(wish[i], group, name)) {
            return true;
        }
    }
    return wishes == 0;
}

static int run_all(bool only_list, int wishes, char **wish) {
    int ran = 0;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        for (const test_case *test = groups[g].cases; test->name != NULL; test++) {
            if (!is_wanted(wishes, wish, groups[g].name, test->name)) {
                continue;
            }
            group_name = groups[g].name;
            case_name = test->name;
            ran++;
            if (only_list) {
                printf("%s.%s\n", group_name, case_name);
                continue;
            }
            int64_t start = weft_clock_now();
            host_watchdog(LIMIT_SECONDS);
            test->run();
            host_watchdog(LIMIT_SECONDS);
            printf("ok %s.%s (%" PRId64 " ms)\n", group_name, case_name,
                   (weft_clock_now() - start) / 1000000);
            fflush(stdout);
        }
    }
    return ran;
}

int main(int argc, char **argv) {
    bool only_list = false;
    int at = 1;
    program = argv[0];
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        if (strcmp(argv[at], "--list") == 0) {
            only_list = true;
        } else if (strcmp(argv[at], "--no-memory-check") == 0) {
            checks_memory = false;
        } else if (strcmp(argv[at], "--stress") == 0 && at + 1 < argc) {
            stress_percent = atoi(argv[++at]);
        } else if (strcmp(argv[at], "--seed") == 0 && at + 1 < argc) {
            seed = strtoull(argv[++at], NULL, 10);
        } else {
            fprintf(stderr, "weft_tests: unknown option %s; main.c tells which there are\n",
                    argv[at]);
            return 2;
        }
    }
    if (run_all(only_list, argc - at, argv + at) == 0) {
        fprintf(stderr, "weft_tests: no test has such a name; --list shows all\n");
        return 2;
    }
    return 0;
}
