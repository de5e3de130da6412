/* _weft.Semaphore(value=1, limit=None): threading's semaphore, and its bounded one with a limit. */

#include "wait.h"

typedef struct {
    mp_obj_base_t base;
    weft_semaphore semaphore;
} weft_semaphore_obj;

static mp_obj_t semaphore_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                                   const mp_obj_t *all_args) {
    enum { ARG_value, ARG_limit };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_value, MP_ARG_INT, {.u_int = 1}},
        {MP_QSTR_limit, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed), allowed, args);
    if (args[ARG_value].u_int < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("semaphore initial value must be >= 0"));
    }
    uint32_t limit = args[ARG_limit].u_obj == mp_const_none
                         ? WEFT_SEMAPHORE_LIMIT
                         : (uint32_t)mp_obj_get_int(args[ARG_limit].u_obj);
    weft_semaphore_obj *self = mp_obj_malloc(weft_semaphore_obj, type);
    self->semaphore = (weft_semaphore)WEFT_SEMAPHORE_INIT((uint32_t)args[ARG_value].u_int, limit);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t semaphore_acquire(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args) {
    weft_semaphore_obj *self = MP_OBJ_TO_PTR(args[0]);
    mp_obj_t timeout = weft_module_acquire_timeout(n_args - 1, args + 1, kw_args, mp_const_none);
    if (weft_semaphore_try(&self->semaphore)) {
        return mp_const_true; /* threading looks at a timeout only if it has to wait */
    }
    int64_t deadline = weft_module_deadline(timeout);
    weft_status status;
    WEFT_WAIT(status, deadline, weft_semaphore_acquire_until(&self->semaphore, deadline));
    return mp_obj_new_bool(status == WEFT_OK);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(semaphore_acquire_obj, 1, semaphore_acquire);

static mp_obj_t semaphore_release(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    static const mp_arg_t allowed[] = {{MP_QSTR_n, MP_ARG_INT, {.u_int = 1}}};
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    if (args[0].u_int < 1) {
        mp_raise_ValueError(MP_ERROR_TEXT("n must be one or more"));
    }
    weft_semaphore_obj *self = MP_OBJ_TO_PTR(pos_args[0]);
    if (weft_semaphore_release(&self->semaphore, (uint32_t)args[0].u_int) == WEFT_OVERFLOW) {
        mp_raise_ValueError(MP_ERROR_TEXT("Semaphore released too many times"));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(semaphore_release_obj, 1, semaphore_release);

static mp_obj_t semaphore_exit(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    weft_semaphore_obj *self = MP_OBJ_TO_PTR(args[0]);
    weft_semaphore_release(&self->semaphore, 1);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(semaphore_exit_obj, 4, 4, semaphore_exit);

static const mp_rom_map_elem_t semaphore_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_acquire), MP_ROM_PTR(&semaphore_acquire_obj)},
    {MP_ROM_QSTR(MP_QSTR_release), MP_ROM_PTR(&semaphore_release_obj)},
    {MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&semaphore_acquire_obj)},
    {MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&semaphore_exit_obj)},
};
static MP_DEFINE_CONST_DICT(semaphore_locals, semaphore_locals_table);

static void semaphore_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    weft_semaphore_obj *self = MP_OBJ_TO_PTR(self_in);
    weft_module_attr_waiters(weft_semaphore_waiting(&self->semaphore), attr, dest);
}

MP_DEFINE_CONST_OBJ_TYPE(weft_semaphore_type, MP_QSTR_Semaphore, MP_TYPE_FLAG_NONE, make_new,
                         semaphore_make_new, attr, semaphore_attr, locals_dict, &semaphore_locals);
