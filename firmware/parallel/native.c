/* Native code (viper too) runs without the interpreter's lock, as bytecode does. That holds also if
 * C code calls it: a key function of sorted(), the body of a generator.
 */
#include "native.h"

#include "port.h"
#include "py/bc.h"

/* Whether the caller holds C and may give it up. */
static inline bool gives_up(uint32_t depth) {
    return depth != 0 && depth < WEFT_DEPTH_PINNED;
}

mp_obj_t weft_call_native(weft_native_call *call, mp_obj_t self, size_t n_args, size_t n_kw,
                          const mp_obj_t *args) {
    uint32_t depth = weft_depth();
    if (!gives_up(depth)) {
        return call(self, n_args, n_kw, args);
    }
    weft_c_give_up();
    mp_obj_t result = call(self, n_args, n_kw, args);
    weft_c_take_back(depth);
    return result;
}

uintptr_t weft_resume_native(void *code_state, mp_obj_t thrown) {
    const mp_obj_fun_bc_t *function = ((mp_code_state_t *)code_state)->fun_bc;
    void *body = mp_obj_fun_native_get_generator_resume(function);
    uintptr_t (*resume)(void *, mp_obj_t) = (uintptr_t(*)(void *, mp_obj_t))body;
    uint32_t depth = weft_depth();
    if (!gives_up(depth)) {
        return resume(code_state, thrown);
    }
    weft_c_give_up();
    uintptr_t kind = resume(code_state, thrown);
    weft_c_take_back(depth);
    return kind;
}
