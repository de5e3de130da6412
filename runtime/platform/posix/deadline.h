/* A deadline as POSIX calls take it. */
#ifndef WEFT_PLATFORM_POSIX_DEADLINE_H
#define WEFT_PLATFORM_POSIX_DEADLINE_H

#include <stdint.h>
#include <time.h>

#define WEFT_POSIX_SECOND_NS INT64_C(1000000000)

/* The nearest time that a timespec can hold: not before 0, and with a time_t of 32 bits not after
 * 68 years, which a monotonic clock does not reach. */
static inline struct timespec weft_posix_deadline(int64_t deadline_ns) {
    const int64_t last = sizeof(time_t) < sizeof(int64_t) ? INT32_MAX : INT64_MAX;
    int64_t in_range = deadline_ns < 0 ? 0 : deadline_ns;
    int64_t seconds = in_range / WEFT_POSIX_SECOND_NS;
    return (struct timespec){.tv_sec = (time_t)(seconds > last ? last : seconds),
                             .tv_nsec = (long)(in_range % WEFT_POSIX_SECOND_NS)};
}

static inline int64_t weft_posix_now(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * WEFT_POSIX_SECOND_NS + now.tv_nsec;
}

#endif
