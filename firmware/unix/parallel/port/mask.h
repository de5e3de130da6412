/* Interrupts' handlers in Python: there are none here. */
#ifndef WEFT_MASK_H
#define WEFT_MASK_H

#include <stdbool.h>
#include <stdint.h>

static inline bool weft_in_handler(void) {
    return false;
}

static inline uint32_t weft_mask_handlers(void) {
    return 0;
}

static inline void weft_unmask_handlers(uint32_t state) {
    (void)state;
}

#endif
