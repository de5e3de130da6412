/* Items. A list's item takes the lock for a few instructions. A dict's item is found without the
 * lock if its key is a string or a small int. An item of an object that can't change takes no lock.
 */
#include "operations.h"
#include "py/objlist.h"
#include "py/runtime.h"

WEFT_WRAPPED(mp_obj_t, mp_obj_subscr, mp_obj_t base, mp_obj_t index, mp_obj_t value);

/* In place of a result: MicroPython's function has to do it, with the lock. */
#define NOT_DONE MP_OBJ_NULL

/* `value` is as for mp_obj_subscr: MP_OBJ_SENTINEL to read. */
static inline mp_obj_t list_item(mp_obj_t base, mp_obj_t index, mp_obj_t value) {
    mp_obj_list_t *list = MP_OBJ_TO_PTR(base);
    mp_int_t at = MP_OBJ_SMALL_INT_VALUE(index);
    mp_obj_t result = NOT_DONE;
    weft_interp_take(WEFT_INTERP_C);
    size_t length = list->len;
    at += at < 0 ? (mp_int_t)length : 0;
    if ((size_t)at < length) {
        if (value == MP_OBJ_SENTINEL) {
            result = list->items[at];
        } else {
            list->items[at] = value;
            result = mp_const_none;
        }
    }
    weft_interp_drop(WEFT_INTERP_C);
    return result;
}

static inline mp_obj_t dict_item(mp_obj_t base, mp_obj_t key, mp_obj_t value) {
    mp_map_t *map = mp_obj_dict_get_map(base);
    if (value == MP_OBJ_SENTINEL) {
        mp_obj_t found = weft_map_find(map, key);
        return found == WEFT_MAP_IN_DOUBT ? NOT_DONE : found;
    }
    bool is_done = weft_map_replace(map, key, value) || weft_map_add(map, key, value);
    return is_done ? mp_const_none : NOT_DONE;
}

static inline mp_obj_t do_without_lock(mp_obj_t base, mp_obj_t index, mp_obj_t value) {
    if (!mp_obj_is_obj(base) || value == MP_OBJ_NULL || weft_depth() != 0) {
        return NOT_DONE;
    }
    const mp_obj_type_t *type = weft_type_of(base);
    if (type == &mp_type_list) {
        return mp_obj_is_small_int(index) ? list_item(base, index, value) : NOT_DONE;
    }
    if (type == &mp_type_dict) {
        return weft_map_is_simple(index) ? dict_item(base, index, value) : NOT_DONE;
    }
    bool is_constant = type == &mp_type_tuple || type == &mp_type_str || type == &mp_type_bytes;
    if (is_constant && (mp_obj_is_small_int(index) || mp_obj_is_type(index, &mp_type_slice))) {
        return __real_mp_obj_subscr(base, index, value);
    }
    return NOT_DONE;
}

mp_obj_t __wrap_mp_obj_subscr(mp_obj_t base, mp_obj_t index, mp_obj_t value) {
    mp_obj_t result = do_without_lock(base, index, value);
    if (result == NOT_DONE) {
        weft_c_enter();
        result = __real_mp_obj_subscr(base, index, value);
        weft_c_leave();
    }
    return result;
}
