/* What the operations of bytecode share: names, attributes, items, operators, calls, iteration.
 *
 * Each operation is a wrapper. It calls MicroPython's own function with the interpreter's lock,
 * unless no lock is needed. No lock is needed to read a table of names (map.h), to change an object
 * that no other thread has, or to read an object that no other thread changes.
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

/* attributes.c: looks an instance's member up in its Python class and the bases. If the member is
 * FOUND, dest is as for mp_load_method. */
enum weft_member { WEFT_ABSENT, WEFT_FOUND, WEFT_IN_DOUBT };
enum weft_member weft_find_member(mp_obj_t instance, const mp_obj_type_t *type, qstr name,
                                  mp_obj_t dest[2]);

/* snapshot.c: calls a builtin of one or two arguments that only reads the last one. The first of
 * two is a scalar. MP_OBJ_NULL if the last one is not a short list of scalars. */
mp_obj_t weft_call_with_snapshot(mp_obj_t function, size_t n_args, const mp_obj_t *args);

/* For mp_init(): find the types and functions that have no name outside of their file. */
void weft_operations_init(void);
void weft_iteration_init(void);
void weft_calls_init(void);

#endif
