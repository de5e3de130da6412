/* The depth of the interpreter's lock where control does not pass by a call of C code and its
 * return: at an exception, and where C code calls bytecode.
 *
 * What always holds: an exception's handler gets back the depth that it had when it called
 * nlr_push(). The callbacks that run on the way have the lock if the handler has it.
 */
#include "handlers.h"
#include "port.h"
#include "py/bc.h"
#include "py/nlr.h"
#include "py/runtime.h"

NORETURN void __real_nlr_jump(void *value);
NORETURN void __wrap_nlr_jump(void *value);

NORETURN void __wrap_nlr_jump(void *value) {
    nlr_buf_t *top = MP_STATE_THREAD(nlr_top);
    if (top != NULL) {
        uint32_t depth = weft_depth();
        uint32_t handlers = weft_depth_of_handler(top);
        handlers = (handlers & ~WEFT_DEPTH_MASKED) | (depth & WEFT_DEPTH_MASKED);
        if (depth == 0 && handlers != 0) {
            weft_c_take_back(handlers);
        }
        nlr_call_jump_callbacks(top);
        if (depth != 0 && handlers == 0) {
            weft_c_give_up();
        }
        weft_jump_with_depth(top, handlers);
    }
    __real_nlr_jump(value);
}

mp_vm_return_kind_t __real_mp_execute_bytecode(mp_code_state_t *code_state, mp_obj_t inject);
mp_vm_return_kind_t weft_execute_from_c(mp_code_state_t *code_state, mp_obj_t inject);

mp_vm_return_kind_t weft_execute_from_c(mp_code_state_t *code_state, mp_obj_t inject) {
    uint32_t depth = weft_depth();
    if (depth >= WEFT_DEPTH_PINNED) {
        return __real_mp_execute_bytecode(code_state, inject);
    }
    weft_c_give_up();
    mp_vm_return_kind_t kind = __real_mp_execute_bytecode(code_state, inject);
    weft_c_take_back(depth);
    return kind;
}
