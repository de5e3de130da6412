/* Keeps interrupts' handlers in Python out: during map.c's steps of the epoch. */
#ifndef WEFT_MASK_H
#define WEFT_MASK_H

#include "hardware/sync.h"

static inline uint32_t weft_mask_handlers(void) {
    return save_and_disable_interrupts();
}

static inline void weft_unmask_handlers(uint32_t state) {
    restore_interrupts(state);
}

#endif
