/* _weft.Event: threading's event over weft_event. */

#include "wait.h"

typedef struct {
    mp_obj_base_t base;
    weft_event event;
} weft_event_obj;

static mp_obj_t event_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                               const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    weft_event_obj *self = mp_obj_malloc(weft_event_obj, type);
    self->event = (weft_event)WEFT_EVENT_INIT;
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t event_is_set(mp_obj_t self_in) {
    weft_event_obj *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_bool(weft_event_is_set(&self->event));
}
static MP_DEFINE_CONST_FUN_OBJ_1(event_is_set_obj, event_is_set);

static mp_obj_t event_set(mp_obj_t self_in) {
    weft_event_obj *self = MP_OBJ_TO_PTR(self_in);
    weft_event_set(&self->event);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(event_set_obj, event_set);

static mp_obj_t event_clear(mp_obj_t self_in) {
    weft_event_obj *self = MP_OBJ_TO_PTR(self_in);
    weft_event_clear(&self->event);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(event_clear_obj, event_clear);

static mp_obj_t event_wait(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    static const mp_arg_t allowed[] = {
        {MP_QSTR_timeout, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    weft_event_obj *self = MP_OBJ_TO_PTR(pos_args[0]);
    /* The observation is taken once: a set() counts even while an interruption is handled. */
    uint32_t observation = weft_event_observe(&self->event);
    if (weft_event_is_set(&self->event)) {
        return mp_const_true; /* whatever the timeout is, as in CPython */
    }
    int64_t deadline = weft_module_deadline(args[0].u_obj);
    weft_status status;
    WEFT_WAIT(status, deadline, weft_event_resume_until(&self->event, observation, deadline));
    return mp_obj_new_bool(status == WEFT_OK);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(event_wait_obj, 1, event_wait);

static const mp_rom_map_elem_t event_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_is_set), MP_ROM_PTR(&event_is_set_obj)},
    {MP_ROM_QSTR(MP_QSTR_isSet), MP_ROM_PTR(&event_is_set_obj)},
    {MP_ROM_QSTR(MP_QSTR_set), MP_ROM_PTR(&event_set_obj)},
    {MP_ROM_QSTR(MP_QSTR_clear), MP_ROM_PTR(&event_clear_obj)},
    {MP_ROM_QSTR(MP_QSTR_wait), MP_ROM_PTR(&event_wait_obj)},
};
static MP_DEFINE_CONST_DICT(event_locals, event_locals_table);

static void event_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    weft_event_obj *self = MP_OBJ_TO_PTR(self_in);
    weft_module_attr_waiters(weft_event_waiting(&self->event), attr, dest);
}

MP_DEFINE_CONST_OBJ_TYPE(weft_event_type, MP_QSTR_Event, MP_TYPE_FLAG_NONE, make_new,
                         event_make_new, attr, event_attr, locals_dict, &event_locals);
