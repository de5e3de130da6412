/* Exceptions for which there is no memory. MicroPython has one for all; here each thread has its
 * own. The main thread and the handlers of interrupts take MicroPython's. A traceback and arguments
 * have their room in a buffer. If its size is fixed, each thread has one. If a program chooses it
 * (micropython.alloc_emergency_exception_buf()), it serves the main thread and the handlers only.
 *
 * What always holds: such an exception is one block of the heap, which begins with it. So one that
 * is kept longer than its thread stays whole.
 */
#include "emergency.h"

#include "mask.h"
#include "port.h"
#include "py/mphal.h"
#include "py/objexcept.h"
#include "py/runtime.h"

struct weft_emergency {
    mp_obj_exception_t exception;
#if MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE > 0
    size_t buffer[MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE / sizeof(size_t)];
#endif
};

struct weft_emergency *weft_emergency_new(void) {
    return m_new0(struct weft_emergency, 1);
}

/* NULL for MicroPython's. */
static struct weft_emergency *own(void) {
    return weft_in_handler() ? NULL : port_self()->emergency;
}

mp_obj_exception_t *weft_emergency_exception(void) {
    struct weft_emergency *emergency = own();
    return emergency == NULL ? &MP_STATE_VM(mp_emergency_exception_obj) : &emergency->exception;
}

#if MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE > 0

void *weft_emergency_buffer(void) {
    struct weft_emergency *emergency = own();
    return emergency == NULL ? (void *)MP_STATE_VM(mp_emergency_exception_buf) : emergency->buffer;
}

#else

/* A thread's: py/objexcept.c sets its buffer in the main thread only. */
static byte *no_buffer;
static mp_int_t no_bytes;

byte **weft_emergency_buffer(void) {
    return own() == NULL ? &MP_STATE_VM(mp_emergency_exception_buf) : &no_buffer;
}

mp_int_t *weft_emergency_bytes(void) {
    return own() == NULL ? &MP_STATE_VM(mp_emergency_exception_buf_size) : &no_bytes;
}

/* The buffer before is the collector's: the main thread may be writing to it. */
mp_obj_t mp_alloc_emergency_exception_buf(mp_obj_t size) {
    mp_int_t bytes = MAX(mp_obj_get_int(size), 0);
    byte *buffer = bytes == 0 ? NULL : m_new(byte, bytes);
    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
    MP_STATE_VM(mp_emergency_exception_buf_size) = bytes;
    MP_STATE_VM(mp_emergency_exception_buf) = buffer;
    MICROPY_END_ATOMIC_SECTION(state);
    return mp_const_none;
}

#endif
