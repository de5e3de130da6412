/* Interrupts' handlers in Python: kept out during map.c's steps of the epoch. */
#ifndef WEFT_MASK_H
#define WEFT_MASK_H

#include "hardware/sync.h"
#include "pico/platform.h"

/* Whether the caller is in one. */
static inline bool weft_in_handler(void) {
    return __get_current_exception() != 0;
}

static inline uint32_t weft_mask_handlers(void) {
    return save_and_disable_interrupts();
}

static inline void weft_unmask_handlers(uint32_t state) {
    restore_interrupts(state);
}

#endif
