/* Reads the time arguments of the module's methods, and their common attribute. Times are seconds
 * in Python, nanoseconds in C. As CPython does, it refuses NaN, and a time that a count of
 * nanoseconds can't hold (also infinity).
 */

#include <math.h>

#include "wait.h"

#define NS_PER_S 1000000000

const weft_module_float weft_module_timeout_max_obj = {
    {&mp_type_float},
    (mp_float_t)(INT64_MAX / NS_PER_S),
};

static int64_t deadline_after(mp_float_t seconds) {
    if (isnan(seconds)) {
        mp_raise_ValueError(MP_ERROR_TEXT("Invalid value NaN (not a number)"));
    }
    if (seconds > weft_module_timeout_max_obj.seconds) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("timeout value is too large"));
    }
    if (seconds <= 0) {
        return weft_clock_deadline(0);
    }
    int64_t whole = (int64_t)seconds;
    mp_float_t fraction = (seconds - (mp_float_t)whole) * NS_PER_S;
    /* Rounded up: a wait never ends early. */
    return weft_clock_deadline(whole * NS_PER_S + (int64_t)MICROPY_FLOAT_C_FUN(ceil)(fraction));
}

int64_t weft_module_deadline(mp_obj_t timeout) {
    return timeout == mp_const_none ? WEFT_FOREVER : deadline_after(mp_obj_get_float(timeout));
}

mp_obj_t weft_module_acquire_timeout(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args,
                                     mp_obj_t none) {
    enum { ARG_blocking, ARG_timeout };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_blocking, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_TRUE}},
        {MP_QSTR_timeout, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_PTR(NULL)}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    mp_obj_t timeout = args[ARG_timeout].u_obj;
    bool limited = timeout != MP_OBJ_NULL && !mp_obj_equal(timeout, none);
    if (!mp_obj_is_true(args[ARG_blocking].u_obj)) {
        if (limited) {
            mp_raise_ValueError(MP_ERROR_TEXT("can't specify a timeout for a non-blocking call"));
        }
        return MP_OBJ_NEW_SMALL_INT(0);
    }
    return limited ? timeout : mp_const_none;
}

int64_t weft_module_lock_deadline(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    if (n_args == 0 && kw_args->used == 0) {
        return WEFT_FOREVER;
    }
    mp_obj_t timeout =
        weft_module_acquire_timeout(n_args, pos_args, kw_args, MP_OBJ_NEW_SMALL_INT(-1));
    if (timeout != mp_const_none && mp_obj_get_float(timeout) < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("timeout value must be a non-negative number"));
    }
    return weft_module_deadline(timeout);
}

void weft_module_attr_waiters(uint32_t count, qstr attr, mp_obj_t *dest) {
    if (dest[0] != MP_OBJ_NULL) {
        return; /* a store or a delete: refused */
    }
    if (attr == MP_QSTR__waiters) {
        dest[0] = mp_obj_new_int_from_uint(count);
    } else {
        dest[1] = MP_OBJ_SENTINEL; /* go on with the methods */
    }
}
