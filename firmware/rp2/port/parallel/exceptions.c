/* The depth of the interpreter's lock where C code is left and entered in another way than by a
 * call and its return: by an exception, by bytecode that C code calls, and in between
 * machine.disable_irq() and enable_irq().
 *
 * What always holds: the handler of an exception has the depth that it had when it called
 * nlr_push(), and the callbacks that run on the way have the lock if the handler has it.
 */
#include "port.h"
#include "py/bc.h"
#include "py/nlr.h"
#include "py/runtime.h"

enum { SAVED_R10 = 7 }; /* in nlr_buf_t's regs, which begin with lr, r4 */

NORETURN void __real_nlr_jump(void *value);
NORETURN void __wrap_nlr_jump(void *value);

NORETURN void __wrap_nlr_jump(void *value) {
    nlr_buf_t *top = MP_STATE_THREAD(nlr_top);
    if (top != NULL) {
        uint32_t depth = weft_depth();
        uint32_t handlers = (uint32_t)(uintptr_t)top->regs[SAVED_R10];
        handlers = (handlers & ~WEFT_DEPTH_MASKED) | (depth & WEFT_DEPTH_MASKED);
        top->regs[SAVED_R10] = (void *)(uintptr_t)handlers;
        if (depth == 0 && handlers != 0) {
            weft_c_take_back(handlers);
        }
        nlr_call_jump_callbacks(top);
        if (depth != 0 && handlers == 0) {
            weft_c_give_up();
        }
    }
    __real_nlr_jump(value);
}

mp_vm_return_kind_t __real_mp_execute_bytecode(mp_code_state_t *code_state, mp_obj_t inject);
mp_vm_return_kind_t __wrap_mp_execute_bytecode(mp_code_state_t *code_state, mp_obj_t inject);
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

/* Takes no stack where bytecode calls bytecode: so calls go as deep as in the other build. */
__attribute__((naked)) mp_vm_return_kind_t __wrap_mp_execute_bytecode(__attribute__((unused))
                                                                      mp_code_state_t *code_state,
                                                                      __attribute__((unused))
                                                                      mp_obj_t inject) {
    __asm volatile(".syntax unified\n"
                   "mov r3, r10\n"
                   "cmp r3, #0\n"
                   "bne 1f\n"
                   "ldr r3, =__real_mp_execute_bytecode\n"
                   "bx r3\n"
                   "1: ldr r3, =weft_execute_from_c\n"
                   "bx r3\n"
                   ".ltorg");
}

/* In place of the atomic sections of modmachine.c. Who has disabled interrupts keeps C, since
 * atomic sections begin inside it, and has HEAP: a thread that has been preempted with it could not
 * go on. */
uint32_t weft_port_disable_irq(void);
void weft_port_enable_irq(uint32_t state);

uint32_t weft_port_disable_irq(void) {
    if (weft_depth() < WEFT_DEPTH_PINNED) {
        weft_interp_take(WEFT_INTERP_HEAP);
    }
    uint32_t state = weft_kernel_begin_atomic();
    if (weft_depth() < WEFT_DEPTH_PINNED) {
        weft_set_depth(weft_depth() | WEFT_DEPTH_MASKED);
    }
    return state;
}

void weft_port_enable_irq(uint32_t state) {
    bool is_outermost = state == 0 && (weft_depth() & WEFT_DEPTH_MASKED) != 0;
    weft_kernel_end_atomic(state);
    if (is_outermost) {
        weft_set_depth(weft_depth() & ~WEFT_DEPTH_MASKED);
        weft_interp_drop(WEFT_INTERP_HEAP);
    }
}
