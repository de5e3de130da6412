/* Time: the clock, deadlines and sleep. */
#include "platform/platform.h"
#include "weft.h"

int64_t weft_clock_now(void) {
    return weft_platform_now();
}

int64_t weft_clock_deadline(int64_t timeout_ns) {
    int64_t now = weft_platform_now();
    if (timeout_ns <= 0) {
        return now;
    }
    return timeout_ns >= WEFT_FOREVER - now ? WEFT_FOREVER : now + timeout_ns;
}

weft_status weft_sleep_until(int64_t deadline_ns) {
    weft_word nobody_wakes_it = 0;
    weft_status status;
    do {
        status = weft_platform_wait(&nobody_wakes_it, 0, deadline_ns);
    } while (status == WEFT_OK);
    return status == WEFT_TIMEDOUT ? WEFT_OK : status;
}

bool weft_signals_end_waits(void) {
    return weft_platform_signals_end_waits;
}
