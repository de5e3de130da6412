/* Operators. On numbers, strings and bytes they take no lock. The most used operators on two small
 * ints are in line here: that pays for the test whether others need the lock.
 */
#include "operations.h"
#include "py/objint.h"
#include "py/objtuple.h"
#include "py/runtime.h"

WEFT_WRAPPED(mp_obj_t, mp_binary_op, mp_binary_op_t op, mp_obj_t left, mp_obj_t right);
WEFT_WRAPPED(mp_obj_t, mp_unary_op, mp_unary_op_t op, mp_obj_t argument);
WEFT_WRAPPED(bool, mp_obj_is_true, mp_obj_t object);

static bool is_tuple_of_scalars(mp_obj_t object) {
    if (!mp_obj_is_obj(object) || weft_type_of(object) != &mp_type_tuple) {
        return false;
    }
    const mp_obj_tuple_t *tuple = MP_OBJ_TO_PTR(object);
    return weft_are_scalars(tuple->len, tuple->items);
}

static inline bool is_int(mp_obj_t object) {
    return mp_obj_is_small_int(object) ||
           (mp_obj_is_obj(object) && weft_type_of(object) == &mp_type_int);
}

static bool needs_no_lock(mp_binary_op_t op, mp_obj_t left, mp_obj_t right) {
    if (op == MP_BINARY_OP_IS || op == MP_BINARY_OP_EXCEPTION_MATCH) {
        return true; /* the bases of a class do not change */
    }
    return weft_is_scalar(left) &&
           (weft_is_scalar(right) || (op == MP_BINARY_OP_MODULO && is_tuple_of_scalars(right)));
}

__attribute__((noinline)) static mp_obj_t on_objects(mp_binary_op_t op, mp_obj_t left,
                                                     mp_obj_t right) {
    if (weft_depth() != 0) {
        return __real_mp_binary_op(op, left, right);
    }
    mp_obj_t number = MP_OBJ_NULL;
    if (mp_obj_is_float(left) && (mp_obj_is_small_int(right) || mp_obj_is_float(right))) {
        number = mp_obj_float_binary_op(op, mp_obj_float_get(left), right);
    } else if (is_int(left) && is_int(right)) {
        number = mp_obj_int_binary_op(op, left, right);
    }
    if (number != MP_OBJ_NULL) {
        return number;
    }
    if (needs_no_lock(op, left, right)) {
        return __real_mp_binary_op(op, left, right);
    }
    if (op == MP_BINARY_OP_IN && weft_map_is_simple(left) && mp_obj_is_obj(right) &&
        weft_type_of(right) == &mp_type_dict) {
        mp_obj_t found = weft_map_find(mp_obj_dict_get_map(right), left);
        if (found != WEFT_MAP_IN_DOUBT) {
            return mp_obj_new_bool(found != MP_OBJ_NULL);
        }
    }
    weft_c_enter();
    mp_obj_t result = __real_mp_binary_op(op, left, right);
    weft_c_leave();
    return result;
}

mp_obj_t __wrap_mp_binary_op(mp_binary_op_t op, mp_obj_t left, mp_obj_t right) {
    if (!((uintptr_t)left & (uintptr_t)right & 1)) {
        return on_objects(op, left, right);
    }
    /* Small ints are their value times two, plus one: so they compare and add as they are. */
    mp_int_t result, l = (mp_int_t)left, r = (mp_int_t)right;
    switch (op) {
    case MP_BINARY_OP_ADD:
    case MP_BINARY_OP_INPLACE_ADD:
        if (!__builtin_add_overflow(l, r - 1, &result)) {
            return (mp_obj_t)result;
        }
        break;
    case MP_BINARY_OP_SUBTRACT:
    case MP_BINARY_OP_INPLACE_SUBTRACT:
        if (!__builtin_sub_overflow(l, r - 1, &result)) {
            return (mp_obj_t)result;
        }
        break;
    case MP_BINARY_OP_AND:
    case MP_BINARY_OP_INPLACE_AND:
        return (mp_obj_t)(l & r);
    case MP_BINARY_OP_LESS:
        return mp_obj_new_bool(l < r);
    case MP_BINARY_OP_MORE:
        return mp_obj_new_bool(l > r);
    case MP_BINARY_OP_EQUAL:
        return mp_obj_new_bool(l == r);
    case MP_BINARY_OP_LESS_EQUAL:
        return mp_obj_new_bool(l <= r);
    case MP_BINARY_OP_MORE_EQUAL:
        return mp_obj_new_bool(l >= r);
    case MP_BINARY_OP_NOT_EQUAL:
        return mp_obj_new_bool(l != r);
    default:
        break;
    }
    return __real_mp_binary_op(op, left, right);
}

mp_obj_t __wrap_mp_unary_op(mp_unary_op_t op, mp_obj_t argument) {
    if (weft_is_scalar(argument)) {
        return __real_mp_unary_op(op, argument);
    }
    weft_c_enter();
    mp_obj_t result = __real_mp_unary_op(op, argument);
    weft_c_leave();
    return result;
}

bool __wrap_mp_obj_is_true(mp_obj_t object) {
    if (object == mp_const_false || object == mp_const_true) {
        return object == mp_const_true;
    }
    if (weft_is_scalar(object)) {
        return __real_mp_obj_is_true(object);
    }
    weft_c_enter();
    bool result = __real_mp_obj_is_true(object);
    weft_c_leave();
    return result;
}
