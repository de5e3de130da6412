/* macOS: os_sync_wait_on_address where the system has it (14.4 and later), __ulock_wait before.
 * The rest of the seam is platform/posix.
 *
 * Both are looked up when first used, so one binary serves old and new systems and needs no header
 * of a new SDK. Declarations: os/os_sync_wait_on_address.h and os/clock.h in Apple's SDK;
 * bsd/sys/ulock.h in Apple's xnu for the old call.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "platform/platform.h"

const bool weft_platform_signals_end_waits = true;

static const int64_t MICROSECOND_NS = 1000;

enum { OS_CLOCK_MACH_ABSOLUTE_TIME = 32 };
enum {
    UL_COMPARE_AND_WAIT = 1,
    ULF_WAKE_ALL = 0x100,
    ULF_NO_ERRNO = 0x1000000,
};

typedef int (*sync_wait)(void *, uint64_t value, size_t size, uint32_t flags);
typedef int (*sync_wait_timeout)(void *, uint64_t value, size_t size, uint32_t flags,
                                 uint32_t clock, uint64_t timeout_ns);
typedef int (*sync_wake)(void *, size_t size, uint32_t flags);

static sync_wait os_wait;
static sync_wait_timeout os_wait_timeout;
static sync_wake os_wake_one, os_wake_all;
static pthread_once_t looked_up = PTHREAD_ONCE_INIT;

extern int __ulock_wait(uint32_t operation, void *address, uint64_t value, uint32_t timeout_us);
extern int __ulock_wake(uint32_t operation, void *address, uint64_t wake_value);

static void look_up(void) {
    *(void **)&os_wait = dlsym(RTLD_DEFAULT, "os_sync_wait_on_address");
    *(void **)&os_wait_timeout = dlsym(RTLD_DEFAULT, "os_sync_wait_on_address_with_timeout");
    *(void **)&os_wake_one = dlsym(RTLD_DEFAULT, "os_sync_wake_by_address_any");
    *(void **)&os_wake_all = dlsym(RTLD_DEFAULT, "os_sync_wake_by_address_all");
}

static bool has_os_sync(void) {
    pthread_once(&looked_up, look_up);
    return os_wait != NULL && os_wait_timeout != NULL && os_wake_one != NULL && os_wake_all != NULL;
}

int64_t weft_platform_now(void) {
    return (int64_t)clock_gettime_nsec_np(CLOCK_UPTIME_RAW);
}

static weft_status status_of(int error) {
    switch (error) {
    case EINTR:
        return WEFT_INTERRUPTED;
    case EINVAL:
        weft_platform_panic("the system refuses a wait on an address");
    default:
        /* Callers loop. ETIMEDOUT: the next round finds the deadline past, or that the time-out
         * was cut to what the call can hold. EFAULT: the page was swapped out. */
        return WEFT_OK;
    }
}

/* Returns 0, or the error. */
static int wait_new(weft_word *word, uint32_t expected, int64_t remaining_ns) {
    int result = remaining_ns == WEFT_FOREVER
                     ? os_wait((void *)word, expected, sizeof *word, 0)
                     : os_wait_timeout((void *)word, expected, sizeof *word, 0,
                                       OS_CLOCK_MACH_ABSOLUTE_TIME, (uint64_t)remaining_ns);
    return result < 0 ? errno : 0;
}

static int wait_old(weft_word *word, uint32_t expected, int64_t remaining_ns) {
    uint32_t timeout_us = 0; /* for ever */
    if (remaining_ns != WEFT_FOREVER) {
        int64_t us = (remaining_ns + MICROSECOND_NS - 1) / MICROSECOND_NS;
        timeout_us = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
    }
    int result =
        __ulock_wait(UL_COMPARE_AND_WAIT | ULF_NO_ERRNO, (void *)word, expected, timeout_us);
    return result < 0 ? -result : 0;
}

weft_status weft_platform_wait(weft_word *word, uint32_t expected, int64_t deadline_ns) {
    int64_t remaining_ns = WEFT_FOREVER;
    if (deadline_ns != WEFT_FOREVER) {
        int64_t now = weft_platform_now();
        if (deadline_ns <= now) { /* compared first: the difference of the two may overflow */
            return atomic_load(word) == expected ? WEFT_TIMEDOUT : WEFT_OK;
        }
        remaining_ns = deadline_ns - now;
    }
    return status_of(has_os_sync() ? wait_new(word, expected, remaining_ns)
                                   : wait_old(word, expected, remaining_ns));
}

void weft_platform_wake_one(weft_word *word) {
    if (has_os_sync()) {
        os_wake_one((void *)word, sizeof *word, 0);
    } else {
        __ulock_wake(UL_COMPARE_AND_WAIT | ULF_NO_ERRNO, (void *)word, 0);
    }
}

void weft_platform_wake_all(weft_word *word) {
    if (has_os_sync()) {
        os_wake_all((void *)word, sizeof *word, 0);
    } else {
        __ulock_wake(UL_COMPARE_AND_WAIT | ULF_NO_ERRNO | ULF_WAKE_ALL, (void *)word, 0);
    }
}

void weft_platform_thread_set_name(const char *name) {
    pthread_setname_np(name);
}
