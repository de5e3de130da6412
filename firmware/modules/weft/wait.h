/* How the types of the module _weft wait: without the interpreter's lock, and open to Ctrl-C.
 *
 * Every type here is one object of weft.h inside a MicroPython object. A method first tries without
 * blocking; if it has to block it lets go of the interpreter's lock, so that other threads run.
 */
#ifndef WEFT_MODULE_WAIT_H
#define WEFT_MODULE_WAIT_H

#include "py/mpthread.h"
#include "py/runtime.h"
#include "weft.h"

extern const mp_obj_type_t weft_lock_type;
extern const mp_obj_type_t weft_rlock_type;
extern const mp_obj_type_t weft_event_type;
extern const mp_obj_type_t weft_condition_type;
extern const mp_obj_type_t weft_semaphore_type;
MP_DECLARE_CONST_FUN_OBJ_0(weft_deferring_lock_obj);

/* One that defers keeps scheduled callbacks out while the main thread holds it, so that a callback
 * may take it too: for locks of ours that are held for a few statements. A program that waits with
 * one held (Queue.mutex) gets its callbacks after that. */
typedef struct {
    mp_obj_base_t base;
    weft_lock lock;
    bool defers;   /* fixed */
    bool deferred; /* the main thread holds it, and has deferred callbacks; guarded by lock */
} weft_lock_obj;

/* After the lock was taken, and instead of weft_lock_release. */
void weft_module_lock_taken(weft_lock_obj *self);
weft_status weft_module_lock_release(weft_lock_obj *self);

/* By who does not have the interpreter's lock: acquire() of a lock that is free, and release().
 * `all` begins with the lock; MP_OBJ_NULL if nothing was done, and the method is to be called. */
mp_obj_t weft_module_lock_at_once(mp_obj_t method, size_t n_args, const mp_obj_t *all);

typedef struct {
    mp_obj_base_t base;
    weft_rlock rlock;
} weft_rlock_obj;

/* Do `call`, a call of weft.h that blocks until `deadline`, until its result is another than
 * "interrupted". Before, and whenever it is interrupted, what is pending for this thread is done:
 * callbacks, and exceptions such as KeyboardInterrupt, which are raised out of it. Where nobody may
 * wait, see weft_module_refuse_wait. */
#define WEFT_WAIT(status, deadline, call)                                                          \
    do {                                                                                           \
        if (!weft_module_may_block(deadline)) {                                                    \
            (status) = WEFT_TIMEDOUT;                                                              \
            break;                                                                                 \
        }                                                                                          \
        weft_module_handle_pending();                                                              \
        MP_THREAD_GIL_EXIT();                                                                      \
        (status) = (call);                                                                         \
        MP_THREAD_GIL_ENTER();                                                                     \
    } while ((status) == WEFT_INTERRUPTED)

/* Given by a port whose interrupts run Python: whether the caller may wait, as it may not there. */
#ifndef WEFT_MODULE_MAY_WAIT
#define WEFT_MODULE_MAY_WAIT() true
#endif

/* Given by a port whose bytecode runs without the interpreter's lock: takes it for what bytecode
 * calls, and gives it back. */
#ifndef WEFT_MODULE_ENTER
#define WEFT_MODULE_ENTER()
#define WEFT_MODULE_LEAVE()
#endif

/* For a caller that may not wait: false for a try, which has failed then. A wait with time in it
 * raises RuntimeError, also where no memory can be had. */
bool weft_module_refuse_wait(int64_t deadline);

static inline bool weft_module_may_block(int64_t deadline) {
    return WEFT_MODULE_MAY_WAIT() || weft_module_refuse_wait(deadline);
}

static inline void weft_module_handle_pending(void) {
    if (MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL ||
        MP_STATE_VM(sched_state) == MP_SCHED_PENDING) {
        mp_handle_pending(true);
    }
}

/* MicroPython's float, which it declares in no header. */
typedef struct {
    mp_obj_base_t base;
    mp_float_t seconds;
} weft_module_float;

/* TIMEOUT_MAX: the longest timeout, in seconds. */
extern const weft_module_float weft_module_timeout_max_obj;

/* The deadline that a timeout argument means: None is for ever, else seconds from now. Raises
 * ValueError for NaN and OverflowError for more than TIMEOUT_MAX. */
int64_t weft_module_deadline(mp_obj_t timeout);

/* The timeout of acquire(blocking=True, timeout=none), for which `none` stands for "no limit": None
 * for a semaphore, -1 for a lock. None is for ever, 0 a try. Raises what threading raises for a bad
 * pair; the timeout's own value is looked at by weft_module_deadline(). */
mp_obj_t weft_module_acquire_timeout(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args,
                                     mp_obj_t none);

/* The deadline of a lock's acquire(blocking=True, timeout=-1). Raises what threading raises. */
int64_t weft_module_lock_deadline(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args);

/* The attribute _waiters of a type: how many threads wait. For tests, which need not sleep to hope
 * that a thread has begun to wait. */
void weft_module_attr_waiters(uint32_t count, qstr attr, mp_obj_t *dest);

#endif
