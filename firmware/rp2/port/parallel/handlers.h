/* The depth of the interpreter's lock that an exception's handler had when it called nlr_push().
 * nlr_push() saves it with the other registers; nlr_jump() brings it back.
 */
#ifndef WEFT_HANDLERS_H
#define WEFT_HANDLERS_H

#include "py/nlr.h"

enum { WEFT_SAVED_R10 = 7 }; /* in nlr_buf_t's regs, which begin with lr, r4 */

static inline uint32_t weft_depth_of_handler(const nlr_buf_t *handler) {
    return (uint32_t)(uintptr_t)handler->regs[WEFT_SAVED_R10];
}

/* Sets the depth after the jump to the handler. The jump comes next. */
static inline void weft_jump_with_depth(nlr_buf_t *handler, uint32_t depth) {
    handler->regs[WEFT_SAVED_R10] = (void *)(uintptr_t)depth;
}

#endif
