/* What maps and sets share. */
#include "hash.h"

enum { COUNTS = 16, ALIGNMENT = 16 };
static uint32_t changes[COUNTS];

uint32_t *weft_hash_changes(const void *table) {
    return &changes[(uintptr_t)table / ALIGNMENT % COUNTS];
}

static const uint16_t sizes[] = {
    0,   2,   4,    6,    8,    10,   12, /* what a block of the heap holds; then primes */
    17,  23,  29,   37,   47,   59,   73,   97,   127,   167,   223,   293,   389,   521,
    691, 919, 1223, 1627, 2161, 3229, 4831, 7243, 10861, 16273, 24407, 36607, 54907,
};

size_t weft_hash_places(size_t least) {
    for (size_t i = 0; i < MP_ARRAY_SIZE(sizes); i++) {
        if (sizes[i] >= least) {
            return sizes[i];
        }
    }
    return (least + least / 2) | 1;
}
