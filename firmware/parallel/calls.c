/* Calls. A Python function runs without the lock, a C function with it. Exception: a C function
 * that uses nothing but its arguments takes no lock if these are numbers and strings.
 */
#include <string.h>

#include "operations.h"
#include "py/builtin.h"
#include "py/objfun.h"
#include "py/objlist.h"
#include "py/objtype.h"
#include "py/runtime.h"
#include "wait.h"

WEFT_WRAPPED(mp_obj_t, mp_call_function_n_kw, mp_obj_t function, size_t n_args, size_t n_kw,
             const mp_obj_t *args);
WEFT_WRAPPED(mp_obj_t, mp_call_method_n_kw, size_t n_args, size_t n_kw, const mp_obj_t *args);

extern const mp_obj_type_t mp_type_closure;

#define NOT_DONE MP_OBJ_NULL
enum { MOST_ARGUMENTS = 16 };
enum { LEAST_ROOM = 4 }; /* a list's LIST_MIN_ALLOC, in py/objlist.c */

/* Functions that use nothing but their arguments. */
static const void *const pure[] = {
    &mp_builtin_abs_obj,  &mp_builtin_bin_obj,   &mp_builtin_chr_obj, &mp_builtin_divmod_obj,
    &mp_builtin_hash_obj, &mp_builtin_hex_obj,   &mp_builtin_len_obj, &mp_builtin_max_obj,
    &mp_builtin_min_obj,  &mp_builtin_oct_obj,   &mp_builtin_ord_obj, &mp_builtin_pow_obj,
    &mp_builtin_repr_obj, &mp_builtin_round_obj, &mp_builtin_sum_obj, &mp_type_bool,
    &mp_type_bytes,       &mp_type_float,        &mp_type_int,        &mp_type_range,
    &mp_type_str,
};

enum { PURE_PLACES = 64 };
static const void *pure_places[PURE_PLACES]; /* a hash table of `pure` */

static inline size_t place_of(const void *function) {
    return ((uintptr_t)function >> 2 ^ (uintptr_t)function >> 7) % PURE_PLACES;
}

static inline bool is_pure(mp_obj_t function) {
    size_t at = place_of(MP_OBJ_TO_PTR(function));
    while (pure_places[at] != NULL && pure_places[at] != MP_OBJ_TO_PTR(function)) {
        at = (at + 1) % PURE_PLACES;
    }
    return pure_places[at] != NULL;
}

static mp_obj_t dict_get, list_append, list_pop, str_join; /* methods */

static mp_obj_t method_of(const mp_obj_type_t *type, qstr name) {
    return weft_map_find_ordered(&MP_OBJ_TYPE_GET_SLOT(type, locals_dict)->map,
                                 MP_OBJ_NEW_QSTR(name));
}

void weft_calls_init(void) {
    dict_get = method_of(&mp_type_dict, MP_QSTR_get);
    list_append = method_of(&mp_type_list, MP_QSTR_append);
    list_pop = method_of(&mp_type_list, MP_QSTR_pop);
    str_join = method_of(&mp_type_str, MP_QSTR_join);
    memset(pure_places, 0, sizeof pure_places);
    for (size_t i = 0; i < MP_ARRAY_SIZE(pure); i++) {
        size_t at = place_of(pure[i]);
        while (pure_places[at] != NULL) {
            at = (at + 1) % PURE_PLACES;
        }
        pure_places[at] = pure[i];
    }
}

static inline mp_obj_t call(mp_obj_t function, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    return MP_OBJ_TYPE_GET_SLOT(weft_type_of(function), call)(function, n_args, n_kw, args);
}

static inline mp_obj_t call_locked(mp_obj_t function, size_t n_args, size_t n_kw,
                                   const mp_obj_t *args) {
    weft_c_enter();
    mp_obj_t result = call(function, n_args, n_kw, args);
    weft_c_leave();
    return result;
}

/* len() of an object that has its length in one word; else NOT_DONE. */
static mp_obj_t length_of(mp_obj_t object) {
    const mp_obj_type_t *type = weft_type_of(object);
    if (type == &mp_type_list) {
        return MP_OBJ_NEW_SMALL_INT(WEFT_READ(((mp_obj_list_t *)MP_OBJ_TO_PTR(object))->len));
    }
    if (type == &mp_type_dict) {
        return MP_OBJ_NEW_SMALL_INT(weft_map_head(mp_obj_dict_get_map(object)).used);
    }
    return NOT_DONE;
}

