/* Python's clocks for `time`. Nanoseconds are integers of their own. Seconds are floats, made of
 * nanoseconds in one step: a float of 64 bits is exact to the microsecond for centuries.
 */

#include "module.h"
#include "py/mphal.h"
#include "wait.h"

#define NS_PER_S ((mp_float_t)1e9)

static mp_obj_t module_monotonic(void) {
    return mp_obj_new_float((mp_float_t)weft_clock_now() / NS_PER_S);
}
MP_DEFINE_CONST_FUN_OBJ_0(weft_module_monotonic_obj, module_monotonic);

static mp_obj_t module_monotonic_ns(void) {
    return mp_obj_new_int_from_ll(weft_clock_now());
}
MP_DEFINE_CONST_FUN_OBJ_0(weft_module_monotonic_ns_obj, module_monotonic_ns);

/* Seconds since the epoch, with their fraction; the rp2 port's own time() has whole ones. */
static mp_obj_t module_time(void) {
    return mp_obj_new_float((mp_float_t)mp_hal_time_ns() / NS_PER_S);
}
MP_DEFINE_CONST_FUN_OBJ_0(weft_module_time_obj, module_time);

#ifndef MICROPY_PY_TIME_CUSTOM_SLEEP
/* The port's sleep() cuts a time to whole milliseconds. A negative time is no sleep, as there. */
static mp_obj_t module_sleep(mp_obj_t seconds) {
    enum { LONGEST_US = 1000000000 };
    int64_t deadline = weft_module_deadline(seconds);
    if (weft_clock_now() >= deadline) {
        mp_hal_delay_ms(0); /* lets others run */
        return mp_const_none;
    }
    int64_t left_us;
    do {
        left_us = (deadline - weft_clock_now()) / 1000;
        mp_hal_delay_us(left_us < 0 ? 0 : (mp_uint_t)MIN(left_us, LONGEST_US));
    } while (left_us > LONGEST_US);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(weft_module_sleep_obj, module_sleep);
#endif
