/* What the operations of bytecode share: names, attributes, items, operators, calls, iteration.
 *
 * Each is a wrapper that does without the interpreter's lock what needs none, and for the rest
 * calls MicroPython's own function with it. What needs none: to read a table of names (map.h), and
 * what neither changes an object that others may have nor looks at one that others may change.
 */
#ifndef WEFT_OPERATIONS_H
#define WEFT_OPERATIONS_H

#include "map.h"
#include "py/obj.h"
#include "wrap.h"

static inline const mp_obj_type_t *weft_type_of(mp_obj_t object) {
    return ((mp_obj_base_t *)MP_OBJ_TO_PTR(object))->type;
}

/* Whether an object is a number, a string or bytes: never changed, and without references. */
static inline bool weft_is_scalar(mp_obj_t object) {
    if (!mp_obj_is_obj(object)) {
        return true;
    }
    const mp_obj_type_t *type = weft_type_of(object);
    return type == &mp_type_float || type == &mp_type_str || type == &mp_type_int ||
           type == &mp_type_bytes;
}

static inline bool weft_are_scalars(size_t n, const mp_obj_t *objects) {
    for (size_t i = 0; i < n; i++) {
        if (!weft_is_scalar(objects[i])) {
            return false;
        }
    }
    return true;
}

/* attributes.c: looks a member up in a class made by Python and its bases, for an instance. If it
 * is FOUND, dest is as for mp_load_method. */
enum weft_member { WEFT_ABSENT, WEFT_FOUND, WEFT_IN_DOUBT };
enum weft_member weft_find_member(mp_obj_t instance, const mp_obj_type_t *type, qstr name,
                                  mp_obj_t dest[2]);

/* snapshot.c: calls a builtin of one or two arguments that only reads its last one, if that is a
 * short list of scalars and the other a scalar; else MP_OBJ_NULL. */
mp_obj_t weft_call_with_snapshot(mp_obj_t function, size_t n_args, const mp_obj_t *args);

/* For mp_init(): find the types and functions that have no name outside of their file. */
void weft_operations_init(void);
void weft_iteration_init(void);
void weft_calls_init(void);

#endif
