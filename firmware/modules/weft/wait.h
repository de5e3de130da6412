/* How the types of the module _weft wait: without the interpreter's lock, and open to Ctrl-C.
 *
 * Every type here is one object of weft.h inside a MicroPython object. A method first tries without
 * blocking. If it has to block, it gives the interpreter's lock up, so that other threads run.
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

/* A lock that defers keeps scheduled callbacks out while the main thread holds it: so a callback
 * may take it too. Our own locks that are held for a few statements defer. A program that waits
 * with such a lock held (Queue.mutex) gets its callbacks after that. */
typedef struct {
    mp_obj_base_t base;
    weft_lock lock;
    bool defers;   /* fixed */
    bool deferred; /* the main thread holds it, and has deferred callbacks; guarded by lock */
} weft_lock_obj;

/* The first is called after the lock was taken, the second instead of weft_lock_release. */
void weft_module_lock_taken(weft_lock_obj *self);
weft_status weft_module_lock_release(weft_lock_obj *self);

/* acquire() of a free lock, or release(), for a caller without the interpreter's lock. `all` begins
 * with the lock. MP_OBJ_NULL: nothing was done, the caller has to call the method. */
mp_obj_t weft_module_lock_at_once(mp_obj_t method, size_t n_args, const mp_obj_t *all);

typedef struct {
    mp_obj_base_t base;
    weft_rlock rlock;
} weft_rlock_obj;

/* Repeats `call`, a call of weft.h that blocks until `deadline`, while it is interrupted. Before
 * each call the thread does what is pending for it: callbacks run, and an exception such as
 * KeyboardInterrupt is raised. For a caller that may not wait, see weft_module_refuse_wait. */
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

/* A port whose interrupts run Python defines this: whether the caller may wait. */
#ifndef WEFT_MODULE_MAY_WAIT
#define WEFT_MODULE_MAY_WAIT() true
#endif

/* A port whose bytecode runs without the interpreter's lock defines these. They take the lock for a
 * call by bytecode, and give it back. */
#ifndef WEFT_MODULE_ENTER
#define WEFT_MODULE_ENTER()
#define WEFT_MODULE_LEAVE()
#endif

/* For a caller that may not wait. False for a try: it has failed. A wait for some time raises
 * RuntimeError, even if there is no memory. */
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

/* The timeout of acquire(blocking=True, timeout=none). `none` means "no limit": None for a
 * semaphore, -1 for a lock. Returns None for ever, 0 for a try. Raises what threading raises for a
 * bad pair; weft_module_deadline() checks the timeout's own value. */
mp_obj_t weft_module_acquire_timeout(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args,
                                     mp_obj_t none);

/* The deadline of a lock's acquire(blocking=True, timeout=-1). Raises what threading raises. */
int64_t weft_module_lock_deadline(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args);

/* The attribute _waiters of a type: how many threads wait. A test reads it: so the test need not
 * sleep until a thread waits. */
void weft_module_attr_waiters(uint32_t count, qstr attr, mp_obj_t *dest);

#endif
