/* _weft.Lock and _weft.RLock: threading's locks over weft_lock and weft_rlock. */

#include "py/mphal.h"
#include "wait.h"

void weft_module_lock_taken(weft_lock_obj *self) {
    if (self->defers && mp_thread_is_main_thread()) {
        mp_sched_lock();
        self->deferred = true;
    }
}

weft_status weft_module_lock_release(weft_lock_obj *self) {
    bool deferred = self->deferred;
    self->deferred = false;
    weft_status status = weft_lock_release(&self->lock);
    if (deferred) {
        mp_sched_unlock();
        /* Main may be waiting, if another thread releases. */
        if (MP_STATE_VM(sched_state) == MP_SCHED_PENDING) {
            mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
            MICROPY_SCHED_HOOK_SCHEDULED;
            MICROPY_END_ATOMIC_SECTION(state);
        }
    }
    return status;
}

static mp_obj_t make_lock(const mp_obj_type_t *type, bool defers) {
    weft_lock_obj *self = mp_obj_malloc(weft_lock_obj, type);
    self->lock = (weft_lock)WEFT_LOCK_INIT;
    self->defers = defers;
    self->deferred = false;
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t deferring_lock(void) {
    return make_lock(&weft_lock_type, true);
}
MP_DEFINE_CONST_FUN_OBJ_0(weft_deferring_lock_obj, deferring_lock);

static mp_obj_t lock_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                              const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    return make_lock(type, false);
}

static mp_obj_t lock_acquire(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args) {
    weft_lock_obj *self = MP_OBJ_TO_PTR(args[0]);
    int64_t deadline = weft_module_lock_deadline(n_args - 1, args + 1, kw_args);
    weft_status status = WEFT_OK;
    if (!weft_lock_try(&self->lock)) {
        WEFT_WAIT(status, deadline, weft_lock_acquire_until(&self->lock, deadline));
    }
    if (status == WEFT_OK) {
        weft_module_lock_taken(self);
    }
    return mp_obj_new_bool(status == WEFT_OK);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(lock_acquire_obj, 1, lock_acquire);

static mp_obj_t lock_release(mp_obj_t self_in) {
    weft_lock_obj *self = MP_OBJ_TO_PTR(self_in);
    if (weft_module_lock_release(self) == WEFT_NOT_HELD) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("release unlocked lock"));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(lock_release_obj, lock_release);

static mp_obj_t lock_locked(mp_obj_t self_in) {
    weft_lock_obj *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_bool(weft_lock_is_held(&self->lock));
}
static MP_DEFINE_CONST_FUN_OBJ_1(lock_locked_obj, lock_locked);

static mp_obj_t lock_exit(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    return lock_release(args[0]);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(lock_exit_obj, 4, 4, lock_exit);

mp_obj_t weft_module_lock_at_once(mp_obj_t method, size_t n_args, const mp_obj_t *all) {
    weft_lock_obj *self = MP_OBJ_TO_PTR(all[0]);
    if (self->defers) {
        return MP_OBJ_NULL;
    }
    if (method == MP_OBJ_FROM_PTR(&lock_acquire_obj)) {
        return n_args == 0 && weft_lock_try(&self->lock) ? mp_const_true : MP_OBJ_NULL;
    }
    bool releases = (method == MP_OBJ_FROM_PTR(&lock_release_obj) && n_args == 0) ||
                    (method == MP_OBJ_FROM_PTR(&lock_exit_obj) && n_args == 3);
    return releases && weft_lock_release(&self->lock) == WEFT_OK ? mp_const_none : MP_OBJ_NULL;
}

static const mp_rom_map_elem_t lock_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_acquire), MP_ROM_PTR(&lock_acquire_obj)},
    {MP_ROM_QSTR(MP_QSTR_release), MP_ROM_PTR(&lock_release_obj)},
    {MP_ROM_QSTR(MP_QSTR_locked), MP_ROM_PTR(&lock_locked_obj)},
    {MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&lock_acquire_obj)},
    {MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&lock_exit_obj)},
};
static MP_DEFINE_CONST_DICT(lock_locals, lock_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(weft_lock_type, MP_QSTR_Lock, MP_TYPE_FLAG_NONE, make_new, lock_make_new,
                         locals_dict, &lock_locals);

static mp_obj_t rlock_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                               const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    weft_rlock_obj *self = mp_obj_malloc(weft_rlock_obj, type);
    self->rlock = (weft_rlock)WEFT_RLOCK_INIT;
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t rlock_acquire(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args) {
    weft_rlock_obj *self = MP_OBJ_TO_PTR(args[0]);
    int64_t deadline = weft_module_lock_deadline(n_args - 1, args + 1, kw_args);
    weft_status status = weft_rlock_try(&self->rlock);
    if (status == WEFT_TIMEDOUT) {
        WEFT_WAIT(status, deadline, weft_rlock_acquire_until(&self->rlock, deadline));
    }
    if (status == WEFT_OVERFLOW) {
        mp_raise_msg(&mp_type_OverflowError, MP_ERROR_TEXT("lock acquired too many times"));
    }
    return mp_obj_new_bool(status == WEFT_OK);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(rlock_acquire_obj, 1, rlock_acquire);

static mp_obj_t rlock_release(mp_obj_t self_in) {
    weft_rlock_obj *self = MP_OBJ_TO_PTR(self_in);
    if (weft_rlock_release(&self->rlock) == WEFT_NOT_HELD) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("cannot release un-acquired lock"));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(rlock_release_obj, rlock_release);

static mp_obj_t rlock_locked(mp_obj_t self_in) {
    weft_rlock_obj *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_bool(weft_lock_is_held(&self->rlock.lock));
}
static MP_DEFINE_CONST_FUN_OBJ_1(rlock_locked_obj, rlock_locked);

static mp_obj_t rlock_is_owned(mp_obj_t self_in) {
    weft_rlock_obj *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_bool(weft_rlock_is_owned(&self->rlock));
}
static MP_DEFINE_CONST_FUN_OBJ_1(rlock_is_owned_obj, rlock_is_owned);

static mp_obj_t rlock_exit(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    return rlock_release(args[0]);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(rlock_exit_obj, 4, 4, rlock_exit);

static const mp_rom_map_elem_t rlock_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_acquire), MP_ROM_PTR(&rlock_acquire_obj)},
    {MP_ROM_QSTR(MP_QSTR_release), MP_ROM_PTR(&rlock_release_obj)},
    {MP_ROM_QSTR(MP_QSTR_locked), MP_ROM_PTR(&rlock_locked_obj)},
    {MP_ROM_QSTR(MP_QSTR__is_owned), MP_ROM_PTR(&rlock_is_owned_obj)},
    {MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&rlock_acquire_obj)},
    {MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&rlock_exit_obj)},
};
static MP_DEFINE_CONST_DICT(rlock_locals, rlock_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(weft_rlock_type, MP_QSTR_RLock, MP_TYPE_FLAG_NONE, make_new,
                         rlock_make_new, locals_dict, &rlock_locals);
