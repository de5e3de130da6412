/* Included before py/objarray.c only: a bytearray or array that grows leaves its old block to the
 * collector (buffer.c). */
#ifndef WEFT_BUFFER_H
#define WEFT_BUFFER_H

#include "py/runtime.h"

/* Returns a block of `bytes` that begins with the `old_bytes` of the buffer: the same block, if it
 * could grow where it is. Raises MemoryError. With the interpreter's lock. */
void *weft_buffer_grow(void *buffer, size_t old_bytes, size_t bytes);

#undef m_renew
#define m_renew(type_, buffer_, old_count_, count_)                                                \
    ((type_ *)weft_buffer_grow((buffer_), sizeof(type_) * (old_count_), sizeof(type_) * (count_)))

#endif