static inline bool reads_items(mp_obj_t function) {
    return function == MP_OBJ_FROM_PTR(&mp_builtin_sum_obj) ||
           function == MP_OBJ_FROM_PTR(&mp_builtin_min_obj) ||
           function == MP_OBJ_FROM_PTR(&mp_builtin_max_obj);
}

__attribute__((noinline)) static mp_obj_t call_builtin(mp_obj_t function, size_t n_args,
                                                       size_t n_kw, const mp_obj_t *args) {
    if (n_kw == 0 && is_pure(function)) {
        if (weft_are_scalars(n_args, args)) {
            return call(function, n_args, n_kw, args);
        }
        mp_obj_t result = NOT_DONE;
        if (n_args == 1 && function == MP_OBJ_FROM_PTR(&mp_builtin_len_obj)) {
            result = length_of(args[0]);
        } else if (n_args == 1 && reads_items(function)) {
            result = weft_call_with_snapshot(function, 1, args);
        }
        if (result != NOT_DONE) {
            return result;
        }
    }
    return call_locked(function, n_args, n_kw, args);
}

/* Makes an instance, if the class's bases and its __init__ are all Python's; else NOT_DONE. */
__attribute__((noinline)) static mp_obj_t make_instance(mp_obj_t class, size_t n_args, size_t n_kw,
                                                        const mp_obj_t *args) {
    const mp_obj_type_t *type = MP_OBJ_TO_PTR(class);
    mp_obj_t init[2];
    if (n_args + 2 * n_kw > MOST_ARGUMENTS ||
        weft_find_member(MP_OBJ_NULL, type, MP_QSTR___new__, init) != WEFT_ABSENT) {
        return NOT_DONE;
    }
    enum weft_member found = weft_find_member(MP_OBJ_NULL, type, MP_QSTR___init__, init);
    bool is_pythons =
        found == WEFT_FOUND && mp_obj_is_obj(init[0]) && weft_type_of(init[0]) == &mp_type_fun_bc;
    if (found != WEFT_ABSENT && !is_pythons) {
        return NOT_DONE;
    }
    const mp_obj_type_t *native_base = NULL;
    mp_obj_t self = MP_OBJ_FROM_PTR(mp_obj_new_instance(type, &native_base));
    if (found == WEFT_FOUND) {
        mp_obj_t all[1 + n_args + 2 * n_kw];
        all[0] = self;
        for (size_t i = 0; i < n_args + 2 * n_kw; i++) {
            all[1 + i] = args[i];
        }
        if (call(init[0], 1 + n_args, n_kw, all) != mp_const_none) {
            mp_raise_TypeError(MP_ERROR_TEXT("__init__() should return None"));
        }
    }
    return self;
}

/* Whether the function is native code, or calls a Python function in turn. */
static inline bool enters_python(const mp_obj_type_t *type) {
    return type == &mp_type_bound_meth || type == &mp_type_closure || type == &mp_type_gen_wrap ||
           type == &mp_type_fun_native || type == &mp_type_fun_viper;
}

__attribute__((noinline)) static mp_obj_t call_other(mp_obj_t function, size_t n_args, size_t n_kw,
                                                     const mp_obj_t *args) {
    if (mp_obj_is_obj(function)) {
        const mp_obj_type_t *type = weft_type_of(function);
        if (enters_python(type)) {
            return call(function, n_args, n_kw, args);
        }
        if (type == &mp_type_type) {
            const mp_obj_type_t *class = MP_OBJ_TO_PTR(function);
            if (!mp_obj_is_instance_type(class)) {
                return call_builtin(function, n_args, n_kw, args);
            }
            mp_obj_t made = make_instance(function, n_args, n_kw, args);
            if (made != NOT_DONE) {
                return made;
            }
        }
    }
    weft_c_enter();
    mp_obj_t result = __real_mp_call_function_n_kw(function, n_args, n_kw, args);
    weft_c_leave();
    return result;
}

