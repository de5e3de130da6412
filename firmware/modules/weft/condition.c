/* _weft.Condition(lock=None): threading's condition over weft_condition.
 *
 * The condition's lock is a Lock or an RLock of this module. What always holds: wait() returns, or
 * raises, with the lock held as deeply as before, and its place in the queue is given up. The
 * interpreter's lock guards the queue too: a plain lock does not know its holder, so a program may
 * notify without holding the lock.
 */

#include "wait.h"

typedef struct {
    mp_obj_base_t base;
    mp_obj_t lock; /* a weft_lock_obj or a weft_rlock_obj; fixed */
    weft_condition condition;
} weft_condition_obj;

static bool lock_is_recursive(const weft_condition_obj *self) {
    return mp_obj_is_type(self->lock, &weft_rlock_type);
}

static weft_lock_obj *plain_lock_of(const weft_condition_obj *self) {
    return MP_OBJ_TO_PTR(self->lock);
}

static weft_rlock *rlock_of(const weft_condition_obj *self) {
    return &((weft_rlock_obj *)MP_OBJ_TO_PTR(self->lock))->rlock;
}

static weft_lock *lock_of(const weft_condition_obj *self) {
    return lock_is_recursive(self) ? &rlock_of(self)->lock : &plain_lock_of(self)->lock;
}

static bool lock_is_owned(const weft_condition_obj *self) {
    return lock_is_recursive(self) ? weft_rlock_is_owned(rlock_of(self))
                                   : weft_lock_is_held(lock_of(self));
}

static uint32_t release_lock(const weft_condition_obj *self) {
    if (lock_is_recursive(self)) {
        return weft_rlock_release_all(rlock_of(self));
    }
    weft_module_lock_release(plain_lock_of(self));
    return 1;
}

static weft_status take_lock_until(const weft_condition_obj *self, uint32_t depth,
                                   int64_t deadline) {
    return lock_is_recursive(self) ? weft_rlock_restore_until(rlock_of(self), depth, deadline)
                                   : weft_lock_acquire_until(lock_of(self), deadline);
}

static void note_lock_taken(const weft_condition_obj *self) {
    if (!lock_is_recursive(self)) {
        weft_module_lock_taken(plain_lock_of(self));
    }
}

/* Takes the lock again whatever happens: a pending exception has to wait. If the lock is free, the
 * thread keeps the interpreter's lock, and its turn. */
static void restore_lock(const weft_condition_obj *self, uint32_t depth) {
    weft_status status = take_lock_until(self, depth, 0);
    if (status != WEFT_OK) {
        MP_THREAD_GIL_EXIT();
        do {
            status = take_lock_until(self, depth, WEFT_FOREVER);
        } while (status == WEFT_INTERRUPTED);
        MP_THREAD_GIL_ENTER();
    }
    note_lock_taken(self);
}

static mp_obj_t condition_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                                   const mp_obj_t *all_args) {
    static const mp_arg_t allowed[] = {
        {MP_QSTR_lock, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed), allowed, args);
    mp_obj_t lock = args[0].u_obj;
    if (lock == mp_const_none) {
        lock = mp_call_function_0(MP_OBJ_FROM_PTR(&weft_rlock_type));
    }
    if (!mp_obj_is_type(lock, &weft_lock_type) && !mp_obj_is_type(lock, &weft_rlock_type)) {
        mp_raise_TypeError(MP_ERROR_TEXT("a Condition needs a Lock or an RLock of threading's"));
    }
    weft_condition_obj *self = mp_obj_malloc(weft_condition_obj, type);
    self->lock = lock;
    self->condition = (weft_condition)WEFT_CONDITION_INIT;
    return MP_OBJ_FROM_PTR(self);
}

/* Whether the waiter was notified before the deadline. Returns the exception that ended the wait,
 * or MP_OBJ_NULL. */
static mp_obj_t wait_for_notification(weft_waiter *waiter, int64_t deadline, bool *notified) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        return MP_OBJ_FROM_PTR(nlr.ret_val);
    }
    weft_status status;
    WEFT_WAIT(status, deadline, weft_waiter_wait_until(waiter, deadline));
    *notified = status == WEFT_OK;
    nlr_pop();
    return MP_OBJ_NULL;
}

static bool wait_until(weft_condition_obj *self, int64_t deadline) {
    if (!lock_is_owned(self)) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("cannot wait on un-acquired lock"));
    }
    if (!weft_module_may_block(deadline)) {
        return false; /* the lock stays held: it might not come back */
    }
    weft_waiter waiter;
    weft_condition_enqueue_locked(&self->condition, &waiter);
    uint32_t depth = release_lock(self);
    bool notified = false;
    mp_obj_t exception = wait_for_notification(&waiter, deadline, &notified);
    restore_lock(self, depth);
    if (!notified) {
        notified = weft_condition_cancel_locked(&self->condition, lock_of(self), &waiter);
    }
    if (exception != MP_OBJ_NULL) {
        if (notified) { /* a notification that nobody answers goes on to the next waiter */
            weft_condition_notify(&self->condition, lock_of(self), 1);
        }
        nlr_raise(exception);
    }
    return notified;
}

