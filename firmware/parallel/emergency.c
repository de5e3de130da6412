/* Exceptions for which there is no memory. MicroPython has one for all; here each thread has its
 * own, with room for a short traceback. The main thread and the handlers of interrupts take
 * MicroPython's, with the buffer of micropython.alloc_emergency_exception_buf().
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

#if MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE > 0
#define ROOM_WORDS (MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE / sizeof(size_t))
#else
/* Two entries of a traceback, a tuple of one, a string: the layout is py/objexcept.c's. */
#define ROOM_WORDS (2 * 3 + 3 + 4)
#endif

struct weft_emergency {
    mp_obj_exception_t exception;
    size_t room[ROOM_WORDS];
#if MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE == 0
    byte *buffer;
    mp_int_t bytes;
#endif
};

struct weft_emergency *weft_emergency_new(void) {
    struct weft_emergency *emergency = m_new0(struct weft_emergency, 1);
#if MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE == 0
    emergency->buffer = (byte *)emergency->room;
    emergency->bytes = sizeof emergency->room;
#endif
    return emergency;
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
    return emergency == NULL ? (void *)MP_STATE_VM(mp_emergency_exception_buf) : emergency->room;
}

#else

byte **weft_emergency_buffer(void) {
    struct weft_emergency *emergency = own();
    return emergency == NULL ? &MP_STATE_VM(mp_emergency_exception_buf) : &emergency->buffer;
}

mp_int_t *weft_emergency_bytes(void) {
    struct weft_emergency *emergency = own();
    return emergency == NULL ? &MP_STATE_VM(mp_emergency_exception_buf_size) : &emergency->bytes;
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
