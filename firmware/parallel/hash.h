/* What maps and sets share: how many places a table has, and what a key hashes to. */
#ifndef WEFT_HASH_H
#define WEFT_HASH_H

#include "map.h"
#include "py/runtime.h"

/* The smallest size of a table that has at least `least` places. */
size_t weft_hash_places(size_t least);

/* The count of changes of a map or set. Several tables share a count, by their addresses: so the
 * count may change although the table has not. Changed with the interpreter's lock. */
uint32_t *weft_hash_changes(const void *table);

/* With the lock. Partner: map_add.c looks at the count without it. */
static inline void weft_hash_count_change(const void *table) {
    uint32_t *changes = weft_hash_changes(table);
    WEFT_WRITE(*changes, *changes + 1);
}

/* May run Python. */
static inline size_t weft_hash(mp_obj_t key) {
    return (size_t)MP_OBJ_SMALL_INT_VALUE(mp_unary_op(MP_UNARY_OP_HASH, key));
}

#endif
