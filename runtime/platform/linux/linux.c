/* Linux: a word is a futex. The rest of the seam is platform/posix. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/platform.h"
#include "platform/posix/deadline.h"

const bool weft_platform_signals_end_waits = true;

int64_t weft_platform_now(void) {
    return weft_posix_now(CLOCK_MONOTONIC);
}

/* By default the kernel may end a timed wait 50 us late to save power (prctl(2),
 * PR_SET_TIMERSLACK); 1 ns is the least. It is a setting of each thread, made once, at its first
 * timed wait. */
static void set_timer_slack(void) {
    static _Thread_local bool done;
    if (!done) {
        done = true;
        prctl(PR_SET_TIMERSLACK, 1UL);
    }
}

/* FUTEX_WAIT_BITSET takes an absolute monotonic time, FUTEX_WAIT a relative one (futex(2)). On
 * 32-bit systems SYS_futex takes a time of 32 bits and SYS_futex_time64 one of 64 (Linux 5.1),
 * whichever of the two this program's time_t is. */
static long futex_wait(weft_word *word, uint32_t expected, const struct timespec *limit) {
#ifdef SYS_futex_time64
    if (sizeof limit->tv_sec > sizeof(long)) {
        return syscall(SYS_futex_time64, word, FUTEX_WAIT_BITSET_PRIVATE, expected, limit, NULL,
                       FUTEX_BITSET_MATCH_ANY);
    }
#endif
    return syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, limit, NULL,
                   FUTEX_BITSET_MATCH_ANY);
}

weft_status weft_platform_wait(weft_word *word, uint32_t expected, int64_t deadline_ns) {
    struct timespec deadline;
    struct timespec *limit = NULL;
    if (deadline_ns != WEFT_FOREVER) {
        deadline = weft_posix_deadline(deadline_ns);
        limit = &deadline;
        set_timer_slack();
    }
    if (futex_wait(word, expected, limit) == 0) {
        return WEFT_OK;
    }
    switch (errno) {
    case EAGAIN:
        return WEFT_OK;
    case ETIMEDOUT:
        return WEFT_TIMEDOUT;
    case EINTR:
        return WEFT_INTERRUPTED;
    default:
        weft_platform_panic("the kernel refuses a futex wait");
    }
}

void weft_platform_wake_one(weft_word *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void weft_platform_wake_all(weft_word *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void weft_platform_thread_set_name(const char *name) {
    prctl(PR_SET_NAME, name); /* cut to 15 bytes by the kernel */
}
