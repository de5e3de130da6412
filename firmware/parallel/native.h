/* Included before py/objfun.c and py/objgenerator.c only: their calls of native code go through
 * native.c. A name without parentheses there is not replaced: the slot of a type. */
#ifndef WEFT_NATIVE_H
#define WEFT_NATIVE_H

#include "py/objfun.h"

typedef mp_obj_t weft_native_call(mp_obj_t self, size_t n_args, size_t n_kw, const mp_obj_t *args);

mp_obj_t weft_call_native(weft_native_call *call, mp_obj_t self, size_t n_args, size_t n_kw,
                          const mp_obj_t *args);
uintptr_t weft_resume_native(void *code_state, mp_obj_t thrown);

#ifdef WEFT_IN_OBJFUN
static mp_obj_t weft_fun_native(mp_obj_t self, size_t n_args, size_t n_kw, const mp_obj_t *args);
static mp_obj_t weft_fun_viper(mp_obj_t self, size_t n_args, size_t n_kw, const mp_obj_t *args);

static inline mp_obj_t fun_native_call(mp_obj_t self, size_t n_args, size_t n_kw,
                                       const mp_obj_t *args) {
    return weft_call_native(weft_fun_native, self, n_args, n_kw, args);
}

static inline mp_obj_t fun_viper_call(mp_obj_t self, size_t n_args, size_t n_kw,
                                      const mp_obj_t *args) {
    return weft_call_native(weft_fun_viper, self, n_args, n_kw, args);
}

#define fun_native_call(self_, n_args_, n_kw_, args_) weft_fun_native(self_, n_args_, n_kw_, args_)
#define fun_viper_call(self_, n_args_, n_kw_, args_) weft_fun_viper(self_, n_args_, n_kw_, args_)
#endif

#ifdef WEFT_IN_OBJGENERATOR
#define mp_obj_fun_native_get_generator_resume(function_) weft_resume_native
#endif

#endif
