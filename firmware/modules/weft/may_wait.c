/* Where nobody may wait: in an interrupt's handler, or with interrupts masked. */

#include "py/gc.h"
#include "py/objexcept.h"
#include "py/objstr.h"
#include "wait.h"

#define MESSAGE "nobody can wait in an interrupt handler; a timeout of 0 is a try"

/* A handler can't allocate, so its exception lies here. Handlers do not nest. */
static void raise_without_memory(void) {
    static const MP_DEFINE_STR_OBJ(message, MESSAGE);
    static const mp_rom_obj_tuple_t arguments = {{&mp_type_tuple}, 1, {MP_ROM_PTR(&message)}};
    static mp_obj_exception_t exception;
    exception =
        (mp_obj_exception_t){.base = {&mp_type_RuntimeError}, .args = (mp_obj_tuple_t *)&arguments};
    nlr_raise(MP_OBJ_FROM_PTR(&exception));
}

bool weft_module_refuse_wait(int64_t deadline) {
    if (weft_clock_now() >= deadline) {
        return false;
    }
    if (gc_is_locked()) {
        raise_without_memory();
    }
    mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT(MESSAGE));
}
