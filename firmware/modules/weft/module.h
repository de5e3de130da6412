/* The functions of the module _weft, and what a port calls. */
#ifndef WEFT_MODULE_MODULE_H
#define WEFT_MODULE_MODULE_H

#include "py/obj.h"

MP_DECLARE_CONST_FUN_OBJ_0(weft_module_monotonic_obj);
MP_DECLARE_CONST_FUN_OBJ_0(weft_module_monotonic_ns_obj);
MP_DECLARE_CONST_FUN_OBJ_0(weft_module_time_obj);
MP_DECLARE_CONST_FUN_OBJ_1(weft_module_sleep_obj);
MP_DECLARE_CONST_FUN_OBJ_0(weft_module_handled_obj);
MP_DECLARE_CONST_FUN_OBJ_KW(weft_module_print_obj);

/* A soft reset begins with a new heap: what the last program left is forgotten. */
void weft_module_forget_claims(void);
void weft_module_forget_frames(void);

#endif
