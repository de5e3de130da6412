/* Collecting garbage: the other threads stand still only while the collector marks.
 *
 * What always holds: the collector takes C and HEAP, and then stops the other threads. So none of
 * them has a lock, and an object that no thread reaches after the marking stays unreachable. The
 * others go on while finalisers run and blocks are freed, until they need memory. The collector
 * keeps both locks until the end, even if a finaliser waits for the flash.
 *
 * A thread may be stopped anywhere. So an address inside of a block, in a register or on a stack,
 * keeps that block too.
 */
#include "port.h"
#include "py/gc.h"

#if MICROPY_GC_SPLIT_HEAP
#error "the heap has one area here"
#endif

enum { BLOCKS_PER_BYTE = 4, KIND_BITS = 2, KIND_MASK = 3 };
enum { FREE, HEAD, TAIL, MARKED }; /* kinds of blocks, as in py/gc.c */

void __real_gc_collect(void);
void __wrap_gc_collect(void);
void weft_collect_in_alloc(void);

/* Whether the caller has disabled interrupts in Python. Then it has both locks (disable_irq.c). */
static bool is_masked(void) {
    return (weft_depth() & WEFT_DEPTH_MASKED) != 0;
}

/* With both locks. */
static void collect(void) {
    weft_set_depth(weft_depth() + WEFT_DEPTH_PINNED);
    weft_stacks_forget_spares();
    weft_kernel_stop_others();
    __real_gc_collect(); /* mp_thread_gc_others() lets them go on */
    weft_set_depth(weft_depth() - WEFT_DEPTH_PINNED);
}

void __wrap_gc_collect(void) {
    if (is_masked()) {
        collect();
    } else if (weft_depth() < WEFT_DEPTH_PINNED) { /* otherwise a finaliser calls */
        weft_c_enter();
        weft_interp_take(WEFT_INTERP_HEAP);
        collect();
        weft_interp_drop(WEFT_INTERP_HEAP);
        weft_c_leave();
    }
}

/* Replaces gc_collect() in py/gc.c. gc_alloc() calls it with HEAP, and afterwards searches for
 * memory from the beginning. */
void weft_collect_in_alloc(void) {
    if (is_masked()) {
        collect();
        return;
    }
    weft_interp_drop(WEFT_INTERP_HEAP);
    weft_c_enter();
    weft_interp_take(WEFT_INTERP_HEAP);
    collect();
    weft_c_leave();
}

static unsigned kind_of(const mp_state_mem_area_t *area, size_t block) {
    unsigned shift = KIND_BITS * (block % BLOCKS_PER_BYTE);
    return area->gc_alloc_table_start[block / BLOCKS_PER_BYTE] >> shift & KIND_MASK;
}

/* Marks each block that a word between `from` and `to` points into, except the thread's own stack.
 * The function reads all of a stack: AddressSanitizer would report that. */
__attribute__((no_sanitize_address)) static void mark_inner(const weft_kernel_thread *thread,
                                                            void **from, void **to) {
    const mp_state_mem_area_t *area = &MP_STATE_MEM(area);
    const byte *stack_low = thread->stack_low;
    for (void **word = from; word < to; word++) {
        const byte *at = *word;
        bool in_heap = at >= area->gc_pool_start && at < area->gc_pool_end;
        if (!in_heap || (at >= stack_low && at < stack_low + thread->stack_bytes)) {
            continue;
        }
        size_t block = (size_t)(at - area->gc_pool_start) / MICROPY_BYTES_PER_GC_BLOCK;
        while (block > 0 && kind_of(area, block) == TAIL) {
            block--;
        }
        void *head = area->gc_pool_start + block * MICROPY_BYTES_PER_GC_BLOCK;
        gc_collect_root(&head, 1); /* marks a head that is not marked yet */
    }
}

/* Does early what MicroPython does after mp_thread_gc_others(). If the collector's stack was too
 * small, it has marked blocks, but not the blocks that these refer to. */
static void finish_marking(void) {
    const mp_state_mem_area_t *area = &MP_STATE_MEM(area);
    while (MP_STATE_MEM(gc_stack_overflow)) {
        MP_STATE_MEM(gc_stack_overflow) = 0;
        for (size_t block = 0; block <= area->gc_last_used_block; block++) {
            if (kind_of(area, block) == MARKED) {
                byte *first = area->gc_pool_start + block * MICROPY_BYTES_PER_GC_BLOCK;
                while (kind_of(area, block + 1) == TAIL) {
                    block++;
                }
                byte *end = area->gc_pool_start + (block + 1) * MICROPY_BYTES_PER_GC_BLOCK;
                gc_collect_root((void **)(void *)first, (size_t)(end - first) / sizeof(void *));
            }
        }
    }
}

/* The port's gc_collect() calls it last. */
void mp_thread_gc_others(void) {
    const weft_kernel_thread *self = weft_kernel_self();
    for (weft_kernel_thread *at = weft_kernel_next(NULL); at != NULL; at = weft_kernel_next(at)) {
        if (at != &weft_port_main.kernel) {
            void *block = at->stack_low;
            gc_collect_root(&block, 1);
            void *emergency = ((port_thread *)at)->emergency;
            gc_collect_root(&emergency, 1);
        }
        if (at != self) {
            void *from, *to;
            weft_kernel_stack_in_use(at, &from, &to);
            mark_inner(at, from, to);
        }
    }
    finish_marking();
    weft_kernel_resume_others();
}
