/* Keeps interrupts' handlers in Python out: there are none here. */
#ifndef WEFT_MASK_H
#define WEFT_MASK_H

#include <stdint.h>

static inline uint32_t weft_mask_handlers(void) {
    return 0;
}

static inline void weft_unmask_handlers(uint32_t state) {
    (void)state;
}

#endif
