/* Functions in assembly (@micropython.asm_thumb) may change any register, also the thread's own r9
 * and r10. Both are restored before any C code goes on.
 *
 * py/objfun.c calls such a function. In that file only, mp_native_to_obj is weft_native_to_obj. It
 * is called with the function's result, before anything else.
 */
#include "py/nativeglue.h"
#include "py/objfun.h"
#include "wrap.h"

extern const mp_obj_type_t __real_mp_type_fun_asm;
mp_obj_t weft_native_to_obj(mp_uint_t value, mp_uint_t type);

/* r9 and r10 of an interrupt's handler before the call; one handler runs at a time. A thread's are
 * in its control block. */
static weft_interrupted of_handler;

static mp_obj_t call_asm(mp_obj_t self, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    if (weft_kernel_may_wait()) {
        port_self()->depth = (uint16_t)weft_depth();
    } else {
        of_handler = (weft_interrupted){mp_thread_get_state(), weft_depth()};
    }
    return MP_OBJ_TYPE_GET_SLOT(&__real_mp_type_fun_asm, call)(self, n_args, n_kw, args);
}

mp_obj_t weft_native_to_obj(mp_uint_t value, mp_uint_t type) {
    if (weft_kernel_may_wait()) {
        const port_thread *self = port_self();
        weft_set_depth(self->depth);
        weft_port_set_state(self->kernel.owner);
    } else {
        weft_set_depth(of_handler.depth);
        weft_port_set_state(of_handler.state);
    }
    return mp_native_to_obj(value, type);
}

MP_DEFINE_CONST_OBJ_TYPE(__wrap_mp_type_fun_asm, MP_QSTR_function, MP_TYPE_FLAG_BINDS_SELF, call,
                         call_asm);