mp_obj_t __wrap_mp_call_function_n_kw(mp_obj_t function, size_t n_args, size_t n_kw,
                                      const mp_obj_t *args) {
    if (mp_obj_is_obj(function)) {
        const mp_obj_type_t *type = weft_type_of(function);
        if (type == &mp_type_fun_bc) {
            return call(function, n_args, n_kw, args);
        }
        if (type->flags & MP_TYPE_FLAG_BUILTIN_FUN) {
            return call_builtin(function, n_args, n_kw, args);
        }
    }
    return call_other(function, n_args, n_kw, args);
}

/* dict.get(), if that can be done without the lock; `all` begins with the dict. */
static inline mp_obj_t get_from_dict(size_t n_args, const mp_obj_t *all) {
    bool is_plain = n_args >= 1 && n_args <= 2 && mp_obj_is_obj(all[0]) &&
                    weft_type_of(all[0]) == &mp_type_dict && weft_map_is_simple(all[1]);
    if (!is_plain) {
        return NOT_DONE;
    }
    mp_obj_t value = weft_map_find(mp_obj_dict_get_map(all[0]), all[1]);
    if (value == MP_OBJ_NULL) {
        return n_args == 2 ? all[2] : mp_const_none;
    }
    return value == WEFT_MAP_IN_DOUBT ? NOT_DONE : value;
}

/* list.append() if there is room, list.pop() of the last item if the list keeps its memory. `all`
 * begins with the list. */
static inline mp_obj_t use_end_of_list(mp_obj_t function, size_t n_args, const mp_obj_t *all) {
    mp_obj_list_t *list = MP_OBJ_TO_PTR(all[0]);
    mp_obj_t result = NOT_DONE;
    weft_interp_take(WEFT_INTERP_C);
    size_t length = list->len;
    if (function == list_append && n_args == 1 && length < list->alloc) {
        list->items[length] = all[1];
        WEFT_WRITE(list->len, length + 1);
        result = mp_const_none;
    } else if (function == list_pop && n_args == 0 && length > 0 &&
               (list->alloc <= LEAST_ROOM || list->alloc <= 2 * length)) {
        result = list->items[length - 1];
        list->items[length - 1] = MP_OBJ_NULL;
        WEFT_WRITE(list->len, length - 1);
    }
    weft_interp_drop(WEFT_INTERP_C);
    return result;
}

/* Calls a builtin's method; `all` begins with its object. */
__attribute__((noinline)) static mp_obj_t call_builtin_method(mp_obj_t function, size_t n_args,
                                                              size_t n_kw, const mp_obj_t *all) {
    mp_obj_t result = NOT_DONE;
    const mp_obj_type_t *type = mp_obj_is_obj(all[0]) ? weft_type_of(all[0]) : NULL;
    if (type == &mp_type_list || type == &weft_lock_type) {
        if (n_kw == 0 && weft_depth() == 0) {
            result = type == &mp_type_list ? use_end_of_list(function, n_args, all)
                                           : weft_module_lock_at_once(function, n_args, all);
        }
    } else if (n_kw == 0 && weft_are_scalars(n_args + 1, all)) {
        return call(function, n_args + 1, 0, all); /* as pure as the functions above */
    } else if (n_kw == 0 && function == dict_get) {
        result = get_from_dict(n_args, all);
    } else if (n_kw == 0 && function == str_join && n_args == 1 && weft_is_scalar(all[0])) {
        result = weft_call_with_snapshot(function, 2, all);
    }
    if (result != NOT_DONE) {
        return result;
    }
    return call_locked(function, n_args + 1, n_kw, all);
}

/* args: the function, its self or NULL, then the arguments. */
mp_obj_t __wrap_mp_call_method_n_kw(size_t n_args, size_t n_kw, const mp_obj_t *args) {
    size_t self = args[1] != MP_OBJ_NULL;
    mp_obj_t function = args[0];
    const mp_obj_t *all = args + 2 - self;
    if (mp_obj_is_obj(function)) {
        const mp_obj_type_t *type = weft_type_of(function);
        if (type == &mp_type_fun_bc) {
            return call(function, n_args + self, n_kw, all);
        }
        if (type->flags & MP_TYPE_FLAG_BUILTIN_FUN) {
            return self ? call_builtin_method(function, n_args, n_kw, all)
                        : call_builtin(function, n_args, n_kw, all);
        }
    }
    return call_other(function, n_args + self, n_kw, all);
}
