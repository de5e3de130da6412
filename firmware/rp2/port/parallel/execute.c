/* Calls of bytecode, by C code or by bytecode. C code gives the interpreter's lock up for the call
 * (exceptions.c).
 */
#include "py/bc.h"

mp_vm_return_kind_t __wrap_mp_execute_bytecode(mp_code_state_t *code_state, mp_obj_t inject);

/* Uses no stack if bytecode calls bytecode: so calls go as deep as in the other build. */
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
