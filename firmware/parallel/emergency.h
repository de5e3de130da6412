/* Exceptions for which there is no memory (emergency.c). This is included before py/objexcept.c
 * too, with WEFT_IN_OBJEXCEPT: what that file takes from the interpreter's state is for such
 * exceptions.
 */
#ifndef WEFT_EMERGENCY_H
#define WEFT_EMERGENCY_H

#include <stdarg.h> /* before py/obj.h, for what takes a va_list */

#include "py/mpstate.h"

/* For a new thread. Raises MemoryError. */
struct weft_emergency *weft_emergency_new(void);

/* The calling thread's exception, and the buffer for its traceback and arguments. */
mp_obj_exception_t *weft_emergency_exception(void);
#if MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE > 0
void *weft_emergency_buffer(void);
#else
byte **weft_emergency_buffer(void);
mp_int_t *weft_emergency_bytes(void);
#endif

#ifdef WEFT_IN_OBJEXCEPT
#undef MP_STATE_VM
#define MP_STATE_VM(name_) WEFT_##name_
#define WEFT_mp_emergency_exception_obj (*weft_emergency_exception())
#if MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE > 0
#define WEFT_mp_emergency_exception_buf (weft_emergency_buffer())
#else
#define WEFT_mp_emergency_exception_buf (*weft_emergency_buffer())
#define WEFT_mp_emergency_exception_buf_size (*weft_emergency_bytes())
/* emergency.c has this one. */
#define mp_alloc_emergency_exception_buf weft_emergency_not_used
mp_obj_t weft_emergency_not_used(mp_obj_t size);
#endif
#endif

#endif
