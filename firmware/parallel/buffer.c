/* The blocks of bytearrays and arrays.
 *
 * What always holds: a block that another thread reads or writes stays that buffer's. A C function
 * that waits, such as readinto(), keeps the block's address without the interpreter's lock. A
 * memoryview keeps it too. So a buffer that grows does not free its old block: the collector does,
 * once no stack and no object has its address. What is read into the old block is lost (CPython
 * raises an error: "Existing exports"). No other object is overwritten.
 */
#include "buffer.h"

#include <string.h>

void *weft_buffer_grow(void *buffer, size_t old_bytes, size_t bytes) {
    byte *grown = m_renew_maybe(byte, buffer, old_bytes, bytes, false);
    if (grown == NULL) {
        grown = m_new(byte, bytes);
        memcpy(grown, buffer, old_bytes);
    }
    return grown;
}