static mp_obj_t condition_wait(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    static const mp_arg_t allowed[] = {
        {MP_QSTR_timeout, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    weft_condition_obj *self = MP_OBJ_TO_PTR(pos_args[0]);
    return mp_obj_new_bool(wait_until(self, weft_module_deadline(args[0].u_obj)));
}
static MP_DEFINE_CONST_FUN_OBJ_KW(condition_wait_obj, 1, condition_wait);

static mp_obj_t condition_wait_for(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_predicate, ARG_timeout };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_predicate, MP_ARG_OBJ | MP_ARG_REQUIRED, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_timeout, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    weft_condition_obj *self = MP_OBJ_TO_PTR(pos_args[0]);
    int64_t deadline = weft_module_deadline(args[ARG_timeout].u_obj);
    mp_obj_t result = mp_call_function_0(args[ARG_predicate].u_obj);
    while (!mp_obj_is_true(result) && weft_clock_now() < deadline) {
        wait_until(self, deadline);
        result = mp_call_function_0(args[ARG_predicate].u_obj);
    }
    return result;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(condition_wait_for_obj, 2, condition_wait_for);

static void notify(weft_condition_obj *self, uint32_t count) {
    if (!lock_is_owned(self)) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("cannot notify on un-acquired lock"));
    }
    weft_condition_notify(&self->condition, lock_of(self), count);
}

static mp_obj_t condition_notify(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    static const mp_arg_t allowed[] = {{MP_QSTR_n, MP_ARG_INT, {.u_int = 1}}};
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed), allowed, args);
    notify(MP_OBJ_TO_PTR(pos_args[0]), args[0].u_int < 0 ? 0 : (uint32_t)args[0].u_int);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(condition_notify_obj, 1, condition_notify);

static mp_obj_t condition_notify_all(mp_obj_t self_in) {
    notify(MP_OBJ_TO_PTR(self_in), WEFT_ALL);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(condition_notify_all_obj, condition_notify_all);

/* Calls the lock's own method with the arguments after self. Keyword arguments follow the
 * positional ones in memory, in pairs. */
static mp_obj_t call_lock(qstr method, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    weft_condition_obj *self = MP_OBJ_TO_PTR(args[0]);
    return mp_call_function_n_kw(mp_load_attr(self->lock, method), n_args - 1, n_kw, args + 1);
}

static mp_obj_t condition_acquire(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args) {
    return call_lock(MP_QSTR_acquire, n_args, kw_args->used, args);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(condition_acquire_obj, 1, condition_acquire);

static mp_obj_t condition_release(mp_obj_t self_in) {
    return call_lock(MP_QSTR_release, 1, 0, &self_in);
}
static MP_DEFINE_CONST_FUN_OBJ_1(condition_release_obj, condition_release);

static mp_obj_t condition_exit(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    return condition_release(args[0]);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(condition_exit_obj, 4, 4, condition_exit);

static const mp_rom_map_elem_t condition_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_acquire), MP_ROM_PTR(&condition_acquire_obj)},
    {MP_ROM_QSTR(MP_QSTR_release), MP_ROM_PTR(&condition_release_obj)},
    {MP_ROM_QSTR(MP_QSTR_wait), MP_ROM_PTR(&condition_wait_obj)},
    {MP_ROM_QSTR(MP_QSTR_wait_for), MP_ROM_PTR(&condition_wait_for_obj)},
    {MP_ROM_QSTR(MP_QSTR_notify), MP_ROM_PTR(&condition_notify_obj)},
    {MP_ROM_QSTR(MP_QSTR_notify_all), MP_ROM_PTR(&condition_notify_all_obj)},
    {MP_ROM_QSTR(MP_QSTR_notifyAll), MP_ROM_PTR(&condition_notify_all_obj)},
    {MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&condition_acquire_obj)},
    {MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&condition_exit_obj)},
};
static MP_DEFINE_CONST_DICT(condition_locals, condition_locals_table);

static void condition_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    weft_condition_obj *self = MP_OBJ_TO_PTR(self_in);
    weft_module_attr_waiters(self->condition.waiting, attr, dest);
}

MP_DEFINE_CONST_OBJ_TYPE(weft_condition_type, MP_QSTR_Condition, MP_TYPE_FLAG_NONE, make_new,
                         condition_make_new, attr, condition_attr, locals_dict, &condition_locals);
