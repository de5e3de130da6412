/* The depth of the interpreter's lock that the handler of an exception had when it called
 * nlr_push().
 *
 * The depth lies in bits that nlr_push() leaves unused. On x86-64 they are above the 47 bits of an
 * address, in the saved stack pointer. Elsewhere they are setjmp()'s room for a signal mask:
 * setjmp() is not asked to save a mask.
 */
#ifndef WEFT_HANDLERS_H
#define WEFT_HANDLERS_H

#include "lock.h"
#include "py/mpstate.h"
#include "py/nlr.h"

#if MICROPY_NLR_SETJMP
static inline unsigned long *weft_place_of_depth(nlr_buf_t *handler) {
    enum { WORDS = sizeof handler->jmpbuf[0].__saved_mask / sizeof(unsigned long) };
    return (unsigned long *)(void *)&handler->jmpbuf[0].__saved_mask + WORDS - 1;
}

static inline void weft_keep_depth(nlr_buf_t *handler, uint32_t depth) {
    *weft_place_of_depth(handler) = depth;
}

static inline uint32_t weft_depth_of_handler(nlr_buf_t *handler) {
    return (uint32_t)*weft_place_of_depth(handler);
}

static inline void weft_jump_with_depth(nlr_buf_t *handler, uint32_t depth) {
    (void)handler;
    weft_set_depth(depth);
}
#else
enum { WEFT_SAVED_RSP = 2, WEFT_ADDRESS_BITS = 48 }; /* in nlr_buf_t's regs: rip, rbp, rsp */

static inline void weft_keep_depth(nlr_buf_t *handler, uint32_t depth) {
    uintptr_t stack_pointer = (uintptr_t)handler->regs[WEFT_SAVED_RSP];
    stack_pointer |= (uintptr_t)depth << WEFT_ADDRESS_BITS;
    handler->regs[WEFT_SAVED_RSP] = (void *)stack_pointer;
}

static inline uint32_t weft_depth_of_handler(const nlr_buf_t *handler) {
    return (uint32_t)((uintptr_t)handler->regs[WEFT_SAVED_RSP] >> WEFT_ADDRESS_BITS);
}

/* Sets the depth after the jump to the handler. The jump comes next. */
static inline void weft_jump_with_depth(nlr_buf_t *handler, uint32_t depth) {
    uintptr_t stack_pointer = (uintptr_t)handler->regs[WEFT_SAVED_RSP];
    stack_pointer &= ((uintptr_t)1 << WEFT_ADDRESS_BITS) - 1;
    handler->regs[WEFT_SAVED_RSP] = (void *)stack_pointer;
    weft_set_depth(depth);
}
#endif

#endif
