/* Builtins that read a short list of numbers or strings. The lock is held to copy the list to the
 * stack. The builtin then reads the copy without the lock.
 */
#include "operations.h"
#include "py/objlist.h"
#include "py/objtuple.h"

enum { MOST_ITEMS = 32 };

typedef struct {
    mp_obj_tuple_t tuple;
    mp_obj_t items[MOST_ITEMS];
} snapshot;

static bool take_snapshot(snapshot *copy, mp_obj_t object) {
    if (!mp_obj_is_obj(object) || weft_type_of(object) != &mp_type_list || weft_depth() != 0) {
        return false;
    }
    const mp_obj_list_t *list = MP_OBJ_TO_PTR(object);
    weft_interp_take(WEFT_INTERP_C);
    size_t length = list->len;
    for (size_t i = 0; i < length && i < MOST_ITEMS; i++) {
        copy->tuple.items[i] = list->items[i];
    }
    weft_interp_drop(WEFT_INTERP_C);
    copy->tuple.base.type = &mp_type_tuple;
    copy->tuple.len = length;
    return length <= MOST_ITEMS && weft_are_scalars(length, copy->tuple.items);
}

mp_obj_t weft_call_with_snapshot(mp_obj_t function, size_t n_args, const mp_obj_t *args) {
    snapshot copy;
    if (!take_snapshot(&copy, args[n_args - 1])) {
        return MP_OBJ_NULL;
    }
    const mp_obj_t own[] = {args[0], MP_OBJ_FROM_PTR(&copy)};
    return MP_OBJ_TYPE_GET_SLOT(weft_type_of(function), call)(function, n_args, 0,
                                                              own + 2 - n_args);
}
