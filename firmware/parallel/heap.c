/* MicroPython's heap, for threads that allocate on both cores at once.
 *
 * What always holds: a thread has HEAP while it uses the heap's tables, or is a collector that has
 * stopped the others. A wrapper calls MicroPython's function with HEAP. If that finds no memory,
 * the collector gives HEAP up first, since C comes before HEAP (collect.c).
 */
#include "port.h"
#include "py/gc.h"

void *__real_gc_alloc(size_t bytes, unsigned flags);
void __real_gc_free(void *block);
size_t __real_gc_nbytes(const void *block);
void *__real_gc_realloc(void *block, size_t bytes, bool may_move);
void __real_gc_info(gc_info_t *info);
void *__wrap_gc_alloc(size_t bytes, unsigned flags);
void __wrap_gc_free(void *block);
size_t __wrap_gc_nbytes(const void *block);
void *__wrap_gc_realloc(void *block, size_t bytes, bool may_move);
void __wrap_gc_info(gc_info_t *info);

/* Whether HEAP must not be taken: a collector has it, and a thread that has disabled interrupts. In
 * an interrupt's handler all others stand still; MicroPython's functions refuse, or only read. */
static inline bool has_it(void) {
    return weft_depth() >= WEFT_DEPTH_PINNED;
}

void *__wrap_gc_alloc(size_t bytes, unsigned flags) {
    if (has_it()) {
        return __real_gc_alloc(bytes, flags);
    }
    weft_interp_take(WEFT_INTERP_HEAP);
    void *block = __real_gc_alloc(bytes, flags);
    weft_interp_drop(WEFT_INTERP_HEAP);
    return block;
}

void __wrap_gc_free(void *block) {
    if (has_it()) {
        __real_gc_free(block);
        return;
    }
    weft_interp_take(WEFT_INTERP_HEAP);
    __real_gc_free(block);
    weft_interp_drop(WEFT_INTERP_HEAP);
}

size_t __wrap_gc_nbytes(const void *block) {
    if (has_it()) {
        return __real_gc_nbytes(block);
    }
    weft_interp_take(WEFT_INTERP_HEAP);
    size_t bytes = __real_gc_nbytes(block);
    weft_interp_drop(WEFT_INTERP_HEAP);
    return bytes;
}

void *__wrap_gc_realloc(void *block, size_t bytes, bool may_move) {
    if (has_it()) {
        return __real_gc_realloc(block, bytes, may_move);
    }
    weft_interp_take(WEFT_INTERP_HEAP);
    void *moved = __real_gc_realloc(block, bytes, may_move);
    weft_interp_drop(WEFT_INTERP_HEAP);
    return moved;
}

void __wrap_gc_info(gc_info_t *info) {
    if (has_it()) {
        __real_gc_info(info);
        return;
    }
    weft_interp_take(WEFT_INTERP_HEAP);
    __real_gc_info(info);
    weft_interp_drop(WEFT_INTERP_HEAP);
}
