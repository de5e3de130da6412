/* The harness of the runtime's C tests.
 *
 * A test is a function without arguments; a group is the tests of one file. An expectation that
 * fails prints what was expected, what came and how to see it again, and ends the program, from
 * whichever thread it was. main.c runs the groups and ends a test that hangs.
 *
 * No test sleeps to hope that a thread has come somewhere: AWAIT looks until it has.
 */
#ifndef WEFT_TESTS_HARNESS_H
#define WEFT_TESTS_HARNESS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weft.h"

typedef struct {
    const char *name;
    void (*run)(void);
} test_case;

typedef struct {
    const char *name;
    const test_case *cases; /* ends with a case without a name */
} test_group;

#define EXPECT(condition)                                                                          \
    ((condition) ? (void)0 : test_fail(__FILE__, __LINE__, #condition, "expected true, came false"))

/* Numbers and statuses: what is expected first. */
#define EXPECT_IS(expected, came)                                                                  \
    test_expect(__FILE__, __LINE__, #came, (int64_t)(expected), (int64_t)(came))

#define EXPECT_TEXT(expected, came) test_expect_text(__FILE__, __LINE__, #came, expected, came)

/* Returns when the condition is true; the test's time limit ends it if it never is. */
#define AWAIT(condition)                                                                           \
    for (int looks_ = 0; !(condition); looks_++) {                                                 \
        test_pause(looks_);                                                                        \
    }

_Noreturn void test_fail(const char *file, int line, const char *what, const char *message);
void test_expect(const char *file, int line, const char *what, int64_t expected, int64_t came);
void test_expect_text(const char *file, int line, const char *what, const char *expected,
                      const char *came);
void test_pause(int looks);

/* A line of what a test found out, for who reads the output. */
void test_note(const char *format, ...);

/* `count` for a stress of 100 percent, scaled by --stress, and at least 1. */
int test_stress(int count);

/* Whether the memory of the process is the program's own: not with --no-memory-check. */
bool test_checks_memory(void);

/* A thread's own pseudo-random numbers: each lane differs, and --seed gives the same again. */
typedef struct {
    uint64_t state;
} test_random;

test_random test_random_lane(uint64_t lane);
uint32_t test_random_below(test_random *random, uint32_t limit);

/* A deadline up to limit_ns away, and sometimes already past. */
int64_t test_random_deadline(test_random *random, uint32_t limit_ns);

/* Deadlines for waits that must time out: one that has passed, the lowest that there is, and one
 * that is soon. */
#define PAST 0
#define LOWEST INT64_MIN
#define SOON weft_clock_deadline(1000000)

weft_thread *test_start(weft_thread_entry entry, void *argument);
void test_join(weft_thread *thread); /* and gives up the handle */

/* Starts `count` threads, each with the same argument, and joins them all. */
void test_run_threads(int count, weft_thread_entry entry, void *argument);

/* What the tests need from the system; host_unix.c and host_windows.c. 0 where it can't be told. */
void host_watchdog(unsigned seconds); /* ends the program with a message unless called again */
int64_t host_memory_bytes(void);      /* in use by this process */
int64_t host_handles(void);           /* open files or handles */
int64_t host_native_threads(void);

_Noreturn void test_hangs(void); /* for the watchdog: prints which test, and ends the program */

#endif
