/* Calls of bytecode, by C code or by bytecode: C code gives the interpreter's lock up for the call
 * (parallel/exceptions.c). And the handlers of exceptions: each keeps its depth of the lock.
 */
#include "handlers.h"
#include "py/bc.h"
#include "py/runtime.h"
#include "wrap.h"

mp_vm_return_kind_t __real_mp_execute_bytecode(mp_code_state_t *code_state, mp_obj_t inject);
mp_vm_return_kind_t __wrap_mp_execute_bytecode(mp_code_state_t *code_state, mp_obj_t inject);
mp_vm_return_kind_t weft_execute_from_c(mp_code_state_t *code_state, mp_obj_t inject);

mp_vm_return_kind_t __wrap_mp_execute_bytecode(mp_code_state_t *code_state, mp_obj_t inject) {
    if (weft_depth() == 0) {
        return __real_mp_execute_bytecode(code_state, inject);
    }
    return weft_execute_from_c(code_state, inject);
}

unsigned int __real_nlr_push_tail(nlr_buf_t *handler);
unsigned int __wrap_nlr_push_tail(nlr_buf_t *handler);

/* nlr_push() calls this last; with setjmp(), first. */
unsigned int __wrap_nlr_push_tail(nlr_buf_t *handler) {
    weft_keep_depth(handler, weft_depth());
    return __real_nlr_push_tail(handler);
}

WEFT_LOCKED_VOID(mp_handle_pending, (bool raise_exception), raise_exception)
